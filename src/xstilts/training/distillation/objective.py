"""The objective of a distillation: the weighted sum of its losses over the rows of a micro-batch.

Shape legend: see `compared`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from pydantic import PrivateAttr

from xstilts import registry
from xstilts.heads.defaults import apply
from xstilts.heads.head import Batch, Head
from xstilts.training.distillation.compared import Listener, Related, Side, heard
from xstilts.training.distillation.losses import relation_divergence, relative_error, vector_distance
from xstilts.training.distillation.teacher import TASK, Lesson, Lessons
from xstilts.training.objectives.objective import Objective
from xstilts.training.passes import Passes

MASKED_IDS = "masked_ids"
"""The ids of a row with masks in it: those without are what the teacher reads."""


class Distil(Objective):
    """Each loss is a mean over rows; the units are rows, so that a step has that mean whatever its micro-batches.

    Attributes:
        weights: loss → weight, of those that are used.
        relation_heads: into how many heads queries, keys and values are split.
    """

    title: ClassVar[str] = "A teacher's states"
    weights: dict[str, float]
    relation_heads: int = 1

    _lessons: Lessons = PrivateAttr()
    _projection: torch.nn.Module = PrivateAttr()
    _listener: Listener | None = PrivateAttr(default=None)
    _note: Callable[[Mapping[str, torch.Tensor], int], None] = PrivateAttr()

    @classmethod
    def by(
        cls,
        lessons: Lessons,
        *,
        weights: Mapping[str, float],
        projection: torch.nn.Module,
        note: Callable[[Mapping[str, torch.Tensor], int], None],
        last_layer: torch.nn.Module | None = None,
        relation_heads: int = 1,
    ) -> Distil:
        """The objective of one stream of rows.

        Args:
            lessons: the teacher's.
            weights: loss → weight; what is left out is not used.
            projection: from the student's width to the teacher's.
            note: is told the sum of each loss over the rows of a micro-batch, and their number.
            last_layer: of the student, where relations are used.
            relation_heads: see the class.
        """
        found = cls(weights=dict(weights), relation_heads=relation_heads)
        found._lessons, found._projection, found._note = lessons, projection, note
        if last_layer is not None and "relations" in weights:
            found._listener = Listener(last_layer)
        return found

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The weighted sum of the losses, summed over the rows; and how many rows there are."""
        lesson, side = self._lessons.on(batch), Side.of(batch)
        hidden_BTD, related = heard(self._listener, model.hidden, batch, TASK)
        found = self._compared(hidden_BTD, related, side, lesson)
        if "translation_contrast" in self.weights and side.rows > 1 and _in_pairs(batch):
            found["translation_contrast"] = _mean(_head("translation_contrast").loss(_NONE, hidden_BTD, batch))
        if MASKED_IDS in batch:
            found["masked_lm"] = _mean(model({**batch, "input_ids": batch[MASKED_IDS]}, "masked_lm"))
        for name in ("translation_contrast", "masked_lm"):
            if name in found:
                found[name] = found[name] * side.rows
        self._note({name: value.detach() for name, value in found.items()}, side.rows)
        total = torch.stack([self.weights[name] * value for name, value in found.items()]).sum()
        return total, torch.tensor(side.rows, device=total.device)

    def _compared(
        self, hidden_BTD: torch.Tensor, related: Related, side: Side, lesson: Lesson
    ) -> dict[str, torch.Tensor]:
        """The losses that the teacher has a part in."""
        found: dict[str, torch.Tensor] = {}
        of_rows: dict[str, Any] = {"rows": side.rows}
        if "hidden_states" in self.weights or "sentence_vectors" in self.weights:
            # The means of projected states are the projected means.
            states_SD = apply(self._projection, hidden_BTD[side.mask])
        if "hidden_states" in self.weights:
            found["hidden_states"] = relative_error(side.spans(states_SD), lesson.states, side.row, **of_rows)
        if "sentence_vectors" in self.weights:
            found["sentence_vectors"] = vector_distance(side.vectors(states_SD), lesson.vectors)
        if "relations" in self.weights:
            ours = [side.spans(x_SD) for x_SD in related]
            found["relations"] = relation_divergence(
                ours, lesson.related, side.row, **of_rows, heads=self.relation_heads
            )
        return found


_NONE = torch.nn.Identity()
"""The module of a head without weights."""


def _head(name: str) -> Head:
    found: Head = registry.find("heads.encoder", name)
    return found


def _in_pairs(batch: Batch) -> bool:
    """Whether every two rows are a sentence and its translation."""
    example_B = batch["example"]
    return len(example_B) % 2 == 0 and bool((example_B[0::2] == example_B[1::2]).all())


def _mean(loss: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    return loss[0] / loss[1].clamp_min(1)
