"""A question's answer, copied out of its context. B rows, S tokens of a source.

mT5's format, ``question: … context: …`` → the answer (google-research/multilingual-t5, ``preprocessors.xquad``).
What is written must stand in the context, token by token: a model that was trained in one language cannot answer in
it where the context is in another (mT5's *accidental translation*, arXiv 2010.11934), and the answer is
``context[start:end]``, unchanged, as that of an encoder. Where there is no answer, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import declared, per_row, per_token
from xstilts.heads.defaults import numpy
from xstilts.heads.encoder.extractive_qa import LONGEST_QUESTION, NO_ANSWER, STRIDE, ExtractiveQA
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import blocks, numbered
from xstilts.heads.spans import OUTSIDE, answer_tokens, windows
from xstilts.heads.text_to_text.automaton import Found, Place
from xstilts.heads.text_to_text.texts import Texts
from xstilts.heads.text_to_text.writing import PARTS, TextToTextHead
from xstilts.reading.examples import Answer, Example, Question

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

LONGEST_ANSWER = 160
"""Characters; the 30 tokens of SQuAD's baselines hold fewer in most languages."""
BEGIN: Place = ("begin",)


@dataclass(frozen=True)
class Copy:
    """Any stretch of a context of at most ``LONGEST_ANSWER`` characters; what is found is its first and last token.

    Attributes:
        tokens: of the context.
        begins: the first character of each token, ``OUTSIDE`` where it covers white space only.
        ends: the character behind each token.
        may_be_empty: whether nothing may be written.
    """

    tokens: Sequence[int]
    begins: Sequence[int]
    ends: Sequence[int]
    may_be_empty: bool
    start: Place = BEGIN

    @property
    def longest(self) -> int:
        """No stretch has more tokens than the context."""
        return min(len(self.tokens), 4 * LONGEST_ANSWER) + 1

    def steps(self, place: Place, found: Found) -> Iterator[tuple[int, Place, Found]]:
        """The token that follows in the context; at the start any that covers a character."""
        if place == BEGIN:
            for at, token in enumerate(self.tokens):
                if self.begins[at] != OUTSIDE:
                    yield token, (at,), (at, at)
            return
        at = place[0] + 1
        if at < len(self.tokens) and self.ends[at] - self.begins[found[0]] <= LONGEST_ANSWER:
            yield self.tokens[at], (at,), (found[0], at)

    def whole(self, place: Place, found: Found) -> Found | None:
        """The stretch, at a token that covers a character."""
        is_whole = self.may_be_empty if place == BEGIN else self.begins[place[0]] != OUTSIDE
        return found if is_whole else None


class TextExtractiveQA(TextToTextHead, ExtractiveQA):
    """The answer of the window where the model would rather answer than not, by the largest margin.

    An output holds ``span`` [2], the answer's first and last token in the row (``OUTSIDE`` twice where nothing was
    written), and the ``margin`` of the first token over writing nothing. In training a window without the answer is
    one without an answer.
    """

    columns = declared(
        PARTS,
        offset_start=per_token(OUTSIDE),
        offset_end=per_token(OUTSIDE),
        begin=per_row(),
        stop=per_row(),
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
        """A row per window; in training of answers that a window holds, and of questions without one."""
        texts = Texts(tokenizer, max_length=max_length)
        opening, between = texts.first("question:"), texts.tokens(["context:"])[0]
        lead = texts.inputs.tokens([texts.space])[0] if texts.space else []
        kept = (item for item in numbered(examples, Question) if item[1].answers is not None or not training)
        for block in blocks(kept, 512):
            questions = texts.tokens([example.question.strip() for _, example in block])
            distinct = list(dict.fromkeys(example.context for _, example in block))
            contexts = dict(zip(distinct, texts.inputs.spans(distinct), strict=True))
            for (number, example), question in zip(block, questions, strict=True):
                left = texts.left(len(opening) + len(between) + len(lead))
                asked = [*opening, *question[: min(LONGEST_QUESTION, left // 2)], *between, *lead]
                rows = _windows(texts, asked, contexts[example.context], example.answers, training=training)
                for row in rows:
                    yield row | {"example": number}

    def predict(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> list[dict[str, NDArray[Any]]]:
        """``span`` [2] and ``margin`` of each row."""
        names = ("input_ids", "offset_start", "offset_end", "begin", "stop")
        ids, starts, ends, begins, stops = (numpy(batch[name]) for name in names)
        may_be_empty = module.labels == NO_ANSWER
        automata = []
        for row, (begin, stop) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
            context = slice(begin, stop)
            tokens, first, last = (column[row, context].tolist() for column in (ids, starts, ends))
            automata.append(Copy(tokens, first, last, may_be_empty or not any(at != OUTSIDE for at in first)))
        found = []
        for begin, one in zip(begins.tolist(), module.follow(hidden_BTD, batch, automata), strict=True):
            span = np.array([at + begin for at in one.found] if one.found else [OUTSIDE, OUTSIDE])
            found.append({"span": span, "margin": np.array(one.margin, dtype=np.float32)})
        return found

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[str]:
        """The answer of the window with the largest margin.

        With the labels ``("no_answer",)`` there is none where no margin is positive (threshold 0).
        """
        best = np.full(len(examples), -np.inf)
        found = [""] * len(examples)
        known = [example for _, example in numbered(examples, Question)]
        for row, output in zip(rows, outputs, strict=True):
            number, (first, last), margin = int(row["example"]), output["span"].tolist(), float(output["margin"])
            if first != OUTSIDE and margin > best[number] and (margin > 0 or labels != NO_ANSWER):
                best[number] = margin
                start, end = int(row["offset_start"][first]), int(row["offset_end"][last])
                found[number] = known[number].context[start:end]
        return found


def _windows(
    texts: Texts,
    asked: Sequence[int],
    context: tuple[list[int], NDArray[np.int64]],
    answers: tuple[Answer, ...] | None,
    *,
    training: bool,
) -> list[Row]:
    """The rows of one question, without ``example``; none in training where no window holds the answer."""
    tokens, offsets = context
    size, before = texts.left(len(asked)), len(texts.inputs.single.prefix) + len(asked)
    # An answer that does not occur in its context (start -1) is one to evaluate against, not to learn.
    standing = next((one for one in answers or () if one.start >= 0), None)
    answer = answer_tokens(standing, offsets) if standing else None
    rows, held = [], not answers
    for begin, stop in windows(len(tokens), size=size, overlap=min(STRIDE, size // 3)):
        source = [*asked, *tokens[begin:stop]]
        target: list[int] | None = None
        if training:
            is_here = answer is not None and begin <= answer[0] and answer[1] < stop
            target = tokens[answer[0] : answer[1] + 1] if answer and is_here else []
            held = held or is_here
        row = texts.row(source, target) | {"begin": before, "stop": before + stop - begin}
        if not training:
            after = len(texts.inputs.single.suffix)
            for place, name in enumerate(("offset_start", "offset_end")):
                row[name] = [OUTSIDE] * before + offsets[begin:stop, place].tolist() + [OUTSIDE] * after
        rows.append(row)
    return rows if held or not training else []


HEAD = TextExtractiveQA()
