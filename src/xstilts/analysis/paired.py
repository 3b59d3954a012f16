"""Scores and gains of single cells, with their replicates; arms and baseline share every draw.

Shapes: B replicates, n clusters, C counts, k seeds, N examples, M results, U units (an arm in a place).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from xstilts.analysis.bootstrap import Sampled, cluster_weights
from xstilts.analysis.cells import BASELINE, Counts, Floats, Place, by_place
from xstilts.analysis.crossing import ByWeights, Crossing, InOrder
from xstilts.analysis.totals import Clusters, drawn_columns, summed
from xstilts.analysis.units import Unit, paired
from xstilts.errors import XstiltsError
from xstilts.pipeline.local import available_cores

Key = tuple[str, str, str, str]
"""Arm, target, language, score."""
Pair = tuple[Sampled, Sampled | None]
"""A score and, unless it is the baseline's or there is nothing to pair with, its gain."""
OfArms = dict[str, "Results"]
"""Arm → its results: of one language and metric of a target."""
TOGETHER = 200_000
"""Replicates of counts that are computed together (1.6 MB): a core's cache holds them."""
REPLICATES, FEWER_REPLICATES = 2000, 1000
"""Of the bootstrap, and where there are very many results: docs/intervals.md says what that costs."""
LARGE = 100_000
"""Results from which on means over seeds are taken by weights and replicates are fewer (docs/intervals.md)."""
SIDE_BY_SIDE = 200
"""Clusters from which on portions run side by side: below, Python takes longer than sums, and threads wait for it."""
KEPT = 4_000_000
"""Weights of clusters that are drawn once for all languages of a target (32 MB); more are drawn anew."""


class Results(NamedTuple):
    """The results of one arm in a place, by seed."""

    cells: Sequence[Counts]
    seeds: tuple[int, ...]
    """Ascending; empty for a constant."""


def paired_by_target(
    counts: Mapping[Place, Sequence[Counts]], *, replicates: int, targets: Sequence[str]
) -> Iterator[tuple[str, dict[Key, Pair]]]:
    """The scores and gains of one target after the other, in the order given: the replicates of all are too many.

    Raises:
        XstiltsError: a cell is given twice, with and without a seed, or arms have different examples.
    """
    groups = _groups(counts)
    few = sum(map(len, counts.values())) < LARGE
    crossing: Crossing = InOrder() if few else ByWeights()
    # Portions run side by side: matrix products that took further threads would wait for each other.
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(available_cores(), thread_name_prefix="analysis") as pool,
    ):
        for target in targets:
            pairs: dict[Key, Pair] = {}
            for clusters, places in groups.get(target, {}).items():
                draw = _Draw(target, sorted(clusters), replicates=replicates, crossing=crossing)
                portions = _portions(places.values(), replicates=replicates)
                mapped = pool.map if len(clusters) >= SIDE_BY_SIDE else map
                for found in mapped(_sample, portions, repeat(draw)):  # in their order, whoever is done first
                    pairs.update(found)
            yield target, pairs


def pairs_of(cells: Sequence[Counts], target: str, *, replicates: int) -> dict[Key, Pair]:
    """Scores and gains of one target; the draws depend on the target, its clusters and the seeds alone."""
    return next(pairs for _, pairs in paired_by_target(by_place(cells), replicates=replicates, targets=[target]))


Groups = dict[str, dict[frozenset[str], dict[tuple[str, str], OfArms]]]
"""Target → set of cluster ids, whose draw is shared → language and metric → arm → results."""


def _groups(counts: Mapping[Place, Sequence[Counts]]) -> Groups:
    names = _Names()
    examples: dict[tuple[str, str], frozenset[str]] = {}
    of_arms: dict[tuple[str, frozenset[str], str, str], dict[str, list[Counts]]] = {}
    for (arm, target, language), results in counts.items():
        for cells in _alike(results):
            some = cells[0]
            ids = names.as_set(some.example_ids)
            others = examples.setdefault((target, language), ids)
            if others is not ids and others != ids:
                raise XstiltsError(f"{some.place} was not evaluated on the same examples as its siblings")
            clusters = ids if some.cluster_ids is some.example_ids else names.as_set(some.cluster_ids)
            arms = of_arms.setdefault((target, clusters, language, some.metric), {})
            arms.setdefault(arm, []).extend(cells)
    groups: Groups = defaultdict(lambda: defaultdict(dict))
    for (target, clusters, language, metric), arms in of_arms.items():
        groups[target][clusters][language, metric] = {arm: _by_seed(results) for arm, results in arms.items()}
    return groups


def _alike(results: Sequence[Counts]) -> Sequence[Sequence[Counts]]:
    """All results together where they share metric and lists of ids, as those of a run do; else each alone."""
    metric, examples, clusters = results[0].metric, results[0].example_ids, results[0].cluster_ids
    for one in results:
        if one.example_ids is not examples or one.cluster_ids is not clusters or one.metric != metric:
            return [[one] for one in results]
    return [results]


class _Names:
    """One set for equal lists of names, which are many."""

    def __init__(self) -> None:
        self._sets: dict[tuple[str, ...], frozenset[str]] = {}
        self._of_list: dict[int, frozenset[str]] = {}

    def as_set(self, names: Sequence[str]) -> frozenset[str]:
        """The set of names in a list that outlives this object: it is known by where it is in memory."""
        found = self._of_list.get(id(names))
        if found is None:
            key = tuple(names)
            found = self._sets.get(key)
            if found is None:
                found = self._sets.setdefault(key, frozenset(key))
            self._of_list[id(names)] = found
        return found


def _places(groups: Groups) -> Iterator[OfArms]:
    return (place for group in groups.values() for places in group.values() for place in places.values())


def _by_seed(cells: list[Counts]) -> Results:
    """One arm's results, seeds in ascending order.

    Raises:
        XstiltsError: results with and without a seed in one cell, or two of one seed.
    """
    seeds = seeds_of(cells)
    if len(cells) > 1 and len(set(seeds)) != len(cells):
        twice = next(cell for cell in cells if not seeds or seeds.count(cell.seed or 0) > 1)
        raise XstiltsError(f"two results for {twice.place} ({twice.metric})")
    in_order = all(cell.seed == seed for cell, seed in zip(cells, seeds, strict=False))
    return Results(cells if in_order else sorted(cells, key=lambda cell: cell.seed or 0), seeds)


def _portions(places: Iterable[OfArms], *, replicates: int) -> Iterator[list[OfArms]]:
    """Places of a group, as many of one metric as fit into memory at once."""
    waiting: list[OfArms] = []
    held, metric = 0, ""
    for place in places:
        some = next(iter(place.values())).cells[0]
        size = sum(len(results.cells) for results in place.values()) * some.counts.shape[1] * replicates
        if waiting and (held + size > TOGETHER or some.metric != metric):
            yield waiting
            waiting, held = [], 0
        waiting.append(place)
        held, metric = held + size, some.metric
    if waiting:
        yield waiting


class _Draw:
    """How often each cluster is drawn, alike for all cells of a group, and how seeds are."""

    def __init__(self, target: str, clusters: Sequence[str], *, replicates: int, crossing: Crossing) -> None:
        self.target, self.replicates, self.crossing = target, replicates, crossing
        self.clusters = Clusters(clusters)
        few = len(clusters) * replicates <= KEPT
        self._kept = list(self._weights()) if few else None

    def weights(self) -> Iterator[Floats]:
        """Blocks [b, n], B rows in all."""
        return self._weights() if self._kept is None else iter(self._kept)

    def _weights(self) -> Iterator[Floats]:
        return cluster_weights(self.target, self.clusters.names, replicates=self.replicates)


def _sample(places: Sequence[OfArms], draw: _Draw) -> dict[Key, Pair]:
    """Scores and gains of places that share the draw of clusters."""
    cells = [cell for place in places for results in place.values() for cell in results.cells]
    points, drawn = _scores(cells, draw)
    units, bases = _units(places)
    found: dict[Key, Pair] = {}
    for name in cells[0].score_names:
        pairs = paired(
            units, bases, points[name], drawn[name], clusters=len(draw.clusters.names), crossing=draw.crossing
        )
        for unit, pair in zip(units, pairs, strict=True):
            found[unit.arm, draw.target, unit.language, name] = pair
    return found


def _scores(cells: Sequence[Counts], draw: _Draw) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """What M results of one metric score: [M] in all examples and [M, B] in every replicate, by score."""
    sums_MCn, whole_MC = summed([cell.counts for cell in cells], [cell.cluster_ids for cell in cells], draw.clusters)
    totals_CMB = drawn_columns(sums_MCn, draw.weights(), replicates=draw.replicates)
    with np.errstate(divide="ignore", invalid="ignore"):
        points, drawn = cells[0].scores(whole_MC), cells[0].scores(np.moveaxis(totals_CMB, 0, -1))
    names = cells[0].score_names
    return {name: np.asarray(points[name]) for name in names}, {name: np.asarray(drawn[name]) for name in names}


def _units(places: Sequence[OfArms]) -> tuple[list[Unit], list[int | None]]:
    """Every arm of every place with its results by seed, and which of them is the baseline that it is paired with."""
    units: list[Unit] = []
    bases: list[int | None] = []
    start = 0
    for place in places:
        first, base = len(units), None
        for arm, results in place.items():
            following = start + len(results.cells)
            if arm == BASELINE:
                base = len(units)
            units.append(Unit(arm, results.cells[0].language, results.seeds, tuple(range(start, following))))
            start = following
        bases += [None if row == base else base for row in range(first, len(units))]
    return units, bases


def seeds_of(cells: Iterable[Counts]) -> tuple[int, ...]:
    """Sorted seeds of one arm; empty for a constant.

    Raises:
        XstiltsError: results with and without a seed in one cell.
    """
    given = [cell.seed for cell in cells]
    seeds = sorted([seed for seed in given if seed is not None])
    if seeds and len(seeds) != len(given):
        raise XstiltsError(f"a cell has results with seeds {seeds} and one without a seed")
    return tuple(seeds)
