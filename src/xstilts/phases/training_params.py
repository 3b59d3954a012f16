"""What the parameters of a node that trains on labelled rows say: one class writes and reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from xstilts.phases.datasets import Dataset
from xstilts.training.objectives.choice import Choice
from xstilts.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class TrainedTask:
    """One task of a training: its rows, and the rows that select."""

    train: Dataset
    max_length: int
    dev: Dataset | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found: dict[str, Any] = {"train": self.train.params(), "max_length": self.max_length}
        return found if self.dev is None else {**found, "dev": self.dev.params()}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> TrainedTask:
        """What `params` wrote."""
        dev = Dataset.read(params["dev"]) if params.get("dev") else None
        return cls(train=Dataset.read(params["train"]), max_length=int(params["max_length"]), dev=dev)


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """How often each of several tasks is drawn, as `training.sampling.mixture` takes it."""

    mixing: str = "proportional"
    cap: int | None = None
    temperature: float | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters, and for the plan of the steps."""
        found = asdict(self)
        return found if self.temperature is not None else {key: found[key] for key in ("mixing", "cap")}


@dataclass(frozen=True, kw_only=True)
class TrainingParams:
    """The parameters that every such node has; what a method adds is its own to write and to read.

    Attributes:
        mixture: of several tasks.
        objective: under which all of them train; None: the plain one, which is not part of the key.
    """

    tasks: tuple[TrainedTask, ...]
    recipe: Recipe
    seed: int
    mixture: Mixture | None = None
    objective: Choice | None = None

    @property
    def selects(self) -> bool:
        """Whether all tasks have rows that select."""
        return all(task.dev is not None for task in self.tasks)

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found: dict[str, Any] = {"tasks": [task.params() for task in self.tasks]}
        found |= {"recipe": self.recipe.params(), "seed": self.seed}
        optional = {"mixture": self.mixture, "objective": self.objective}
        return found | {key: value.params() for key, value in optional.items() if value is not None}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> TrainingParams:
        """What `params` wrote."""
        return cls(
            tasks=tuple(TrainedTask.read(task) for task in params["tasks"]),
            recipe=Recipe(**params["recipe"]),
            seed=int(params["seed"]),
            mixture=Mixture(**params["mixture"]) if params.get("mixture") else None,
            objective=Choice.read(params["objective"]) if params.get("objective") else None,
        )
