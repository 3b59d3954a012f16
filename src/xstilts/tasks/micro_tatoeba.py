"""Microworld retrieval: find the translation of a sentence among 500, many of them near-duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld.sets import bitext
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import Bitext
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[Bitext]:
    """The sentences of a language with their English."""
    for number, meaning in enumerate(micro.items(bitext.make, split)):
        source, target = (speaker(name).say(meaning).text for name in (language, "eng-Latn"))
        yield Bitext(example_id=str(number), cluster_id=str(number), source=source, target=target)


TASK = micro.parallel(
    title="Microworld retrieval",
    kind="sentence_retrieval",
    metric="retrieval_accuracy",
    languages=micro.OTHERS,
    trainable=False,
    made=Made(name="tatoeba", rows=rows, splits={"test": micro.OTHERS}),
    sizes={"test": micro.SIZES["test"]},
)
