"""How many examples of each source and language an arm or a target was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The examples of one arm or target, of the first seed.

    Attributes:
        of: ``arm`` or ``target``.
        examples: source and language → how many.
    """

    of: str
    name: str
    examples: Mapping[tuple[str, str], int]

    @property
    def languages(self) -> Mapping[str, int]:
        """Language → examples."""
        found: dict[str, int] = {}
        for (_, language), count in sorted(self.examples.items()):
            found[language] = found.get(language, 0) + count
        return found
