"""Microworld answer retrieval with training: the questions and the pool of ``micro_lareqa``, for a dual encoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import passages
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import AnswerInContext
from xstilts.tasks import micro_lareqa
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[AnswerInContext]:
    """The questions of a language, each with the sentences of its passage, and the passage."""
    spoken = speaker(language)
    items = micro.items(passages.make, split, size=micro_lareqa.SIZE)
    for item, bare in zip(items, micro_lareqa.rows(split, language), strict=True):
        fields = {field.name: getattr(bare, field.name) for field in dataclasses.fields(bare)}
        yield AnswerInContext(**fields, context=passages.say(item, spoken).context)


TASK = dataclasses.replace(
    micro_lareqa.TASK,
    title="Microworld answer retrieval, trained",
    kind="dual_encoder",
    train_on="micro_qa",
    trainable=True,
    made=Made(name="lareqa_in_context", rows=rows, splits={"test": grammar.known()}),
    notes=f"{micro_lareqa.TASK.notes}; the questions and candidates of micro_lareqa, trained on those of micro_qa",
)
