"""Finds which sentences of two texts are translations of each other (BUCC); the method is ``heads/mining.py``'s.

As XTREME's ``utils_retrieve.py``: equal sentences of a text are mined as one, and what occurs in its text more than
once is not a candidate in the end, since it is not known which of them is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import example_numbers
from xstilts.heads.head import Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.mining import mine
from xstilts.heads.retrieval import Retrieval, Stacked
from xstilts.metrics.mining_threshold import Candidate
from xstilts.reading.examples import ComparableSentence, Example
from xstilts.tasks.kinds.bitext_mining import ENGLISH

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class BitextMining(Retrieval):
    """Candidates by ratio margin, each sentence in one pair at most; those above a threshold are submitted.

    Give it both texts of a language at once. A prediction is the candidate of a sentence; None: it has none. The kind's
    tuning makes of it what the metric takes.
    """

    kind = "bitext_mining"

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """A row per sentence."""
        inputs = Inputs(tokenizer, max_length=max_length)
        for block in blocks(numbered(examples, ComparableSentence)):
            tokens = inputs.tokens([example.text for _, example in block])
            for (number, _), ids in zip(block, tokens, strict=True):
                yield inputs.row(ids) | {"example": number}

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[Candidate | None]:
        """The candidate of each sentence of the task's language; None for the English ones."""
        known = [example for _, example in numbered(examples, ComparableSentence)]
        place = {number: row for row, number in enumerate(example_numbers(rows).tolist())}
        left, right = (_once_each(known, english=english) for english in (False, True))

        mined = mine(*(Stacked(outputs, [place[number] for number in side]) for side in (left, right)))
        lefts, rights = np.array(list(left), np.int64)[mined.left], np.array(list(right), np.int64)[mined.right]
        predictions: list[Candidate | None] = [None] * len(known)
        for one, other, margin in zip(lefts.tolist(), rights.tolist(), mined.margin.tolist(), strict=True):
            if left[one] == right[other] == 1:
                predictions[one] = {"translation": known[other].example_id, "margin": margin}
        return predictions


def _once_each(examples: Sequence[ComparableSentence], *, english: bool) -> dict[int, int]:
    """The first of each set of equal sentences of a text, and how many they are."""
    chosen = [number for number, example in enumerate(examples) if (example.language == ENGLISH) == english]
    counts = Counter(examples[number].text for number in chosen)
    first: dict[str, int] = {}
    for number in chosen:
        first.setdefault(examples[number].text, number)
    return {number: counts[text] for text, number in first.items()}


HEAD = BitextMining()
