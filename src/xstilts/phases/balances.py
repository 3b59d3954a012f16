"""How many examples of each language a set over several languages has: its balance, to the example."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROPORTIONAL, TEMPERATURE, UNIFORM = "proportional", "temperature", "uniform"
NAMES = (PROPORTIONAL, TEMPERATURE, UNIFORM)


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The share of every language.

    Attributes:
        name: ``proportional`` (p ∝ min(n, cap)), ``temperature`` (p ∝ min(n, cap)^(1/temperature)) or ``uniform``.
        cap: examples of a language at most.
        temperature: above 1, small languages have more than their share.
        shares: language → its share of all, in any unit: instead of a name.
    """

    name: str = PROPORTIONAL
    cap: int | None = None
    temperature: float | None = None
    shares: Mapping[str, float] | None = None

    @property
    def whole(self) -> bool:
        """Whether all rows together keep it."""
        return self.shares is None and self.name == PROPORTIONAL

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what is not given is left out."""
        found: dict[str, Any] = {"shares": dict(self.shares)} if self.shares else {"name": self.name}
        optional = {"cap": self.cap, "temperature": self.temperature}
        return found | {key: value for key, value in optional.items() if value is not None}

    def available(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Language → how many of its rows may be drawn."""
        return {language: min(size, self.cap or size) for language, size in sizes.items()}

    def probabilities(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Language → its share, summing to 1.

        Args:
            sizes: language → its rows.
        """
        available = self.available(sizes)
        if self.shares is not None:
            weights = {language: self.shares[language] for language in sizes}
        elif self.name == UNIFORM:
            weights = dict.fromkeys(sizes, 1.0)
        else:
            exponent = 1.0 / (self.temperature or 1.0) if self.name == TEMPERATURE else 1.0
            weights = {language: size**exponent for language, size in available.items()}
        total = sum(weights.values())
        return {language: weight / total for language, weight in weights.items()}

    def most(self, sizes: Mapping[str, int]) -> tuple[int, str]:
        """The most examples that keep the balance without repeating a row, and the language that has no more."""
        shares, available = self.probabilities(sizes), self.available(sizes)
        if self.whole:
            return sum(available.values()), min(available, key=lambda language: available[language])
        short = min(sizes, key=lambda language: (available[language] / shares[language], language))
        return math.floor(available[short] / shares[short] + ROUNDING), short

    def counts(self, sizes: Mapping[str, int], total: int) -> dict[str, int]:
        """Language → examples, which sum up to ``total``: as close to the shares as whole examples are.

        Args:
            sizes: language → its rows.
            total: at most as many as `most` says.
        """
        exact = {language: share * total for language, share in self.probabilities(sizes).items()}
        found = {language: math.floor(number + ROUNDING) for language, number in exact.items()}
        order = sorted(exact, key=lambda language: (found[language] - exact[language], language))
        for language in order[: total - sum(found.values())]:
            found[language] += 1
        return found


ROUNDING = 1e-9
"""What a product of shares may be away from the whole number that it is."""
