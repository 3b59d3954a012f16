"""Microworld QA: the answer to a question is a piece of the passage."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import passages
from xstilts.microworld.speaker import speaker
from xstilts.tasks.examples import Answer, Question
from xstilts.tasks.micro import NOTES, SIZES, items, splits
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Question]:
    """The questions of a split in a language."""
    for number, item in enumerate(items(passages.make, split)):
        row = passages.say(item, speaker(language))
        yield Question(
            example_id=str(number),
            cluster_id=str(number),
            question=row.question,
            context=row.context,
            answers=(Answer(text=row.answer, start=row.start),),
        )


TASK = Task(
    title="Microworld QA",
    kind="extractive_qa",
    metric="squad_v1",
    languages=grammar.known(),
    parallel=True,
    made=Made(name="qa", rows=rows, splits=splits()),
    sizes=SIZES,
    max_length=256,
    licence="Apache-2.0",
    notes=NOTES,
)
