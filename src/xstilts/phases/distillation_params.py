"""What the parameters of a distillation say, beside the model that the student starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xstilts.phases.pretraining import PretrainingParams
from xstilts.phases.start import ModelSource


@dataclass(frozen=True, kw_only=True)
class DistillationParams(PretrainingParams):
    """The parameters of a node.

    Attributes:
        losses: name → weight, of those that are used.
        frozen: whether the word embeddings stay as they are.
        teacher: where the teacher lies; None: it is the model that the student starts from.
        layers: of that model, counted from 1, those that the student keeps; empty: all.
        teacher_layer: whose states are read; None: the last.
        relation_layer: whose relations are read; None: that of the states.
        relation_heads: None: as many as the teacher has.
    """

    losses: Mapping[str, float] = field(default_factory=dict)
    frozen: bool = True
    teacher: ModelSource | None = None
    layers: tuple[int, ...] = ()
    teacher_layer: int | None = None
    relation_layer: int | None = None
    relation_heads: int | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what is left open is left out."""
        own = {
            "teacher": self.teacher.params()["model"] if self.teacher else None,
            "layers": list(self.layers) or None,
            "teacher_layer": self.teacher_layer,
            "relation_layer": self.relation_layer,
            "relation_heads": self.relation_heads,
        }
        said = {name: value for name, value in own.items() if value is not None}
        return {**super().params(), "losses": dict(self.losses), "freeze_embedding": self.frozen, **said}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> DistillationParams:
        """What `params` wrote."""
        return cls(
            **vars(PretrainingParams.read(params)),
            losses={name: float(weight) for name, weight in params["losses"].items()},
            frozen=bool(params["freeze_embedding"]),
            teacher=ModelSource.read({"model": params["teacher"]}) if "teacher" in params else None,
            layers=tuple(params.get("layers", ())),
            teacher_layer=params.get("teacher_layer"),
            relation_layer=params.get("relation_layer"),
            relation_heads=params.get("relation_heads"),
        )
