"""What a kind of task is: all that does not depend on the model, declared in ``tasks/kinds/<kind>.py``.

A kind says what its examples are, how a user's own files become such examples, what is scored and against which gold,
and how much text there is to read and to write. What a model makes of it is the head's business
(``heads/<architecture>/<kind>.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.reading.columns import Columns, Roles
from xstilts.reading.examples import Example

Reader = Callable[[Path, Columns, Sequence[str]], Iterator[Example]]
"""``reader(file, columns, labels)``: the examples of a user's file in a format of the kind's own."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """What is chosen on labelled rows of the evaluated language itself (mining: its threshold).

    Attributes:
        split: the split of these rows.
        tuned: ``tuned(predictions, golds, (predictions, golds) of the split)`` gives the final predictions, and what
            was chosen.
    """

    split: str
    tuned: Callable[
        [Sequence[Any], Sequence[Any], tuple[Sequence[Any], Sequence[Any]]], tuple[list[Any], dict[str, float]]
    ]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a task on a user's own files has besides its files, where labels, metric and data have to agree.

    Attributes:
        notes: what was decided, and why, for people.
    """

    labels: tuple[str, ...]
    metric: str
    notes: tuple[str, ...] = ()


Decide = Callable[[tuple[str, ...], str | None, Callable[[], Iterable[Any]]], Decision]
"""``decide(labels, metric, examples)``: labels given or found, the metric if one is given, and all examples on call.

It raises ``ConfigError`` where they contradict each other. What it decides it leaves as it is when asked again.
"""


Review = Callable[[Sequence[Any], str, Path], None]
"""``review(examples, metric, file)``: notes what is odd; raises ``DataError`` where the metric cannot score them."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of task.

    Attributes:
        title: what it asks.
        example: the type of its examples.
        gold: the gold of an example, of the type that the kind's metrics take; None where it is hidden.
        parts: an answer, or a gold, as the choices that it consists of, each one of a few: a label, the tags of the
            words; None: answers are free, or compared with a pool.
        part: what one such choice is made for, in the plural.
        golds_of_pool: the golds of all examples, where they depend on the pool that the examples form.
        scored_of: which examples are scored, ascending, where some are only there to be found; None: all are.
        labels: the labels that an example carries; None: the kind has no label set.
        metric: the default metric, or how it follows from the labels; empty: there is nothing to score.
        metrics: the metrics of ours that take its golds.
        decide: decides labels and metric of a task on a user's own files; None: they are as given, or the default.
        review: what is said of a user's file whose examples a metric takes, or why it cannot take them.
        max_length: the default length of an input, in tokens of a subword model.
        roles: how a user's own tables become examples; None: users cannot write tasks of this kind on their own files.
        formats: further formats that a user's files may have, each with its reader.
        settled: what becomes of all examples of a user's table, where one is only understood beside the others.
        pooled: whether the languages form one pool: one evaluation per checkpoint, not one per language.
        retrieval: whether vectors are compared: a limit then applies to what is scored, never to the index.
        trained_on: other kinds whose training sets can train this one.
        turned: makes examples of ``trained_on`` into examples of this kind, given their language; others stay.
        tuning: what is tuned in the evaluated language; None: nothing is.
        pretraining: whether it is an objective on plain text, of which there are no tasks.
        characters: of an example where only the number of examples is published: a round figure, only for estimates.
        repeated: characters of a published example that are read again with every further choice.
        written: characters that a text-to-text model writes for an example: round figures, only for estimates.
        writes_as_much: a text-to-text model writes about as many characters as it reads.
        version: raised when results change; part of a node's key from 2 on.
    """

    title: str
    example: type[Example]
    gold: Callable[[Any], Any]
    parts: Callable[[Any], Sequence[Hashable]] | None = None
    part: str = "items"
    golds_of_pool: Callable[[Sequence[Any]], list[Any]] | None = None
    scored_of: Callable[[Sequence[Any]], list[int]] | None = None
    labels: Callable[[Any], Iterable[str]] | None = None
    metric: str | Callable[[Sequence[str]], str] = ""
    metrics: tuple[str, ...] = ()
    decide: Decide | None = None
    review: Review | None = None
    max_length: int = 128
    roles: Roles | None = None
    formats: Mapping[str, Reader] = field(default_factory=dict)
    settled: Callable[[Sequence[Any], Path], Sequence[Example]] | None = None
    pooled: bool = False
    retrieval: bool = False
    trained_on: tuple[str, ...] = ()
    turned: Callable[[Iterable[Example], str], list[Example]] | None = None
    tuning: Tuning | None = None
    pretraining: bool = False
    characters: int = 200
    repeated: int = 0
    written: int = 0
    writes_as_much: bool = False
    version: int = 1

    def metric_for(self, labels: Sequence[str]) -> str:
        """The default metric of a task with these labels."""
        return self.metric if isinstance(self.metric, str) else self.metric(labels)

    def golds(self, examples: Sequence[Example]) -> list[Any]:
        """The gold of every example."""
        if self.golds_of_pool is not None:
            return self.golds_of_pool(examples)
        return [self.gold(example) for example in examples]

    def scored(self, examples: Sequence[Example]) -> list[int]:
        """Which examples are scored, ascending."""
        return list(range(len(examples))) if self.scored_of is None else self.scored_of(examples)


def kind_of(name: str, *, where: str = "") -> Kind:
    """The kind of a name.

    Raises:
        UnknownName: there is none; the message names the nearest.
    """
    found: Kind = registry.find("tasks.kinds", name, where=where)
    return found


def kinds() -> tuple[str, ...]:
    """The names of all kinds, in alphabetical order."""
    return registry.names("tasks.kinds")


def versions_of(name: str) -> dict[str, int]:
    """What a node's versions hold of a kind: nothing before its second version, so that earlier keys stay valid."""
    version = kind_of(name).version
    return {f"tasks.kinds.{name}": version} if version > 1 else {}
