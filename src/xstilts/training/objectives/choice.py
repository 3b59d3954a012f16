"""An objective under the name that an experiment gives it, with its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from xstilts import registry
from xstilts.training.objectives.objective import Objective

ROOM = "training.objectives"
PLAIN = "plain"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a node trains under, where that is not the head's own loss alone."""

    name: str
    objective: Objective

    @property
    def versions(self) -> dict[str, int]:
        """For a node's versions."""
        return {f"{ROOM}.{self.name}": self.objective.version}

    def params(self) -> dict[str, Any]:
        """For a node's parameters: the name and all options."""
        return {"name": self.name, **self.objective.params()}

    def sentence(self) -> str:
        """``objective fgm (Fast gradient method; epsilon 0.5)``, for a report."""
        options = [f"{key} {value}" for key, value in self.objective.params().items()]
        return f"objective {self.name} ({'; '.join([self.objective.title, *options])})"

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """What `params` wrote, or what an experiment says; options that are left out have their defaults.

        Raises:
            UnknownName: no such objective.
            ValidationError: options that it does not have or that cannot be meant.
        """
        options = {key: value for key, value in params.items() if key != "name"}
        objective: type[Objective] = registry.find(ROOM, params["name"])
        return cls(name=params["name"], objective=objective(**options))


def chosen(keys: Mapping[str, Any] | None) -> Choice | None:
    """The objective that an experiment chooses; None for the plain one, which stays out of keys."""
    return None if keys is None or keys["name"] == PLAIN else Choice.read(keys)
