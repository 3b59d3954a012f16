"""An answer as a span of its context (BERT, arXiv 1810.04805, section 4.2). B rows, T tokens, D hidden width.

Long contexts become overlapping rows. The tokens' characters in the original context travel with the rows, so that
the answer is ``context[start:end]``, unchanged, in every script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_row, per_token
from xstilts.heads.decisions import DecidingHead, Decisions, every_row
from xstilts.heads.defaults import apply, numpy, projection, unpadded
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.spans import OUTSIDE, answer_tokens, best_spans, windows
from xstilts.reading.examples import Answer, Example, Question
from xstilts.tasks import answer_scoring

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

HIDDEN = -1
LONGEST_QUESTION = 64
LONGEST_ANSWER = 30
STRIDE = 128
"""Tokens that neighbouring windows share, as in the SQuAD baselines; a third of the room where that is less."""
NO_ANSWER = (answer_scoring.NO_ANSWER,)
"""The labels of a task with unanswerable questions (SQuAD 2.0)."""


class ExtractiveQA(DecidingHead):
    """The best span over all windows of a context.

    A prediction is the answer's text; an output holds the logits ``start`` [T] and ``end`` [T]. Rows that do not hold
    the answer train position 0, and so do questions without an answer. The columns ``offset_start`` and ``offset_end``
    are in rows for prediction only.
    """

    kind = "extractive_qa"
    columns = declared(
        TYPED,
        start=per_row(use="loss"),
        end=per_row(use="loss"),
        offset_start=per_token(OUTSIDE, use="decoding"),
        offset_end=per_token(OUTSIDE, use="decoding"),
    )

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """A row per window. In training only the first answer is used.

        An answer that no token carries, or that is longer than every window, is not trained.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        kept = (item for item in numbered(examples, Question) if item[1].answers is not None or not training)
        for block in blocks(kept, 512):
            questions = inputs.tokens([example.question.strip() for _, example in block])
            texts = list(dict.fromkeys(example.context for _, example in block))
            contexts = dict(zip(texts, inputs.spans(texts), strict=True))
            for (number, example), question in zip(block, questions, strict=True):
                rows = _windows(inputs, question, contexts[example.context], example.answers)
                if training and not _is_learnable(rows, example):
                    continue
                for row in rows:
                    row["example"] = number
                    if training:
                        del row["offset_start"], row["offset_end"]
                    yield row

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A projection to a start and an end logit."""
        return projection(hidden_size, 2, dropout)

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """The start and the end of each row's answer; the unit is the row."""
        logits_BT2 = apply(module, hidden_BTD)
        padding_BT1 = (batch["attention_mask"] == 0).unsqueeze(-1)
        logits_BT2 = logits_BT2.masked_fill(padding_BT1, -1e9)
        parts = ((logits_BT2[..., 0], batch["start"]), (logits_BT2[..., 1], batch["end"]))
        return Decisions(parts=parts, row=every_row(batch), ignore=HIDDEN)

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """The logits ``start`` [T] and ``end`` [T] of each row."""
        logits_BT2 = numpy(apply(module, hidden_BTD))
        starts, ends = unpadded(logits_BT2[..., 0], batch), unpadded(logits_BT2[..., 1], batch)
        return [{"start": start, "end": end} for start, end in zip(starts, ends, strict=True)]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[str]:
        """The text of the best span; with the labels ``("no_answer",)`` an empty text where position 0 scores higher.

        The score of position 0 is the lowest over the windows (SQuAD 2.0, threshold 0).
        """
        best = np.full(len(examples), -np.inf)
        null = np.full(len(examples), np.inf)
        span = np.zeros((len(examples), 2), dtype=np.int64)
        for block in blocks(zip(rows, outputs, strict=True), 512):
            starts, ends = [output["start"] for _, output in block], [output["end"] for _, output in block]
            offsets = [(np.asarray(r["offset_start"]), np.asarray(r["offset_end"])) for r, _ in block]
            found = best_spans(starts, ends, offsets, longest=LONGEST_ANSWER)
            for place, (row, output) in enumerate(block):
                number = int(row["example"])
                null[number] = min(null[number], output["start"][0] + output["end"][0])
                if found.score[place] > best[number]:
                    best[number] = found.score[place]
                    span[number] = found.start[place], found.end[place]
        if labels == NO_ANSWER:
            span[null > best] = 0
        return [example.context[slice(*span[number])] for number, example in numbered(examples, Question)]


def _windows(
    inputs: Inputs,
    question: list[int],
    context: tuple[list[int], NDArray[np.int64]],
    answers: tuple[Answer, ...] | None,
) -> list[Row]:
    """The rows of one question, without ``example``."""
    tokens, offsets = context
    room = inputs.max_length - inputs.pair.length
    question = question[: min(LONGEST_QUESTION, room // 2)]
    size = room - len(question)
    before = [OUTSIDE] * (len(inputs.pair.prefix) + len(question) + len(inputs.pair.middle))
    after = [OUTSIDE] * len(inputs.pair.suffix)
    # An answer that does not occur in its context (start -1) is one to evaluate against, not to learn.
    standing = next((one for one in answers or () if one.start >= 0), None)
    answer = answer_tokens(standing, offsets) if standing else None
    is_known = answers is not None and (not answers or answer is not None)
    rows = []
    for begin, stop in windows(len(tokens), size=size, overlap=min(STRIDE, size // 3)):
        row = inputs.row(question, tokens[begin:stop])
        row["start"], row["end"] = _positions(answer, begin, stop, len(before)) if is_known else (HIDDEN, HIDDEN)
        row["offset_start"] = before + offsets[begin:stop, 0].tolist() + after
        row["offset_end"] = before + offsets[begin:stop, 1].tolist() + after
        rows.append(row)
    return rows


def _positions(answer: tuple[int, int] | None, begin: int, stop: int, before: int) -> tuple[int, int]:
    """The answer's tokens in a window's row; position 0 where the window does not hold all of it."""
    if answer is None or answer[0] < begin or answer[1] >= stop:
        return 0, 0
    return answer[0] - begin + before, answer[1] - begin + before


def _is_learnable(rows: list[Row], example: Question) -> bool:
    """Whether some row holds the answer, or there is none to hold."""
    return not example.answers or any(isinstance(row["start"], int) and row["start"] > 0 for row in rows)


HEAD = ExtractiveQA()
