"""Few-shot examples: a few of each target language, added to what fine-tuning trains on.

They are drawn anew for every seed, from rows that are never evaluated. A row that is also a test row of its language,
or shares its premise, paragraph or sentence with one, is not drawn.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xstilts.data.sources import Part, Source
from xstilts.errors import XstiltsError
from xstilts.phases import subsets
from xstilts.phases.datasets import Dataset, planned
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.methods import phase_of
from xstilts.phases.subset_rows import by_language, drawn_of_each_language, in_order
from xstilts.phases.training_node import training_rows
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts
from xstilts.tasks.kind import kind_of

KIND = "fine_tuning.shots"


@dataclass(frozen=True, kw_only=True)
class Shots:
    """What the few-shot examples of some languages are drawn from.

    Attributes:
        k: examples of each language.
        pool: the rows that may be drawn, of one task and split.
        target: the task that is evaluated.
        tests: its test files in the same languages.
    """

    k: int
    pool: TrainingSet
    target: Source
    tests: tuple[Part, ...]

    def node(self, *, seed: int) -> Node:
        """The draw under a seed."""
        of = training_rows(self.pool, "pool")
        tests = planned(self.target, self.target.task.test_split, self.tests, limit=None, prefix="tests")
        return Node(
            kind=KIND,
            label=f"shots of {self.target.called} ({self.pool.split}) · seed {seed}",
            params={"dataset": of.dataset.params(), "tests": tests.dataset.params(), "k": self.k, "seed": seed},
            versions={f"phases.{KIND}": phase_of(KIND).version, **of.dataset.versions, **tests.dataset.versions},
            data={**of.data, **tests.data},
            paths={**of.paths, **tests.paths},
            estimate={"tokens": 0},
        )


def few_shot(shots: Sequence[Shots]) -> dict[str, int]:
    """Language → how many examples are drawn of it."""
    return {language: one.k for one in shots for language in one.pool.languages}


def with_shots(training: TrainingSet, shots: Sequence[Shots], *, seed: int) -> TrainingSet:
    """A training set with few-shot examples beside its own rows, of which it loses none."""
    drawn = tuple(
        replace(one.pool, subset=one.node(seed=seed), kept=one.k * len(one.pool.languages), recipe=training.recipe)
        for one in shots
    )
    own = training.originals
    return replace(
        training,
        joined=(own, *drawn),
        limit=None,
        kept=own.examples + sum(one.examples for one in drawn),
    )


def drawn(rows: Sequence[Located], tests: Sequence[Located], k: int, *, seed: int) -> list[Located]:
    """So many rows of each language, in their order.

    Args:
        rows: that may be drawn.
        tests: in the same languages, none of which is drawn, nor what shares a premise, paragraph or sentence with one.
        k: rows of each language.
        seed: of the draw.

    Raises:
        XstiltsError: a language does not have so many.
    """
    tested = {mark for row in tests for mark in _marks(row)}
    places: dict[str, list[int]] = {row.language: [] for row in rows}
    places |= by_language(rows, (place for place, row in enumerate(rows) if tested.isdisjoint(_marks(row))))
    for language, members in places.items():
        if len(members) < k:
            raise XstiltsError(
                f"{k} few-shot examples of {language} are to be drawn: {len(members)} rows are not test rows as well"
            )
    return in_order(rows, drawn_of_each_language(places, dict.fromkeys(places, k), seed=seed).values())


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Draws the examples of each node."""
    for node in nodes:
        started, params = time.monotonic(), node.params
        pool, test = (Dataset.read(params[name]) for name in ("dataset", "tests"))
        rows, tests = (located_examples(one, node, store) for one in (pool, test))
        golds = kind_of(pool.kind).golds([row.example for row in rows])
        labelled = [row for row, gold in zip(rows, golds, strict=True) if gold is not None]
        chosen = drawn(labelled, tests, int(params["k"]), seed=int(params["seed"]))
        with store.writer(node) as writer:
            subsets.write(chosen, writer)
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


def _marks(row: Located) -> Iterator[tuple[str, ...]]:
    """By what a row is recognised in another split: all that a model reads, and what it shares with its neighbours."""
    yield (row.language, "whole", *texts(row.example))
    if row.example.repeated is not None:
        yield (row.language, "shared", *row.example.repeated)
