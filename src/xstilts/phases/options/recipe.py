"""What an experiment may say about training: a recipe, a selection, a budget, masked LM beside the tasks.

Everything left out has a default.

Defaults are the model family's and the task's; an arm's or a target's own recipe goes over the experiment's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic import Strict as StrictType

from xstilts.experiments.validation import (
    Count,
    Files,
    Model,
    Name,
    NotNegative,
    Positive,
    Share,
    Text,
    language_id,
    refuse_repeated,
)

Precision = Literal["bf16", "fp32"]


class Selection(Model):
    """Which checkpoint of a training is kept: the best on the source language's dev set."""

    every: Positive | None = None
    """Epochs between two evaluations; a fraction evaluates more often."""
    max_examples: Count | None = None
    """Dev examples of an evaluation: a fixed sample."""
    patience: Count | None = None
    """Evaluations without a better one before training stops."""


class Optimisation(Model):
    """What every training may override, pretraining included."""

    learning_rate: Positive | None = None
    warmup: Share | None = None
    """Share of the steps over which the learning rate rises."""
    weight_decay: NotNegative | None = None
    adam_epsilon: Positive | None = None
    clip: NotNegative | None = None
    """Largest norm of the gradient; 0: no clipping."""
    dropout: Share | None = None
    max_length: Count | None = None
    """Tokens of one model input."""
    precision: Precision | None = None
    micro_batch_tokens: Count | None = None
    """Padded tokens that pass through the model at once; a step may take several such passes."""

    def settings(self) -> dict[str, Any]:
        """What was set, by the name that it has in training; nothing that was left out."""
        return {key: value for key, value in self.model_dump(exclude_none=True).items() if key != "selection"}


class Recipe(Optimisation):
    """How a task is trained: intermediate, multi-task or target."""

    batch_size: Count | None = None
    """Examples of one step, whatever their length."""
    epochs: Positive | None = None
    max_steps: Count | None = None
    """Ends training before its epochs do."""
    selection: Selection | None = None

    def settings(self) -> dict[str, Any]:
        """What was set, by the name that it has in training; nothing that was left out."""
        chosen = self.selection or Selection()
        selection = {
            "select_every": chosen.every,
            "select_examples": chosen.max_examples,
            "patience": chosen.patience,
        }
        return super().settings() | {key: value for key, value in selection.items() if value is not None}


class PretrainingRecipe(Optimisation):
    """How the masked language model is trained; its length is ``max_tokens`` of the pretraining."""

    batch_tokens: Count | None = None
    """Tokens of one step."""
    epochs: Positive | None = None
    """Passes over the ``max_tokens``, masked anew in each; 1 by default."""


class MaskedLM(Model):
    """Masked language modelling in steps of its own, among those of an arm's tasks."""

    text: Annotated[Files, Field(min_length=1)]
    """As of a pretraining: folders of plain text, one file per language, or single such files; or ``microworld``."""
    share: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    """Of all steps. Those of the tasks stay as many as they are without it: it comes on top."""
    languages: Annotated[tuple[Text, ...], StrictType(False)] = ()
    """Of the text; left out: all that it has."""
    batch_tokens: Count | None = None
    """Tokens of one of its steps; left out: the recipe's ``batch_size`` rows of ``max_length`` tokens."""

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        ids = tuple(language_id(code, at=(i,)) for i, code in enumerate(given))
        refuse_repeated(ids, "language")
        return ids


def _by_training_set(value: object) -> object:
    return {"default": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Budget(Model):
    """How many examples are trained on and evaluated."""

    max_train_examples: Annotated[dict[Name, Count | None], BeforeValidator(_by_training_set)] | None = None
    """Limit per training set, under ``default`` for those not named; null: no limit."""
    max_eval_examples: Count | None = None
    """Limit per test set and language: a fixed sample, the same positions in every parallel language."""


class OwnBudget(Model):
    """The budget of one arm or target, over the experiment's."""

    max_train_examples: Count | None = None
    max_eval_examples: Count | None = None
