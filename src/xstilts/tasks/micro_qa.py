"""Microworld QA: the answer to a question is a piece of the passage."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld.sets import passages
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import Answer, Question
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[Question]:
    """The questions of a split in a language."""
    for name, item in micro.own_items(passages.make, split, language):
        row = passages.say(item, speaker(language))
        yield Question(
            example_id=name,
            cluster_id=name,
            question=row.question,
            context=row.context,
            answers=(Answer(text=row.answer, start=row.start),),
        )


TASK = micro.task(
    title="Microworld QA",
    kind="extractive_qa",
    metric="squad_v1",
    made=Made(name="qa", rows=rows, splits=micro.splits()),
    max_length=256,
)
