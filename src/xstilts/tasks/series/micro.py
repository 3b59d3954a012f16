"""What the tasks of the microworld share: sizes, seeds, which language has which split, rows of tags and of pairs."""

from __future__ import annotations

import dataclasses
import zlib
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
NOTES = "Made by the package from scenes with exact meaning; {}"
OWN_SCENES = "every language has test scenes of its own"
SAME_SCENES = "the same test scenes in every language"
ENGLISH = "eng-Latn"
CONSTRUCTED = "constructed"
"""Stands for all constructed languages: they have the same scenes, so that nothing but their morphology differs."""
OTHERS = tuple(name for name in grammar.known() if name != ENGLISH)
"""Every language but the one that retrieval and mining find translations in."""

task = partial(
    Task, languages=grammar.known(), sizes=SIZES, licence="Apache-2.0", notes=NOTES.format(OWN_SCENES), version=2
)
"""A task with what all of them share; each file adds the rest. Fifteen languages with scenes of their own say more of
their mean than fifteen with the same scenes, which share their luck."""
parallel = partial(
    Task,
    languages=grammar.known(),
    parallel=True,
    sizes=SIZES,
    licence="Apache-2.0",
    notes=NOTES.format(SAME_SCENES),
)
"""The same for a task that needs the same scenes in all languages: retrieval and mining."""


def splits() -> dict[str, tuple[str, ...]]:
    """English train and dev, and a test set in every language."""
    return {"train": (ENGLISH,), "dev": (ENGLISH,), "test": grammar.known()}


def in_constructed(task: Task, *, title: str) -> Task:
    """A task that is trained as it was and tested in the constructed languages, on the same scenes in all of them."""
    assert task.made is not None
    tested = (ENGLISH, *grammar.constructed())
    return dataclasses.replace(
        task,
        title=title,
        languages=tested,
        made=dataclasses.replace(task.made, splits={**task.made.splits, "test": tested}),
        notes=NOTES.format("the same test scenes in every constructed language"),
    )


@lru_cache(maxsize=4)
def items(make: Callable[..., list[T]], split: str, *, size: int = 0) -> tuple[T, ...]:
    """The items of a split, made once for all languages."""
    return tuple(make(split, size or SIZES[split], seed=SEED, difficulty=DIFFICULTY))


def own_items(make: Callable[..., list[T]], split: str, language: str, *, size: int = 0) -> Iterator[tuple[str, T]]:
    """The items of a split in a language, each with its id: no two languages have the same ones but constructed ones.

    Another language in the world changes the items of none.
    """
    scenes = CONSTRUCTED if language in grammar.constructed() else language
    if language == ENGLISH:
        made: tuple[T, ...] = items(make, split, size=size)
    else:
        seed = SEED + zlib.crc32(scenes.encode())
        made = tuple(make(split, size or SIZES[split], seed=seed, difficulty=DIFFICULTY))
    for number, item in enumerate(made):
        yield f"{scenes}:{number}", item


def tagged(
    make: Callable[..., list[T]], tag: Callable[[T, Speaker], tags.Row]
) -> Callable[[str, str], Iterator[Tagged]]:
    """How the sentences of a split in a language are made, each word with its tag."""

    def rows(split: str, language: str) -> Iterator[Tagged]:
        for name, meaning in own_items(make, split, language):
            row = tag(meaning, speaker(language))
            yield Tagged(example_id=name, cluster_id=name, tokens=row.tokens, tags=row.tags)

    return rows


def paired(
    make: Callable[..., list[T]],
    say: Callable[[T, Speaker], pairs.Row],
    first: Callable[[T], Hashable],
    *,
    translated: bool = False,
) -> Callable[[str, str], Iterator[Classified]]:
    """How the labelled pairs of a split in a language are made; those with the same ``first`` are one cluster.

    Where they are ``translated``, the training set of every language has the scenes of the English one.
    """

    def rows(split: str, language: str) -> Iterator[Classified]:
        clusters: dict[Hashable, str] = {}
        scenes = ENGLISH if translated and split == "train" else language
        for name, item in own_items(make, split, scenes):
            row = say(item, speaker(language))
            cluster = clusters.setdefault(first(item), name)
            yield Classified(example_id=name, cluster_id=cluster, first=row.first, second=row.second, label=row.label)

    return rows
