"""Microworld completion: how the story ends; wrong endings are adversarially filtered (as HellaSwag)."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld.sets import completion
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import Choice
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[Choice]:
    """The stories of a split in a language."""
    for name, item in micro.own_items(completion.make, split, language):
        row = completion.say(item, speaker(language))
        yield Choice(example_id=name, cluster_id=name, prompt=row.prompt, choices=row.choices, label=row.label)


TASK = micro.task(
    title="Microworld completion",
    kind="multiple_choice",
    metric="accuracy",
    made=Made(name="hellaswag", rows=rows, splits=micro.splits()),
)
