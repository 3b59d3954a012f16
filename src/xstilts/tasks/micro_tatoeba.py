"""Microworld retrieval: find the translation of a sentence among 500, many of them near-duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import bitext
from xstilts.microworld.speaker import speaker
from xstilts.tasks.examples import Bitext
from xstilts.tasks.micro import NOTES, SIZES, items
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Bitext]:
    """The sentences of a language with their English."""
    for number, meaning in enumerate(items(bitext.make, split)):
        source, target = (speaker(name).say(meaning).text for name in (language, "eng-Latn"))
        yield Bitext(example_id=str(number), cluster_id=str(number), source=source, target=target)


_OTHERS = tuple(name for name in grammar.known() if name != "eng-Latn")

TASK = Task(
    title="Microworld retrieval",
    kind="sentence_retrieval",
    metric="retrieval_accuracy",
    languages=_OTHERS,
    trainable=False,
    parallel=True,
    made=Made(name="tatoeba", rows=rows, splits={"test": _OTHERS}),
    sizes={"test": SIZES["test"]},
    licence="Apache-2.0",
    notes=NOTES,
)
