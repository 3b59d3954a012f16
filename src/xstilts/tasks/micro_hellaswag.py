"""Microworld completion: how the story ends; wrong endings are adversarially filtered (as HellaSwag)."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import completion
from xstilts.microworld.speaker import speaker
from xstilts.tasks.examples import Choice
from xstilts.tasks.micro import NOTES, SIZES, items, splits
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Choice]:
    """The stories of a split in a language."""
    for number, item in enumerate(items(completion.make, split)):
        row = completion.say(item, speaker(language))
        yield Choice(
            example_id=str(number), cluster_id=str(number), prompt=row.prompt, choices=row.choices, label=row.label
        )


TASK = Task(
    title="Microworld completion",
    kind="multiple_choice",
    metric="accuracy",
    languages=grammar.known(),
    parallel=True,
    made=Made(name="hellaswag", rows=rows, splits=splits()),
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES,
)
