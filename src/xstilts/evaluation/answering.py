"""What a model answers: examples → rows → outputs → predictions. Selection, evaluation and prediction all come here."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from accelerate import Accelerator

from xstilts.evaluation.predicting import predict
from xstilts.heads import rows as row_files
from xstilts.heads.rows import Rows
from xstilts.pipeline.progress import Silent
from xstilts.reading.examples import Example
from xstilts.training.checkpoint import TaskHead
from xstilts.training.loop import Reports
from xstilts.training.model import TransferModel
from xstilts.training.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Encoded(Protocol):
    """Examples with the rows that a head made of them; the token cache holds such."""

    @property
    def rows(self) -> Rows:
        """The rows, in the order of the examples."""
        ...

    @property
    def examples(self) -> Sequence[Example]:
        """The examples."""
        ...


class _Encoded(NamedTuple):
    rows: Rows
    examples: Sequence[Example]


def answer(
    model: TransferModel,
    head: TaskHead,
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    *,
    accelerator: Accelerator,
    max_length: int = Recipe.max_length,
    tokens: int = Recipe.micro_batch_tokens,
    report: Reports | None = None,
    phase: str = "predict",
) -> list[Any]:
    """One prediction per example, of the type that the metric of the head's kind takes.

    Args:
        model: a checkpoint, as `xstilts.training.checkpoint.load_for` gives it for ``head``.
        head: the task's name in the model, its kind and its labels.
        examples: all of one kind; their golds are not read.
        tokenizer: of the model.
        accelerator: gives the device and the precision.
        max_length: tokens of a row.
        tokens: tokens of one forward pass; decides rounding.
        report: hears how far it is, under the name ``phase``.
    """
    encoded = head.head.encode(examples, tokenizer=tokenizer, labels=head.labels, max_length=max_length, training=False)
    first = next(encoded, None)
    if first is None:
        return head.head.decode([], [], examples, labels=head.labels)
    with tempfile.TemporaryDirectory(prefix="xstilts-rows-") as folder:
        file = Path(folder) / "rows.arrow"
        row_files.write(chain([first], encoded), file, columns=head.head.columns)
        (found,) = answer_encoded(
            model,
            head,
            [_Encoded(row_files.read(file), examples)],
            pad_id=int(tokenizer.pad_token_id),
            accelerator=accelerator,
            tokens=tokens,
            report=report or Silent(),
            phase=phase,
        )
    return found


def answer_encoded(
    model: TransferModel,
    head: TaskHead,
    pools: Sequence[Encoded],
    *,
    pad_id: int,
    accelerator: Accelerator,
    tokens: int,
    report: Reports,
    phase: str,
) -> list[list[Any]]:
    """The predictions of every pool (a language's examples), all computed in one pass; their rows are there already."""
    outputs = predict(
        model,
        head.task,
        [pool.rows for pool in pools],
        tokens=tokens,
        pad_id=pad_id,
        accelerator=accelerator,
        report=report,
        phase=phase,
    )
    found = []
    for pool in pools:
        rows = [pool.rows.row(i) for i in range(len(pool.rows))]
        # What a pool's rows gave is dropped once it is decoded: of retrieval it is a vector per row.
        found.append(head.head.decode(outputs.pop(0), rows, pool.examples, labels=head.labels))
    return found
