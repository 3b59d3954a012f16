"""What the tasks of the microworld share: sizes, seeds, which language has which split, rows of tags and of pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache, partial
from typing import TypeVar

from xstilts.microworld import grammar
from xstilts.microworld.sets import pairs, tags
from xstilts.microworld.speaker import Speaker, speaker
from xstilts.reading.examples import Classified, Tagged
from xstilts.tasks.task import Task

T = TypeVar("T")

SIZES: Mapping[str, int] = {"train": 6_000, "dev": 500, "test": 500}
SEED = 1

DIFFICULTY = 0.5
NOTES = "Made by the package from scenes with exact meaning; the same test scenes in every language"
OTHERS = tuple(name for name in grammar.known() if name != "eng-Latn")
"""Every language but the one that retrieval and mining find translations in."""

task = partial(Task, languages=grammar.known(), parallel=True, sizes=SIZES, licence="Apache-2.0", notes=NOTES)
"""A task with what all of them share; each file adds the rest."""


def splits() -> dict[str, tuple[str, ...]]:
    """English train and dev, and a test set in every language."""
    return {"train": ("eng-Latn",), "dev": ("eng-Latn",), "test": grammar.known()}


@lru_cache(maxsize=4)
def items(make: Callable[..., list[T]], split: str, *, size: int = 0) -> tuple[T, ...]:
    """The items of a split, made once for all languages."""
    return tuple(make(split, size or SIZES[split], seed=SEED, difficulty=DIFFICULTY))


def tagged(
    make: Callable[..., list[T]], tag: Callable[[T, Speaker], tags.Row]
) -> Callable[[str, str], Iterator[Tagged]]:
    """How the sentences of a split in a language are made, each word with its tag."""

    def rows(split: str, language: str) -> Iterator[Tagged]:
        for number, meaning in enumerate(items(make, split)):
            row = tag(meaning, speaker(language))
            yield Tagged(example_id=str(number), cluster_id=str(number), tokens=row.tokens, tags=row.tags)

    return rows


def paired(
    make: Callable[..., list[T]], say: Callable[[T, Speaker], pairs.Row], first: Callable[[T], Hashable]
) -> Callable[[str, str], Iterator[Classified]]:
    """How the labelled pairs of a split in a language are made; those with the same ``first`` are one cluster."""

    def rows(split: str, language: str) -> Iterator[Classified]:
        clusters: dict[Hashable, int] = {}
        for number, item in enumerate(items(make, split)):
            row = say(item, speaker(language))
            cluster = clusters.setdefault(first(item), len(clusters))
            yield Classified(
                example_id=str(number), cluster_id=str(cluster), first=row.first, second=row.second, label=row.label
            )

    return rows
