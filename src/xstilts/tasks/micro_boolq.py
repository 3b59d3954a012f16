"""Microworld yes/no: a passage answers a question with yes or no (as BoolQ asks)."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld.sets import passages
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import Classified
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[Classified]:
    """The passages and questions of a split in a language."""
    for name, item in micro.own_items(passages.make_yes_no, split, language):
        passage, question, label = passages.say_yes_no(item, speaker(language))
        yield Classified(example_id=name, cluster_id=name, first=passage, second=question, label=label)


TASK = micro.task(
    title="Microworld yes/no",
    kind="pair_classification",
    metric="accuracy",
    labels=passages.YES_NO,
    made=Made(name="boolq", rows=rows, splits=micro.splits()),
    max_length=256,
)
