"""Microworld supertags: part of speech with the role that a word plays in its clause (as CCG supertags do)."""

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
    for number, meaning in enumerate(items(tags.make, split)):
        row = tags.supertags(meaning, speaker(language))
        yield Tagged(example_id=str(number), cluster_id=str(number), tokens=row.tokens, tags=row.tags)


TASK = Task(
    title="Microworld supertags",
    kind="tagging",
    metric="token_accuracy",
    labels=tags.SUPERTAGS,
    languages=grammar.known(),
    parallel=True,
    made=Made(name="supertags", rows=rows, splits=splits()),
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES,
)
