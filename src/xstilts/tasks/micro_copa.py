"""Microworld cause and effect: which alternative goes with the premise (as COPA and XCOPA ask)."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld.sets import copa
from xstilts.microworld.speaker import speaker
from xstilts.reading.copa import QUESTIONS
from xstilts.reading.examples import Choice
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[Choice]:
    """The premises of a split in a language; cause or effect is asked for in English, as in XTREME-R's XCOPA."""
    for name, item in micro.own_items(copa.make, split, language, size=_SIZES[split]):
        row = copa.say(item, speaker(language))
        yield Choice(
            example_id=name,
            cluster_id=name,
            prompt=f"{row.premise} {QUESTIONS[row.question]}",
            choices=row.choices,
            label=row.label,
        )


_SIZES = {"train": 4_000, "dev": 400, "test": 500}

TASK = micro.task(
    title="Microworld cause and effect",
    kind="multiple_choice",
    metric="accuracy",
    made=Made(name="copa", rows=rows, splits=micro.splits()),
    sizes=_SIZES,
)
