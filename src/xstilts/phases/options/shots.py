"""The key ``shots`` of a target: how many examples of its target languages fine-tuning trains on as well."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, model_validator

from xstilts.phases.options.fields import Count, Languages
from xstilts.phases.options.validation import Options, refuse


class ShotKeys(Options):
    """Few-shot examples: drawn by the seed, of the training or dev rows in each language, never of test rows."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    k: Count
    """Examples of each language."""
    languages: Literal["all"] | Languages = "all"
    """Which have them; ``all``: every target language with rows to draw from."""

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        if not self.languages:
            refuse("the list is empty; expected all, or at least one language", at=("languages",))
        return self


def counted_shots(given: object) -> object:
    """``shots: 10`` is short for ten of every language."""
    return {"k": given} if isinstance(given, int | float) and not isinstance(given, bool) else given
