"""The keys of a pretraining: those that all methods share. A method adds its own by a subclass."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from xstilts.phases.options.fields import Count, Files, Positive, Text, Whole
from xstilts.phases.options.recipe import OptimisationSettings
from xstilts.phases.options.validation import Options

DEFAULT_METHOD = "masked_lm"
"""Of a pretraining that names none."""


class PretrainingSettings(OptimisationSettings):
    """How a pretraining optimises; its length is ``max_tokens`` of the pretraining."""

    batch_tokens: Count | None = None
    """Tokens of one step."""
    epochs: Positive | None = None
    """Passes over the ``max_tokens``, with new masks in each; 1 by default."""


class Pretraining(Options):
    """Phase i, from scratch or continued from a pretrained model: the keys that every method has."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    method: Text = DEFAULT_METHOD
    text: Annotated[Files, Field(min_length=1)]
    """Folders of plain text, one file per language, or single such files; ``microworld`` is the built-in text."""
    parallel: Files = ()
    """Folders of line-aligned files: text and its translations."""
    max_tokens: Count
    """Tokens of text, over all languages."""
    seed: Whole = 1
    """Decides which text is read, and in which order."""
    recipe: PretrainingSettings = PretrainingSettings()
    """What of the method's own recipe is to be otherwise."""

    def tiny(self, *, tokens: int, new_model: bool) -> Self:
        """The same at the size of a trial.

        Args:
            tokens: at most so many.
            new_model: whether a new model takes the place of the experiment's own.
        """
        return self.model_copy(update={"max_tokens": min(tokens, self.max_tokens)})
