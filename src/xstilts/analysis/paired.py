"""Scores and gains of single cells, with their replicates; arms and baseline share every draw.

Shapes: B replicates, n clusters, C counts, k seeds, N examples, M results, U units (an arm in a place).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from xstilts.analysis.bootstrap import Sampled, cluster_weights, drawn_rows, summed_by_cluster
from xstilts.analysis.cells import BASELINE, Counts, Floats
from xstilts.analysis.units import Unit, differences, quantities
from xstilts.errors import XstiltsError
from xstilts.pipeline.local import available_cores

Key = tuple[str, str, str, str]
"""Arm, target, language, score."""
Pair = tuple[Sampled, Sampled | None]
"""A score and, unless it is the baseline's or there is nothing to pair with, its gain."""
TOGETHER = 1_000_000
"""Replicates of counts that are computed together (8 MB): what a core's cache holds is not fetched again and again."""
KEPT = 4_000_000
"""Weights of clusters that are drawn once for all languages of a target (32 MB); more are drawn anew."""


def paired_by_target(
    cells: Sequence[Counts], *, replicates: int, targets: Sequence[str]
) -> Iterator[tuple[str, dict[Key, Pair]]]:
    """The scores and gains of one target after the other, in the order given: the replicates of all are too many.

    Raises:
        XstiltsError: a cell is given twice, with and without a seed, or arms have different examples.
    """
    groups = _groups(cells)
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="analysis") as pool:
        for target in targets:
            pairs: dict[Key, Pair] = {}
            for group in groups.get(target, ()):
                draw = _Draw(target, sorted(set(group[0].cluster_ids)), replicates=replicates)
                portions = _portions(group, replicates=replicates)
                for found in pool.map(_sample, portions, repeat(draw)):  # in their order, whoever is done first
                    pairs.update(found)
            yield target, pairs


def _groups(cells: Sequence[Counts]) -> dict[str, list[list[Counts]]]:
    """Target → cells that share the draw of clusters: one set of cluster ids."""
    groups: dict[str, dict[frozenset[str], list[Counts]]] = defaultdict(lambda: defaultdict(list))
    seen: set[tuple[str, str, str, str, int | None]] = set()
    examples: dict[tuple[str, str], frozenset[str]] = {}
    known: dict[tuple[str, ...], frozenset[str]] = {}

    def as_set(names: Sequence[str]) -> frozenset[str]:
        """One object for equal lists, which are many."""
        names = tuple(names)
        found = known.get(names)
        if found is None:
            found = known.setdefault(names, frozenset(names))
        return found

    for cell in cells:
        identity = (cell.arm, cell.target, cell.language, cell.metric, cell.seed)
        if identity in seen:
            raise XstiltsError(f"two results for {cell.place} ({cell.metric})")
        seen.add(identity)
        ids = as_set(cell.example_ids)
        others = examples.setdefault((cell.target, cell.language), ids)
        if others is not ids and others != ids:
            raise XstiltsError(f"{cell.place} was not evaluated on the same examples as its siblings")
        groups[cell.target][as_set(cell.cluster_ids)].append(cell)
    return {target: list(by_clusters.values()) for target, by_clusters in groups.items()}


def _portions(group: Sequence[Counts], *, replicates: int) -> Iterator[list[list[Counts]]]:
    """Places of a group (a language and metric with all arms and seeds), as many as fit into memory at once."""
    places: dict[tuple[str, str], list[Counts]] = defaultdict(list)
    for cell in group:
        places[cell.language, cell.metric].append(cell)
    waiting: list[list[Counts]] = []
    held = 0
    for members in places.values():
        size = sum(cell.counts.shape[1] for cell in members) * replicates
        if waiting and (held + size > TOGETHER or members[0].metric != waiting[0][0].metric):
            yield waiting
            waiting, held = [], 0
        waiting.append(members)
        held += size
    if waiting:
        yield waiting


class _Draw:
    """How often each cluster is drawn, alike for all cells of a group."""

    def __init__(self, target: str, clusters: Sequence[str], *, replicates: int) -> None:
        self.target, self.clusters, self._replicates = target, clusters, replicates
        few = len(clusters) * replicates <= KEPT
        self._kept = list(self._weights()) if few else None

    def weights(self) -> Iterator[Floats]:
        """Blocks [b, n], B rows in all."""
        return self._weights() if self._kept is None else iter(self._kept)

    def _weights(self) -> Iterator[Floats]:
        return cluster_weights(self.target, self.clusters, replicates=self._replicates)


@dataclass(frozen=True, kw_only=True)
class _Results:
    """What M results of one metric score, in all examples and in every replicate."""

    points: dict[str, Floats]
    """[M] by score."""
    drawn: dict[str, Floats]
    """[M, B] by score."""


def _sample(places: Sequence[Sequence[Counts]], draw: _Draw) -> dict[Key, Pair]:
    """Scores and gains of places that share the draw of clusters."""
    cells = [cell for members in places for cell in members]
    results = _results(cells, draw)
    units, bases = _units(places)
    pairs: dict[Key, Pair] = {}
    for name in cells[0].score_names:
        points, drawn = results.points[name], results.drawn[name]
        values = quantities(units, points, drawn, clusters=len(draw.clusters))
        gains = differences(units, bases, points, drawn, clusters=len(draw.clusters))
        for unit, value, gain in zip(units, values, gains, strict=True):
            pairs[unit.arm, draw.target, unit.language, name] = (value, gain)
    return pairs


def _results(cells: Sequence[Counts], draw: _Draw) -> _Results:
    sums_MCn = summed_by_cluster([cell.counts for cell in cells], [cell.cluster_ids for cell in cells], draw.clusters)
    count, columns, _ = sums_MCn.shape
    totals = drawn_rows(sums_MCn.reshape(count * columns, -1), draw.weights()).reshape(count, columns, -1)
    whole = _whole([cell.counts for cell in cells])
    with np.errstate(divide="ignore", invalid="ignore"):
        points, drawn = cells[0].scores(whole), cells[0].scores(np.moveaxis(totals, 1, -1))
    names = cells[0].score_names
    return _Results(
        points={name: np.asarray(points[name]) for name in names},
        drawn={name: np.asarray(drawn[name]) for name in names},
    )


def _whole(counts: Sequence[Floats]) -> Floats:
    """[N, C] counts of M results → [M, C] totals; those of equal N at once, which sums them in the same order."""
    found = np.empty((len(counts), counts[0].shape[1]))
    alike: dict[int, list[int]] = defaultdict(list)
    for index, one in enumerate(counts):
        alike[len(one)].append(index)
    for some in alike.values():
        found[some] = np.stack([counts[index] for index in some]).sum(axis=1)
    return found


def _units(places: Sequence[Sequence[Counts]]) -> tuple[list[Unit], list[Unit | None]]:
    """Every arm of every place with its results by seed, and the baseline that it is paired with."""
    units: list[Unit] = []
    bases: list[Unit | None] = []
    at = 0
    for members in places:
        arms: dict[str, list[tuple[int, Counts]]] = defaultdict(list)
        for cell in members:
            arms[cell.arm].append((at, cell))
            at += 1
        of_place = {arm: _unit(of_arm) for arm, of_arm in arms.items()}
        for arm, unit in of_place.items():
            units.append(unit)
            bases.append(None if arm == BASELINE else of_place.get(BASELINE))
    return units, bases


def _unit(results: Sequence[tuple[int, Counts]]) -> Unit:
    """One arm's results, seeds in ascending order."""
    ordered = sorted(results, key=lambda one: (one[1].seed is not None, one[1].seed or 0))
    cell = ordered[0][1]
    return Unit(
        arm=cell.arm,
        language=cell.language,
        seeds=seeds_of(one for _, one in ordered),
        places=tuple(place for place, _ in ordered),
    )


def seeds_of(cells: Iterable[Counts]) -> tuple[int, ...]:
    """Sorted seeds of one arm; empty for a constant.

    Raises:
        XstiltsError: results with and without a seed in one cell.
    """
    given = [cell.seed for cell in cells]
    seeds = sorted(seed for seed in given if seed is not None)
    if seeds and len(seeds) != len(given):
        raise XstiltsError(f"a cell has results with seeds {seeds} and one without a seed")
    return tuple(seeds)
