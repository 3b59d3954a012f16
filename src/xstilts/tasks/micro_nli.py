"""Microworld NLI: does the premise entail the hypothesis? Decided by the scene."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import nli
from xstilts.microworld.speaker import speaker
from xstilts.microworld.truth import LABELS
from xstilts.tasks.examples import Classified
from xstilts.tasks.micro import NOTES, SIZES, items, splits
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Classified]:
    """The pairs of a split in a language."""
    premises: dict[object, int] = {}
    for number, item in enumerate(items(nli.make, split)):
        row = nli.say(item, speaker(language))
        cluster = premises.setdefault(item.premise, len(premises))
        yield Classified(
            example_id=str(number), cluster_id=str(cluster), first=row.first, second=row.second, label=row.label
        )


TASK = Task(
    title="Microworld NLI",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    languages=grammar.known(),
    parallel=True,
    made=Made(name="nli", rows=rows, splits=splits()),
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES,
)
