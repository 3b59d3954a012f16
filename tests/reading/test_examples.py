"""Of an example, what a model reads and what it does not."""

from __future__ import annotations

import pytest

from xstilts.reading import examples
from xstilts.reading.examples import (
    Answer,
    AnswerInContext,
    AnswerSentence,
    Bitext,
    Choice,
    Classified,
    ComparableSentence,
    Example,
    Question,
    Tagged,
    Text,
    texts,
)

IDS = {"example_id": "3", "cluster_id": "c"}
READ = [
    (Classified(**IDS, first="a b", second="c", label="neutral"), ["a b", "c"]),
    (Classified(**IDS, first="a b"), ["a b"]),
    (Tagged(**IDS, tokens=("a", "b"), tags=("NOUN", "VERB")), ["a b"]),
    (Question(**IDS, question="q", context="p a", answers=(Answer(text="a", start=2),)), ["q", "p a"]),
    (Choice(**IDS, prompt="p", choices=("x", "y"), label=1), ["p", "x y"]),
    (Bitext(**IDS, source="s", target="t"), ["s", "t"]),
    (
        AnswerSentence(
            **IDS, question="q", language="deu-Latn", candidates=("x", "y"), candidate_ids=("0", "1"), correct=0
        ),
        ["q", "x y"],
    ),
    (
        AnswerInContext(
            **IDS, question="q", language="x", candidates=("y",), candidate_ids=("0",), correct=0, context="y z"
        ),
        ["q", "y", "y z"],
    ),
    (ComparableSentence(**IDS, text="t", language="deu-Latn", translations=("en-1",)), ["t"]),
    (
        Text(**IDS, text="t", language="eng-Latn", translation="u", translation_language="deu-Latn"),
        ["t", "u"],
    ),
]


@pytest.mark.parametrize(("example", "expected"), READ)
def test_texts_are_what_a_model_reads(example: Example, expected: list[str]) -> None:
    assert list(texts(example)) == expected


def test_every_type_is_tried() -> None:
    known = {one for one in vars(examples).values() if isinstance(one, type) and issubclass(one, Example)}
    assert known - {Example} == {type(example) for example, _ in READ}
