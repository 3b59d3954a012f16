"""Span corruption: stretches of a text are replaced by marks, and the decoder writes what was there.

T5's objective (arXiv 1910.10683, section 3.1.4): 15 % of the tokens in stretches of three on average, as mT5 has it; of
bytes in stretches of 20, as ByT5 has it (arXiv 2105.13626, section 3.1). The first and the last stretch of a row are
read and written respectively, as in T5's code. The stretches of a row are drawn by its number, once: a second pass over
the text writes the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import RowLosses, numpy
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import blocks, numbered
from xstilts.heads.text_to_text.texts import Texts
from xstilts.heads.text_to_text.writing import SOURCE, TextToTextHead
from xstilts.reading.examples import Example, Text

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


class SpanCorruption(RowLosses, TextToTextHead):
    """Writes what marks stand for.

    An output holds ``loss`` (summed, nats) and ``count`` of a row; there is no gold.

    Attributes:
        density: share of the tokens that are to be written.
        span: tokens of a stretch on average, and bytes.
    """

    kind = "masked_lm"
    density: float = 0.15
    span: tuple[float, float] = (3.0, 20.0)

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """Texts packed into rows whose source has ``max_length`` tokens, one language per row; a row per aligned pair.

        The last row of each language is shorter. ``example`` counts the rows.
        """
        texts = Texts(tokenizer, max_length=max_length)
        spans = self.span[bool(texts.space)]  # a tokenizer that keeps the space by itself is one of bytes
        marks = texts.sentinels(max_length)
        size = self._size(texts.left(0), spans, len(marks))
        count, packed = 0, dict[str, list[int]]()
        for block in blocks(numbered(examples, Text)):
            for (_, example), tokens in zip(block, texts.tokens([one.text for _, one in block]), strict=True):
                if example.translation is not None:
                    pair = [*tokens, *texts.tokens([example.translation])[0]]
                    yield self._row(texts, pair[:size], marks, spans, count)
                    count += 1
                    continue
                buffer = packed.setdefault(example.language, [])
                buffer += tokens
                while len(buffer) >= size:
                    yield self._row(texts, buffer[:size], marks, spans, count)
                    count += 1
                    del buffer[:size]
        for buffer in packed.values():
            if len(buffer) > 1:
                yield self._row(texts, buffer, marks, spans, count)
                count += 1

    def predict(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> list[dict[str, NDArray[Any]]]:
        """``loss`` and ``count`` of each row, so that an evaluation can sum them to a perplexity."""
        found = []
        for row in range(len(hidden_BTD)):
            one = {name: column[row : row + 1] for name, column in batch.items()}
            read = int((batch["part"][row] == SOURCE).sum())
            loss, count = module.loss(hidden_BTD[row : row + 1, :read], one)
            found.append({"loss": numpy(loss), "count": numpy(count)})
        return found

    def _size(self, room: int, spans: float, marks: int) -> int:
        """Tokens of a text whose source fits: what is written makes room for the marks."""

        def source(size: int) -> int:
            written = self._written(size)
            return size - written + _stretches(written, spans, marks)

        size = room
        while source(size + 1) <= room:
            size += 1
        return size

    def _written(self, size: int) -> int:
        return max(1, round(self.density * size))

    def _row(self, texts: Texts, tokens: Sequence[int], marks: Sequence[list[int]], spans: float, number: int) -> Row:
        rng = np.random.default_rng([number, len(tokens)])
        written = min(self._written(len(tokens)), len(tokens) - 1)
        stretches = min(_stretches(written, spans, len(marks)), len(tokens) - written)
        source: list[int] = []
        target: list[int] = []
        at = 0
        lengths = zip(_parts(len(tokens) - written, stretches, rng), _parts(written, stretches, rng), strict=True)
        for mark, (kept, gone) in zip(marks, lengths, strict=False):
            source += [*tokens[at : at + kept], *mark]
            target += [*mark, *tokens[at + kept : at + kept + gone]]
            at += kept + gone
        return texts.row(source, target) | {"example": number}


def _stretches(written: int, spans: float, marks: int) -> int:
    return min(max(1, round(written / spans)), marks)


def _parts(total: int, count: int, rng: np.random.Generator) -> list[int]:
    """A number as a sum of so many, none of them 0, all ways equally likely."""
    cuts: list[int] = []
    if count > 1:
        cuts = sorted(rng.choice(np.arange(1, total), size=count - 1, replace=False).tolist())
    return [int(part) for part in np.diff([0, *cuts, total])]


HEAD = SpanCorruption()
