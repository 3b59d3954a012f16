"""What a user may set of a training: its recipe, its selection, its own budget.

Everything left out has a default: the model family's, then the task's. An arm's or a target's own recipe goes over the
experiment's.
"""

from __future__ import annotations

from typing import Any, Literal

from xstilts.phases.options.fields import Count, NotNegative, Positive, Share
from xstilts.phases.options.validation import Options

Precision = Literal["bf16", "fp32"]


class Selection(Options):
    """Which checkpoint of a training is kept: the best on the source language's dev set."""

    every: Positive | None = None
    """Epochs between two evaluations; a fraction evaluates more often."""
    max_examples: Count | None = None
    """Dev examples of an evaluation: a fixed sample."""
    patience: Count | None = None
    """Training stops after this many evaluations without improvement."""


class OptimisationSettings(Options):
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
    """The largest number of tokens of one model input."""
    precision: Precision | None = None
    micro_batch_tokens: Count | None = None
    """Padded tokens that pass through the model at once; a step may take several such passes."""
    plain: bool | None = None
    """Whether everything is computed by transformers and torch alone: without the engine, and several times slower."""

    def settings(self) -> dict[str, Any]:
        """What was set, by the name that it has in training; nothing that was left out."""
        return {key: value for key, value in self.model_dump(exclude_none=True).items() if key != "selection"}


class RecipeSettings(OptimisationSettings):
    """How a task is trained: intermediate, multi-task or target."""

    batch_size: Count | None = None
    """Examples of one step, whatever their length."""
    lora_rank: Count | None = None
    """Of decoders, which are trained through low-rank updates: the rank of these."""
    lora_alpha: Positive | None = None
    """Of decoders: the updates are multiplied by ``lora_alpha / lora_rank``."""
    lora_dropout: Share | None = None
    """Of decoders: the dropout of what the updates read."""
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


class OwnBudget(Options):
    """The budget of one arm or target, over the experiment's."""

    max_train_examples: Count | None = None
    max_eval_examples: Count | None = None
