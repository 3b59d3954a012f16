"""What goes into the gain matrix and what comes out: counts per example in, one cell per score out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BASELINE = "none"
"""The arm without intermediate training: what every gain is measured against."""

FEW_SEEDS = 3
"""Below this many seeds a cell also carries the example-only interval and the seed range."""

Floats = NDArray[np.float64]
Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval, or of a range; fractions."""
Place = tuple[str, str, str]
"""Arm, target and language."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The counts per example of one evaluated checkpoint: one arm, target, language and seed.

    Args:
        arm: the intermediate training; ``none`` is the baseline.
        target: the target task.
        language: e.g. ``swa-Latn``.
        seed: None where the result depends on no seed (Tatoeba × ``none``): a constant.
        metric: the registered metric; ``score_names`` are its scores, the official one first.
        counts: float64 [N, C], one row per example.
        example_ids: N ids; the same for every arm and seed of a target and language.
        cluster_ids: N ids of what the bootstrap draws (premise, paragraph, document, sentence).
        node: key of the node that evaluated it.
        scores: the metric's ``scores``: totals [..., C] → name → scores [...].

    Raises:
        ValueError: the lengths do not agree, or there is no example.
    """

    arm: str
    target: str
    language: str
    seed: int | None
    metric: str
    score_names: Sequence[str]
    counts: Floats
    example_ids: Sequence[str]
    cluster_ids: Sequence[str]
    node: str
    scores: Callable[[Floats], Mapping[str, Floats]]

    def __post_init__(self) -> None:
        rows = len(self.counts)
        if self.counts.ndim != 2 or rows == 0 or not rows == len(self.example_ids) == len(self.cluster_ids):
            raise ValueError(
                f"counts of {self.place}: shape {self.counts.shape}, {len(self.example_ids)} example ids, "
                f"{len(self.cluster_ids)} cluster ids; expected [N, C] with N of each, N > 0"
            )

    @property
    def place(self) -> str:
        """Arm, target, language and seed in words, for messages."""
        return f"{self.arm} × {self.target} × {self.language}, seed {self.seed}"


def by_place(cells: Iterable[Counts]) -> dict[Place, list[Counts]]:
    """The results of every arm in every target and language: most often one per seed."""
    found: dict[Place, list[Counts]] = defaultdict(list)
    for cell in cells:
        found[cell.arm, cell.target, cell.language].append(cell)
    return dict(found)


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A cell of one seed that has no counts because a node failed (or did not run after a failure)."""

    arm: str
    target: str
    language: str
    seed: int | None
    message: str
    node: str


@dataclass(kw_only=True)
class Estimate:
    """Numbers of one cell or average, all fractions; None is missing, never 0.

    ``interval`` says what ``low``, ``high``, ``gain_low`` and ``gain_high`` cover, and how they were made:
    ``components`` and ``crossed`` (seeds and examples), ``examples`` (one seed or none: differences between seeds are
    not covered) or "" (no interval).

    Nobody writes into one, but it is not frozen: making one takes a third of the time, and large grids have very many.
    """

    arm: str
    metric: str | None
    unit: str = "fraction"
    seeds: tuple[int, ...] = ()
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str = ""
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    gain_seeds: tuple[int, ...] = ()
    """The seeds that the gain pairs: those that both the arm and the baseline have."""
    gain_interval: str = ""
    examples_only: Interval | None = None
    """With fewer than three seeds: the interval with the seeds held fixed."""
    gain_examples_only: Interval | None = None
    seed_range: Interval | None = None
    """With fewer than three seeds: the lowest and highest score of a seed."""
    gain_seed_range: Interval | None = None

    @property
    def sign(self) -> int:
        """1 or -1 where the interval of the gain excludes zero, else 0."""
        if self.gain_low is None or self.gain_high is None:
            return 0
        return (self.gain_low > 0) - (self.gain_high < 0)


@dataclass(kw_only=True)
class Cell(Estimate):
    """One arm × target × language × score, over the seeds."""

    target: str
    language: str
    examples: int = 0
    clusters: int = 0
    nodes: tuple[str, ...] = ()
    failure: str = ""

    @property
    def status(self) -> str:
        """``ok``, ``partial`` (a seed failed), ``failed``, ``undefined`` (0 / 0) or ``missing``."""
        if self.mean is not None:
            return "partial" if self.failure else "ok"
        if self.failure:
            return "failed"
        return "undefined" if self.nodes else "missing"


@dataclass(kw_only=True)
class Average(Estimate):
    """Unweighted mean over the target languages of one target, or over all targets (``target`` None).

    The source language is never part of it.
    """

    target: str | None
    languages: tuple[str, ...] = ()
    """What the mean covers: languages of the target; empty in an average over targets."""
    targets: tuple[str, ...] = ()
    """What an average over targets covers."""
    absent: tuple[str, ...] = ()
    """Languages (or targets) that other arms have and this mean or its gain lacks."""
    few_shot: bool = False
    """Of an average over targets: whether they are those that train on few-shot examples."""


@dataclass(kw_only=True)
class LanguageAverage(Average):
    """Mean over the targets of one language; with ``language`` None over the languages of one type."""

    morphology: str
    language: str | None = None
