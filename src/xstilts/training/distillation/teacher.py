"""The teacher: what it makes of a micro-batch, once and for all, or computed each time.

Shape legend: see `compared`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from accelerate import Accelerator

from xstilts.engine.batches import collate, to_tensors
from xstilts.heads.columns import Columns
from xstilts.heads.head import Batch
from xstilts.heads.rows import Rows
from xstilts.models.loading import base_of, encoder_layers
from xstilts.training.distillation.compared import Listener, Related, Side, heard
from xstilts.training.distillation.kept import Kept
from xstilts.training.model import TransferModel

TASK = "distillation"
"""By which name student and teacher read a row."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the teacher makes of a micro-batch: spans [N, D] and rows [B, D], fp32."""

    states: torch.Tensor
    vectors: torch.Tensor
    related: Related = ()


class Teacher:
    """A frozen model that reads what its student reads.

    Args:
        model: reads rows by the name `TASK`.
        accelerator: gives device and precision.
        layer: whose states are read (1: after the first); None: the last.
        relations: the layer whose queries, keys and values are read; None: none are.
        pad_id: of its tokenizer.
    """

    def __init__(
        self,
        model: TransferModel,
        accelerator: Accelerator,
        *,
        layer: int | None,
        relations: int | None,
        pad_id: int,
    ) -> None:
        self.model, self.accelerator, self.pad_id = model, accelerator, pad_id
        if layer is not None:
            model.layers[TASK] = layer
        layers = encoder_layers(base_of(model.encoder))
        assert layers is not None
        self._listener = None if relations is None else Listener(layers[relations - 1])
        self.layout = model.engine.layout(model.encoder)

    @property
    def width(self) -> int:
        """Of its states."""
        return int(base_of(self.model.encoder).config.hidden_size)

    @property
    def related(self) -> bool:
        """Whether queries, keys and values are read."""
        return self._listener is not None

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Within the block it computes in the precision of the run, without dropout."""
        self.model.to(self.accelerator.device)
        self.model.eval()
        dtype = torch.bfloat16 if self.accelerator.mixed_precision == "bf16" else torch.float32
        with self.model.engine.predicting(self.model, dtype):
            yield

    @torch.no_grad()
    def lesson(self, batch: Batch) -> Lesson:
        """What it makes of rows in its own pieces."""
        side = Side.of(batch)
        with self.accelerator.autocast():
            hidden_BTD, related = heard(self._listener, self.model.hidden, batch, TASK)
        states_SD = hidden_BTD[side.mask]
        return Lesson(
            states=side.spans(states_SD),
            vectors=side.vectors(states_SD),
            related=tuple(side.spans(x_SD) for x_SD in related),
        )


class Lessons:
    """The lessons of one stream of rows.

    Args:
        teacher: gives them.
        rows: the same rows in the teacher's pieces; None: its pieces are the student's.
        columns: of those.
        kept: where lessons are kept from one epoch to the next; None: each is computed anew.
    """

    def __init__(
        self, teacher: Teacher, *, rows: Rows | None = None, columns: Columns | None = None, kept: Kept | None = None
    ) -> None:
        self.teacher, self._rows, self._columns, self._kept = teacher, rows, columns or {}, kept

    def on(self, batch: Batch) -> Lesson:
        """What the teacher makes of the student's micro-batch."""
        if self._kept is None:
            return self.teacher.lesson(self._read(batch))
        chosen = batch["row"].cpu().numpy()
        found = self._kept.find(chosen)
        if found is None:
            lesson = self.teacher.lesson(self._read(batch))
            self._kept.put(chosen, [lesson.vectors], [lesson.states, *lesson.related])
            found = self._kept.find(chosen)
            assert found is not None
        device = batch["attention_mask"].device
        vectors, states, *related = (torch.from_numpy(array).to(device).float() for array in found)
        return Lesson(states=states, vectors=vectors, related=tuple(related))

    def _read(self, batch: Batch) -> Batch:
        """The micro-batch in the teacher's pieces."""
        if self._rows is None:
            return batch
        teacher = self.teacher
        arrays = collate(self._rows, batch["row"].cpu().numpy(), pad_id=teacher.pad_id, columns=self._columns)
        return to_tensors(arrays, teacher.accelerator.device, packed=teacher.layout.packed)
