"""Microworld paraphrase: the same words, and the same meaning or an adversarial swap."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import paraphrase
from xstilts.microworld.speaker import speaker
from xstilts.tasks.examples import Classified
from xstilts.tasks.micro import NOTES, SIZES, items, splits
from xstilts.tasks.task import Made, Task


def rows(split: str, language: str) -> Iterator[Classified]:
    """The pairs of a split in a language."""
    for number, item in enumerate(items(paraphrase.make, split)):
        row = paraphrase.say(item, speaker(language))
        yield Classified(
            example_id=str(number), cluster_id=str(number), first=row.first, second=row.second, label=row.label
        )


TASK = Task(
    title="Microworld paraphrase",
    kind="pair_classification",
    metric="accuracy",
    labels=paraphrase.LABELS,
    languages=grammar.known(),
    parallel=True,
    made=Made(name="paraphrase", rows=rows, splits=splits()),
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES,
)
