"""Microworld NER: people, places and organisations."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import tags
from xstilts.microworld.speaker import speaker
from xstilts.tasks.examples import Tagged
from xstilts.tasks.micro import NOTES, SIZES, items, splits
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Tagged]:
    """The sentences of a split in a language."""
    for number, meaning in enumerate(items(tags.make_named, split)):
        row = tags.entities(meaning, speaker(language))
        yield Tagged(example_id=str(number), cluster_id=str(number), tokens=row.tokens, tags=row.tags)


TASK = Task(
    title="Microworld NER",
    kind="tagging",
    metric="span_f1",
    labels=tags.ENTITIES,
    languages=grammar.known(),
    parallel=True,
    made=Made(name="ner", rows=rows, splits=splits()),
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES,
)
