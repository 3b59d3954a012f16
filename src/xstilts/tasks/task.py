"""What a task is: a description, never a dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts.reading.examples import Example
from xstilts.tasks.kind import kind_of

Read = Callable[[Path, str], Iterable[Example]]
"""``read(file, language)`` yields the examples of one local file in file order, raising ``DataError``.

Ids and clusters that the file does not give may be empty: ``discovery.read`` fills them in over the file set.
"""


Layout = str | tuple[str, ...]
"""Where a file is below ``--data``; several paths: a set that is read as one, and only if it is complete."""


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A dataset on the hub: Parquet or data files only, never a loading script.

    ``revision`` is None unless it was read in a primary source; it is resolved to a commit at the first
    download and kept in the lock file.
    """

    repository: str
    config: str | None = "{code}"
    """The configuration: ``{code}`` means the language's code, ``{name}`` its English name; None: the only
    one."""
    revision: str | None = None
    branch: str | None = None
    """The branch whose head is resolved, where the main one holds a loading script (``refs/convert/parquet``)."""
    splits: Mapping[str, str] = field(default_factory=lambda: {"train": "train", "dev": "validation", "test": "test"})
    """Ours → the hub's; of ``a+b`` each row says in ``split`` from which it is. ``{code}`` as in ``config``."""
    read_row: Callable[[Mapping[str, Any], str], Example | None] | None = None
    """``read_row(row, language)``; None for a row of another language or without gold, which is left out."""


@dataclass(frozen=True, kw_only=True)
class Local:
    """Where a task's files are below ``--data``: one pattern per split, in which ``{code}`` means the language.

    ``("xnli/train-{code}.tsv",)``; the first pattern that matches wins. A pattern without ``{code}`` is a file of
    the source language. ``*`` matches any name; all files that fit are one set. Readers work from the layout: any
    code that the folder holds is found.
    """

    patterns: Mapping[str, tuple[Layout, ...]]
    read: Read
    codes: str = "xtreme"
    """The code system of ``{code}``: ``xtreme`` (two letters) or ``iso639_3`` (Tatoeba)."""
    companion: str | None = None
    """A second file that belongs to each one found (Tatoeba's English side); also ``{code}``."""
    beside: tuple[str, ...] = ()
    """Endings of further files that belong to each one found, if they are there: ``.gold`` beside ``.de`` (BUCC)."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Patterns of files that are known and deliberately not read, each with the reason."""
    within: Callable[[Path], Iterable[str]] | None = None
    """The codes of the languages that a file without ``{code}`` holds, where one file holds several (Mewsli-X)."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A dataset that the package makes itself: ``rows(split, language)``, for every split and language named."""

    name: str
    rows: Callable[[str, str], Iterable[Example]]
    splits: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a classification reads as text: ``prefix first: … second: …`` → one of ``labels``.

    Text-to-text models read it; where a task has none, they fall back on their own (``docs/text-to-text.md``).
    """

    prefix: str
    first: str
    second: str | None = None
    labels: tuple[str, ...] = ()
    """What is written for each label, in the order of the task's own."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One dataset: kind, source, languages, splits, how a row reads, metric, licence, paper, published sizes.

    Raises:
        UnknownName: a kind that does not exist.
    """

    title: str
    kind: str
    metric: str = ""
    """Left out: the kind's own."""
    labels: tuple[str, ...] = ()
    source_language: str = "eng-Latn"
    languages: tuple[str, ...] = ()
    """The languages of the published test set, e.g. ``swa-Latn``; what a folder holds is found from the layout."""
    train_on: str | None = None
    """Another task whose training set this one uses (``xquad`` ← ``squad_v1``); None: its own."""
    train_first: str | None = None
    """Another task that fine-tuning trains on before ``train_on`` (``xcopa``: SIQA, then COPA)."""
    trainable: bool = True
    """False for retrieval without phase iii (Tatoeba)."""
    select_split: str = "dev"
    """The split that selects: another than ``dev`` where that is too large to be read after every epoch (Mewsli-X)."""
    test_split: str = "test"
    """The split that is evaluated: ``dev`` where that is the published practice (TyDiQA, HellaSwag)."""
    select_on_train: bool = False
    """True where rows of train select instead of dev: dev is (part of) the test, or another target shares the model."""
    parallel: bool = False
    """True where row i of every language's test set is the same example."""
    typed_from: str = ""
    """Another task whose test rows these are as people typed them: the same rows in the same order, other letters.
    ``robustness: {typed: […]}`` of a target on that task may name this one."""
    pool: int = 0
    """Published candidates of a pool of all languages, where there are many more than queries (Mewsli-X)."""
    local: Local | None = None
    hub: Hub | None = None
    made: Made | None = None
    union: tuple[str, ...] = ()
    """Other tasks whose sets together make this one (ANLI+); it then has no files of its own."""
    labels_at_least: int = 0
    """Above 0 the labels are found, not listed: those that occur at least this often in the training set. All others
    are one, ``rare`` (supertags)."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Published sizes of train, dev and test. ``test-<language>`` is that of one language; a bare ``test`` holds for
    the source language and, in a parallel set and one that the package makes, for all."""
    max_length: int = 0
    """The length of an input, in tokens of a subword model; by default the kind's own."""
    wording: Wording | None = None
    """How a text-to-text model reads and writes it, where that is published."""
    recipe: Mapping[str, float] = field(default_factory=dict)
    """Defaults for training on it (``epochs``, ``batch_size`` …), over the model family's."""
    licence: str | None = None
    paper: str | None = None
    homepage: str | None = None
    notes: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        kind = kind_of(self.kind, where=self.title)
        if not self.metric:
            object.__setattr__(self, "metric", kind.metric_for(self.labels))
        if not self.max_length:
            object.__setattr__(self, "max_length", kind.max_length)

    @property
    def pooled(self) -> bool:
        """Whether all languages form one pool (LAReQA, Mewsli-X): one evaluation per checkpoint."""
        return kind_of(self.kind).pooled


def trains(trained: Task, target: Task) -> bool:
    """Whether the training set of one task can train another: the same kind and label set, or examples made of it."""
    fits = trained.kind == target.kind or trained.kind in kind_of(target.kind).trained_on
    return fits and (trained.labels == target.labels or kind_of(target.kind).labels is None)
