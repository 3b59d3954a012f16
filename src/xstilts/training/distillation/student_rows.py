"""The rows that a student reads: a text each, or a text and its translation; and the same in the teacher's pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from xstilts import registry
from xstilts.heads.alignment import align
from xstilts.heads.columns import TYPED, Columns, declared, per_row, per_token
from xstilts.heads.defaults import projection
from xstilts.heads.head import Head, Row, Vocabulary
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.retrieval import Retrieval
from xstilts.heads.rows import Rows
from xstilts.reading.examples import Example, Text
from xstilts.training.distillation.compared import SPAN
from xstilts.training.distillation.objective import MASKED_IDS

if TYPE_CHECKING:
    from tokenizers import Encoding
    from transformers import PreTrainedTokenizerBase

OWN = declared(TYPED, row=per_row(use="loss"), span=per_token(-1, use="loss"))
"""The columns of the student's rows; without ``span`` both models have the same pieces."""
TEACHERS = {"input_ids": "teacher_ids", "token_type_ids": "teacher_types", SPAN: "teacher_span"}
"""A column of the teacher's rows → under which name it is kept beside the student's."""


class StudentRows(Retrieval):
    """Reads whole texts, and their last states.

    Args:
        teacher: the teacher's tokenizer, where it has other pieces.
        masked: whether a second pass predicts masked tokens.
        width: of the teacher's states; None: that of the student's.
    """

    kind = "distillation"
    columns: Columns = OWN

    def __init__(
        self, *, teacher: PreTrainedTokenizerBase | None = None, masked: bool = False, width: int | None = None
    ) -> None:
        self._teacher, self._masked, self._width = teacher, masked, width

    def layer(self, layers: int) -> int | None:
        """The last layer, normalised."""
        return None

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """From the student's width to the teacher's: nothing, where they are the same."""
        if self._width in (None, hidden_size):
            return torch.nn.Identity()
        return projection(hidden_size, self._width, dropout)

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """A row per text, two per aligned pair; what is too long is cut, on both sides after the same characters."""
        inputs = Inputs(tokenizer, max_length=max_length)
        teacher = None if self._teacher is None else Inputs(self._teacher, max_length=max_length)
        for block in blocks(numbered(examples, Text)):
            texts = [text for _, one in block for text in (one.text, one.translation) if text is not None]
            made = iter(_rows(texts, inputs, teacher))
            for number, example in block:
                rows = [next(made) for _ in range(1 if example.translation is None else 2)]
                if all(rows):
                    yield from ({**row, "example": number} for row in rows)

    def prepare(
        self, batch: dict[str, NDArray[np.int64]], *, rng: np.random.Generator, vocabulary: Vocabulary
    ) -> dict[str, NDArray[np.int64]]:
        """Draws masks, where a second pass predicts what is under them."""
        if not self._masked:
            return batch
        head: Head = registry.find("heads.encoder", "masked_lm")
        masked = head.prepare(batch, rng=rng, vocabulary=vocabulary)
        return {**batch, MASKED_IDS: masked["input_ids"], "labels": masked["labels"]}

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[NDArray[Any]]:
        """The vector of each row."""
        return [output["vector"] for output in outputs]


def columns_kept(*, aligned: bool) -> Columns:
    """The columns of a file of rows."""
    if not aligned:
        return OWN
    fills = {"input_ids": 0, "token_type_ids": 0, SPAN: -1}
    return declared(OWN, **{kept: per_token(fills[name], use="loss") for name, kept in TEACHERS.items()})


def teachers(rows: Rows) -> Rows:
    """The teacher's side of a file of rows."""
    ragged = {name: rows.ragged[kept] for name, kept in TEACHERS.items() if kept in rows.ragged}
    return Rows(ragged=ragged, scalars=rows.scalars)


def first_spans(rows: Rows) -> NDArray[np.int64]:
    """The first span of every row, and the end of the last [R + 1]."""
    if SPAN not in rows.ragged:
        return np.concatenate([[0], np.cumsum(rows.lengths)]).astype(np.int64)
    spans, offsets = rows.ragged[SPAN]
    return np.concatenate([[0], np.cumsum(spans[offsets[1:] - 1].astype(np.int64) + 1)])


def _rows(texts: Sequence[str], inputs: Inputs, teacher: Inputs | None) -> Iterator[Row]:
    """A row of each text; an empty one where it holds no token."""
    if teacher is None:
        for ids in inputs.tokens(texts):
            yield inputs.row(ids) if ids else {}
        return
    sides = [side.backend.encode_batch(list(texts), add_special_tokens=False) for side in (inputs, teacher)]
    for text, ours, theirs in zip(texts, *sides, strict=True):
        yield _aligned(text, ours, theirs, inputs, teacher)


def _aligned(text: str, ours: Encoding, theirs: Encoding, inputs: Inputs, teacher: Inputs) -> Row:
    """A row in both models' pieces; an empty one where not even one span fits into both."""
    if not ours.ids or not theirs.ids:
        return {}
    rooms = [side.max_length - side.single.length for side in (inputs, teacher)]
    spans = align(ours.offsets, theirs.offsets, text).within(*rooms)
    if not len(spans):
        return {}
    row, read = inputs.row(ours.ids[: len(spans.left)]), teacher.row(theirs.ids[: len(spans.right)])
    whole = spans.between(
        (len(inputs.single.prefix), len(teacher.single.prefix)), (len(inputs.single.suffix), len(teacher.single.suffix))
    )
    kept = {TEACHERS[name]: values for name, values in read.items()}
    return {**row, **kept, SPAN: whole.left.tolist(), TEACHERS[SPAN]: whole.right.tolist()}
