"""The text of a distillation as rows: whole sentences, and where there is aligned text, their translations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.errors import XstiltsError
from xstilts.heads import rows as row_files
from xstilts.heads.head import Row
from xstilts.heads.rows import Rows
from xstilts.phases import texts
from xstilts.phases.distillation_params import DistillationParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.sealed import made_once
from xstilts.pipeline.store import Store

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from xstilts.reading.examples import Text

FEWEST = 0.1
"""Spans to a token of either side, below which two segmentations have nothing to do with each other."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """The rows of one stream.

    Attributes:
        name: of the stream.
        batch_size: examples of a step.
    """

    name: str
    rows: Rows
    batch_size: int


def streams(
    node: Node,
    store: Store,
    student: PreTrainedTokenizerBase,
    teacher: PreTrainedTokenizerBase | None,
    *,
    report: Progress,
) -> Iterator[Made]:
    """The rows of each stream; a resumed run finds them in the node's scratch folder.

    Args:
        node: names the text.
        store: holds the scratch folder.
        student: the tokenizer of the student.
        teacher: that of its teacher, where its pieces are others.
        report: is told that text becomes tokens.

    Raises:
        XstiltsError: there is not one row, or the segmentations have nothing to do with each other.
    """
    said = DistillationParams.read(node.params)
    aligned = any(role.startswith("parallel/") for role in node.paths)
    paired = int(said.max_tokens * said.parallel_share) if aligned else 0
    of_step = said.recipe.batch_size
    for name, budget, size, together in (
        ("text", said.max_tokens - paired, of_step, 1),
        ("aligned", paired, max(2, of_step // 2), 2),
    ):
        if budget:
            rows = _rows(node, store, name, (student, teacher), budget, together=together, report=report)
            if teacher is not None:
                _check_aligned(rows)
            yield Made(name=name, rows=rows, batch_size=size)


def same_pieces(one: PreTrainedTokenizerBase, other: PreTrainedTokenizerBase) -> bool:
    """Whether both make the same ids of every text."""
    if one is other:
        return True
    backends = one.backend_tokenizer, other.backend_tokenizer
    for backend in backends:
        backend.no_truncation()
        backend.no_padding()
    left, right = (backend.to_str() for backend in backends)
    return bool(left == right)


def counted(streams: Iterable[Rows]) -> dict[str, Any]:
    """What the record of a run says of its rows: how many, and how student's and teacher's pieces are aligned."""
    from xstilts.training.distillation.student_rows import TEACHERS, first_spans

    rows = list(streams)
    found: dict[str, Any] = {"rows": sum(map(len, rows)), "row_tokens": sum(one.tokens for one in rows)}
    if any(TEACHERS["input_ids"] in one.ragged for one in rows):
        found["teacher_tokens"] = sum(len(one.ragged[TEACHERS["input_ids"]][0]) for one in rows)
        found["spans"] = sum(int(first_spans(one)[-1]) for one in rows)
    return found


def _check_aligned(rows: Rows) -> None:
    told = counted([rows])
    if told["spans"] < FEWEST * min(told["row_tokens"], told["teacher_tokens"]):
        raise XstiltsError(
            "the tokenizers of student and teacher cannot be aligned: "
            f"{told['row_tokens']:,} and {told['teacher_tokens']:,} tokens have {told['spans']:,} spans in common"
        )


def _rows(
    node: Node,
    store: Store,
    name: str,
    tokenizers: tuple[PreTrainedTokenizerBase, PreTrainedTokenizerBase | None],
    budget: int,
    *,
    together: int,
    report: Progress,
) -> Rows:
    from xstilts.training.distillation.student_rows import StudentRows, columns_kept

    said, (student, teacher) = DistillationParams.read(node.params), tokenizers

    def encoded() -> Iterator[Row]:
        sets = _sets(node, said, name, student, budget)
        found = texts.rows(
            StudentRows(teacher=teacher), sets, student, max_length=said.recipe.max_length, together=together
        )
        for number, row in enumerate(found):
            yield {**row, "row": number}

    def make(partial: Path) -> None:
        report.update("tokenise", 0, 1)
        found = encoded()
        first = next(found, None)
        if first is None:
            raise XstiltsError(f"max_tokens = {said.max_tokens} is less than one row of {name} per language")
        row_files.write(_chained(first, found), partial, columns=columns_kept(aligned=teacher is not None))

    return row_files.read(made_once(store.scratch(node.key) / f"{name}.arrow", make))


def _chained(first: Row, others: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from others


def _sets(
    node: Node, said: DistillationParams, name: str, tokenizer: PreTrainedTokenizerBase, budget: int
) -> Iterator[tuple[list[Text], int]]:
    """The texts of a stream, and each set's share of the tokens."""
    if name == "aligned":
        yield from texts.aligned(node, budget, seed=said.seed, exponent=said.exponent)
        return
    yield from texts.plain_text(
        node, tokenizer, budget, seed=said.seed, exponent=said.exponent, longest=said.recipe.max_length
    )
