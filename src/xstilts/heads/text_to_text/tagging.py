"""Tags as text, in two formats: entities as mT5 writes them, and a tag for every word after the word's own mark.

- Tags that form typed spans (``B-PER``): ``tag: rick and morty`` → ``PER: rick $$ PER: morty``, mT5's format. What is
  written must stand in the sentence, word by word and in its order; nothing is written where there is no entity.
- Others (parts of speech, supertags): ``label: <extra_id_0> rick <extra_id_1> cooks`` → ``<extra_id_0> PROPN
  <extra_id_1> VERB``, the format *sentinel + tag* of Raman et al. 2022 (arXiv 2203.08378), which leaves no word out.

Sentences longer than ``max_length`` become several rows, cut between words, so that every word is predicted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import declared, per_row, per_token
from xstilts.heads.defaults import numpy
from xstilts.heads.encoder.tagging import OUTSIDE, Tagging
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import blocks, label_number, numbered
from xstilts.heads.text_to_text.automaton import Automaton
from xstilts.heads.text_to_text.tag_texts import Entities, Marked, between, entities, is_spans, names, scheme_of, types
from xstilts.heads.text_to_text.texts import Texts
from xstilts.heads.text_to_text.writing import PARTS, TextToTextHead
from xstilts.metrics import schemes
from xstilts.reading.examples import Example, Tagged

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

NO_WORD = -1
SPANS, WORDS = "tag:", "label:"


class TextTagging(TextToTextHead, Tagging):
    """One tag per word; an output holds ``found``: entities [E, 3] (type, first, last word) or label numbers [W].

    The columns ``first`` and ``words`` say which words of the example a row holds; the column ``word_of``, in rows for
    prediction only, which of them a token belongs to.
    """

    columns = declared(PARTS, word_of=per_token(NO_WORD), words=per_row(), first=per_row(use="decoding"))

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per example, or several where it is too long; none where it has no word.

        Raises:
            UnknownName: a tag that is not in ``labels``.
        """
        texts = Texts(tokenizer, max_length=max_length)
        spans, scheme = is_spans(labels), scheme_of(labels)
        opening = texts.first(SPANS if spans else WORDS)
        room = texts.left(len(opening))
        numbers = {label: number for number, label in enumerate(labels)}
        written = types(texts, labels) if spans else _labels(texts, labels)
        kept = (item for item in numbered(examples, Tagged) if item[1].tags is not None or not training)
        for block in blocks(kept):
            most = max(len(example.tokens) for _, example in block)
            marks = [] if spans else texts.sentinels(most)
            longest = room - max(map(len, marks), default=0)
            ids = iter(texts.tokens([word for _, example in block for word in example.tokens]))
            for number, example in block:
                for tag in example.tags or ():
                    label_number(tag, numbers, example)
                words = [next(ids)[:longest] for _ in example.tokens]  # of a word longer than a row, the beginning
                for first, stop in _cuts(words, marks, room):
                    source, column = _source(opening, words[first:stop], marks)
                    target = None
                    if training and example.tags is not None:
                        tags = example.tags[first:stop]
                        target = (
                            entities(tags, words[first:stop], written, between(texts), scheme)
                            if spans
                            else [token for i, tag in enumerate(tags) for token in (*marks[i], *written[tag])]
                        )
                    row = texts.row(source, target) | {"example": number, "first": first, "words": stop - first}
                    if not training:
                        before, after = len(texts.inputs.single.prefix), len(texts.inputs.single.suffix)
                        row["word_of"] = [NO_WORD] * before + column + [NO_WORD] * after
                    yield row

    def predict(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> list[dict[str, NDArray[Any]]]:
        """``found`` of each row."""
        texts, spans = Texts(module.tokenizer), is_spans(module.labels)
        counts = numpy(batch["words"]).tolist()
        automata: list[Automaton] = []
        if spans:
            written = list(types(texts, module.labels).values())
            ids, columns = numpy(batch["input_ids"]), numpy(batch["word_of"])
            for row, count in enumerate(counts):
                words = [ids[row][columns[row] == word].tolist() for word in range(count)]
                automata.append(Entities(words, written, between(texts)))
        else:
            marks, written = texts.sentinels(max(counts)), list(_labels(texts, module.labels).values())
            shared = Marked.of(marks, written)
            automata = [shared.over(count) for count in counts]
        width = (-1, 3) if spans else (-1,)
        return [
            {"found": np.array(one.found or (), dtype=np.int64).reshape(width)}
            for one in module.follow(hidden_BTD, batch, automata)
        ]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[tuple[str, ...]]:
        """The tags of all words; ``OUTSIDE`` where nothing was written."""
        outside = next((tag for tag in OUTSIDE if tag in labels), labels[0])
        tags = [[outside] * len(example.tokens) for _, example in numbered(examples, Tagged)]
        kinds, scheme = names(labels), scheme_of(labels) or schemes.IOB
        for row, output in zip(rows, outputs, strict=True):
            target, first = tags[int(row["example"])], int(row["first"])
            if not is_spans(labels):
                for place, label in enumerate(output["found"].tolist()):
                    target[first + place] = labels[label]
                continue
            for kind, begin, last in output["found"].tolist():
                span = schemes.tags_of(kinds[kind], last - begin + 1, scheme, labels)
                target[first + begin : first + last + 1] = span
        return [tuple(sentence) for sentence in tags]


def _labels(texts: Texts, labels: Sequence[str]) -> dict[str, list[int]]:
    return dict(zip(labels, texts.labels(labels, opens=False), strict=True))


def _cuts(words: Sequence[Sequence[int]], marks: Sequence[Sequence[int]], room: int) -> Iterator[tuple[int, int]]:
    """Ranges of words that fit into a row, with their marks, where there are marks for each."""
    first = used = 0
    for place, word in enumerate(words):
        # Marks start anew in every row, so the longest of them is counted for each word.
        size = len(word) + max(map(len, marks), default=0)
        if place > first and (used + size > room or (marks and place - first >= len(marks))):
            yield first, place
            first, used = place, 0
        used += size
    if words:
        yield first, len(words)


def _source(
    opening: Sequence[int], words: Sequence[Sequence[int]], marks: Sequence[Sequence[int]]
) -> tuple[list[int], list[int]]:
    """The tokens of a row and the word of each."""
    source, column = list(opening), [NO_WORD] * len(opening)
    for place, word in enumerate(words):
        mark = marks[place] if marks else ()
        source += [*mark, *word]
        column += [NO_WORD] * len(mark) + [place] * len(word)
    return source, column


HEAD = TextTagging()
