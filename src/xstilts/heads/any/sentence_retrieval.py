"""Finds a sentence's translation among all others, in both directions (Tatoeba). D hidden width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.head import Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.retrieval import Retrieval, nearest_both_ways
from xstilts.reading.examples import Bitext, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SOURCE, TARGET = 0, 1


class SentenceRetrieval(Retrieval):
    """The nearest neighbour by cosine among the sentences of the other language.

    A prediction maps each direction to the ``example_id`` of what was found: ``from_english`` (the English sentence
    is the query, the official direction) and ``to_english``. The official scorer compares positions, so of two
    sentences with the same text only one can be right; here that is always the first, never a matter of rounding.
    """

    kind = "sentence_retrieval"
    columns = declared(TYPED, side=per_row(use="decoding"))

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """Two rows per example: ``side`` 0 is the source sentence, 1 the English one."""
        inputs = Inputs(tokenizer, max_length=max_length)
        for block in blocks(numbered(examples, Bitext)):
            sides = (
                inputs.tokens([example.source for _, example in block]),
                inputs.tokens([example.target for _, example in block]),
            )
            for place, (number, _) in enumerate(block):
                for side in (SOURCE, TARGET):
                    yield inputs.row(sides[side][place]) | {"example": number, "side": side}

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[dict[str, str]]:
        """What is found for each example; all of ``examples`` are the index, whichever of them are scored."""
        bitext = [example for _, example in numbered(examples, Bitext)]
        if not bitext:
            return []
        vectors: dict[tuple[int, int], NDArray[Any]] = {
            (int(row["side"]), int(row["example"])): output["vector"] for row, output in zip(rows, outputs, strict=True)
        }
        source, target = _unique([e.source for e in bitext]), _unique([e.target for e in bitext])
        to_target, to_source = nearest_both_ways(
            np.stack([vectors[SOURCE, number] for number in source.values()]),
            np.stack([vectors[TARGET, number] for number in target.values()]),
        )
        firsts = list(source.values()), list(target.values())
        found_target = dict(zip(source, to_target, strict=True))
        found_source = dict(zip(target, to_source, strict=True))
        return [
            {
                "from_english": bitext[firsts[SOURCE][found_source[example.target]]].example_id,
                "to_english": bitext[firsts[TARGET][found_target[example.source]]].example_id,
            }
            for example in bitext
        ]


def _unique(texts: Sequence[str]) -> dict[str, int]:
    """Each text with the first position at which it stands."""
    first: dict[str, int] = {}
    for position, text in enumerate(texts):
        first.setdefault(text, position)
    return first


HEAD = SentenceRetrieval()
