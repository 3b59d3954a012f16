"""Finds the sentences that answer a question in a pool of all languages (LAReQA, arXiv 2004.05484)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.head import Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.retrieval import Retrieval, nearest
from xstilts.reading.examples import AnswerSentence, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

QUESTION = -1
"""The ``candidate`` of a question's row."""

DEPTH_OF_LIST = 20
"""How many candidates are ranked: LAReQA's mAP@20 reads no more."""


class AnswerRetrieval(Retrieval):
    """Candidate sentences ranked by cosine; the sentence alone is encoded, without its paragraph.

    A prediction is a tuple of candidate ids, best first. Give it the examples of all languages at once.
    """

    kind = "answer_retrieval"
    version = 2  # a limit is one of each language's questions
    columns = declared(TYPED, candidate=per_row(use="decoding"))

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """A row per question, followed by a row per candidate of its paragraph that was not yet in the pool.

        ``candidate`` is an index into the example's candidates, -1 in a question's row.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        pool: set[str] = set()
        for block in blocks(numbered(examples, AnswerSentence)):
            plan: list[tuple[int, int, str]] = []
            for number, example in block:
                plan.append((number, QUESTION, example.question))
                for place, candidate in enumerate(example.candidate_ids):
                    if candidate not in pool:
                        pool.add(candidate)
                        plan.append((number, place, example.candidates[place]))
            tokens = inputs.tokens([text for _, _, text in plan])
            for (number, place, _), ids in zip(plan, tokens, strict=True):
                yield inputs.row(ids) | {"example": number, "candidate": place}

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[tuple[str, ...]]:
        """The 20 best candidates of the whole pool for each question, best first."""
        known = [example for _, example in numbered(examples, AnswerSentence)]
        questions: dict[int, NDArray[Any]] = {}
        pool: dict[str, NDArray[Any]] = {}
        for row, output in zip(rows, outputs, strict=True):
            number, place = int(row["example"]), int(row["candidate"])
            if place == QUESTION:
                questions[number] = output["vector"]
            else:
                pool[known[number].candidate_ids[place]] = output["vector"]
        ids = list(pool)
        ranked: list[tuple[str, ...]] = [()] * len(known)
        if questions and pool:
            best = nearest(np.stack(list(questions.values())), np.stack(list(pool.values())), most=DEPTH_OF_LIST)
            for number, places in zip(questions, best.tolist(), strict=True):
                ranked[number] = tuple(ids[place] for place in places)
        return ranked


HEAD = AnswerRetrieval()
