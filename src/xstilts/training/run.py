"""What the steps of one run share, and what the run has found so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch

from xstilts.engine.encoding import Updated
from xstilts.training.model import TransferModel
from xstilts.training.moments import Moments
from xstilts.training.recipe import Recipe
from xstilts.training.state import TrainingState
from xstilts.training.steps import Batching
from xstilts.training.streams import Plan


@dataclass(kw_only=True)
class Trained:
    """What a run of the loop found; the weights are in the model.

    Attributes:
        padding: tokens computed beyond the real ones.
        vocabulary: rows of the input embedding that were trained, and of how many; why all, where it was all.
        parts: the losses that the objective is made of, by name, of every step; None of a step under another one.
        earlier: seconds spent by earlier calls that were interrupted.
    """

    steps: int
    tokens: int
    losses: list[float] = field(default_factory=list)
    dev: list[tuple[int, float]] = field(default_factory=list)
    best_step: int = 0
    padding: int = 0
    vocabulary: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, list[float | None]] = field(default_factory=dict)
    earlier: float = field(default=0.0, compare=False)

    def add(self, loss: float, parts: Mapping[str, float]) -> None:
        """One more step: the mean of its loss, and of those that it is made of."""
        for name in parts:
            self.parts.setdefault(name, [None] * len(self.losses))
        for name, values in self.parts.items():
            values.append(parts.get(name))
        self.losses.append(loss)

    def last(self) -> str:
        """``loss 1.234 (clean 0.567, adversarial 0.667)``: the last step, for people."""
        parts = {name: values[-1] for name, values in self.parts.items()}
        said = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in parts.items() if value is not None)
        return f"loss {self.losses[-1]:.3f}" + (f" ({said})" if said else "")

    def record(self) -> dict[str, Any]:
        """What `training.json` says of it."""
        return {
            "steps": self.steps,
            "tokens": self.tokens,
            "padding": self.padding,
            "vocabulary": self.vocabulary,
            "losses": self.losses,
            **({"objective_losses": self.parts} if self.parts else {}),
        }

    def reached(self) -> dict[str, int]:
        """How many rows of the vocabulary were trained, and of how many: what a node's facts say of it."""
        names = {"rows": "vocabulary_rows", "of": "vocabulary"}
        return {fact: int(self.vocabulary[name]) for name, fact in names.items() if name in self.vocabulary}

    def selection(self) -> dict[str, Any]:
        """What it says of the dev scores and the step they select; a score that is not a number (NaN) is null."""
        return {
            "dev": [(step, None if math.isnan(score) else score) for step, score in self.dev],
            "selected_step": self.best_step or self.steps,
        }

    def saved(self) -> dict[str, Any]:
        """What a saved state holds of it, so that `resume` can go on."""
        names = ("tokens", "losses", "best_step", "padding", "parts")
        return {**{name: getattr(self, name) for name in names}, "dev": self.selection()["dev"]}

    def resume(self, saved: dict[str, Any], *, seconds: float) -> None:
        """Goes on from what was saved after so many seconds."""
        self.earlier = seconds
        self.tokens, self.losses, self.best_step, self.padding = (
            saved[name] for name in ("tokens", "losses", "best_step", "padding")
        )
        self.parts = saved.get("parts", {})
        self.dev = [(int(step), math.nan if score is None else float(score)) for step, score in saved["dev"]]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the steps of one run share.

    Attributes:
        optimizer: of the weights.
        done: what it has found so far.
    """

    model: TransferModel
    weights: Updated
    optimizer: torch.optim.Optimizer
    batching: Batching
    state: TrainingState
    validate: Callable[[TransferModel], float] | None
    moments: Moments
    done: Trained

    @property
    def plan(self) -> Plan:
        """Which task and which of its batches each step trains."""
        return self.batching.plan

    @property
    def recipe(self) -> Recipe:
        """How the model is trained."""
        return self.batching.recipe

    @cached_property
    def candidates(self) -> frozenset[int]:
        """The steps after which the dev score is asked; none where there is but one candidate."""
        steps, recipe = len(self.plan), self.recipe
        if self.validate is None:
            return frozenset()
        every = max(1, round(steps / max(recipe.epochs, 1e-9) * recipe.select_every))
        found = {*range(every, steps, every), steps}
        return frozenset(found) if len(found) > 1 else frozenset()
