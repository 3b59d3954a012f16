"""Scores and gains of single cells, with their replicates; arms and baseline share every draw."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from xstilts.analysis.bootstrap import Sampled, cluster_sums, cluster_weights, drawn_totals, sampled
from xstilts.analysis.cells import BASELINE, Counts, Floats
from xstilts.errors import XstiltsError

Key = tuple[str, str, str, str]
"""Arm, target, language, score."""
Pair = tuple[Sampled, Sampled | None]
"""A score and, unless it is the baseline's or there is nothing to pair with, its gain."""
Scores = dict[str, tuple[Floats, Floats]]
"""Score → points [k] and replicates [B, k] of one arm, seeds in ascending order."""


def paired_scores(cells: Sequence[Counts], *, replicates: int) -> dict[Key, Pair]:
    """Every score and gain with its replicates.

    Raises:
        XstiltsError: a cell is given twice, with and without a seed, or arms have different examples.
    """
    pairs: dict[Key, Pair] = {}
    for group in _groups(cells):
        pairs.update(_sample_group(group, replicates=replicates))
    return pairs


def _groups(cells: Sequence[Counts]) -> list[list[Counts]]:
    """Cells that share the draw of clusters: one target, one set of cluster ids."""
    groups: dict[tuple[str, frozenset[str]], list[Counts]] = defaultdict(list)
    seen: set[tuple[str, str, str, str, int | None]] = set()
    examples: dict[tuple[str, str], frozenset[str]] = {}
    for cell in cells:
        identity = (cell.arm, cell.target, cell.language, cell.metric, cell.seed)
        if identity in seen:
            raise XstiltsError(f"two results for {cell.place} ({cell.metric})")
        seen.add(identity)
        ids = frozenset(cell.example_ids)
        if examples.setdefault((cell.target, cell.language), ids) != ids:
            raise XstiltsError(f"{cell.place} was not evaluated on the same examples as its siblings")
        groups[cell.target, frozenset(cell.cluster_ids)].append(cell)
    return list(groups.values())


def _sample_group(group: Sequence[Counts], *, replicates: int) -> dict[Key, Pair]:
    """Scores and gains of cells that share the draw of clusters."""
    target = group[0].target
    clusters = sorted(set(group[0].cluster_ids))
    number = {cluster: index for index, cluster in enumerate(clusters)}
    sums = [
        cluster_sums(cell.counts, np.array([number[name] for name in cell.cluster_ids]), len(clusters))
        for cell in group
    ]
    totals = drawn_totals(np.hstack(sums), cluster_weights(target, clusters, replicates=replicates))
    drawn = np.split(totals, np.cumsum([part.shape[1] for part in sums])[:-1], axis=1)
    places: dict[tuple[str, str], list[tuple[Counts, Floats]]] = defaultdict(list)
    for cell, replicate in zip(group, drawn, strict=True):
        places[cell.language, cell.metric].append((cell, replicate))
    pairs: dict[Key, Pair] = {}
    for members in places.values():
        pairs.update(_sample_place(members, clusters=len(clusters)))
    return pairs


def _sample_place(members: Sequence[tuple[Counts, Floats]], *, clusters: int) -> dict[Key, Pair]:
    """Scores and gains of all arms in one target, language and metric."""
    arms: dict[str, list[tuple[Counts, Floats]]] = defaultdict(list)
    for member in members:
        arms[member[0].arm].append(member)
    scored = {arm: _scores(seeds) for arm, seeds in arms.items()}
    seeds = {arm: seeds_of(cell for cell, _ in of_arm) for arm, of_arm in arms.items()}
    pairs: dict[Key, Pair] = {}
    first = members[0][0]
    for arm, scores in scored.items():
        for name, (points, drawn) in scores.items():
            value = sampled(points, drawn, seeds=seeds[arm], clusters=clusters)
            gain = None
            if arm != BASELINE and BASELINE in scored:
                base = scored[BASELINE][name]
                gain = _gain((points, drawn), base, seeds[arm], seeds[BASELINE], clusters=clusters)
            pairs[arm, first.target, first.language, name] = (value, gain)
    return pairs


def _scores(seeds: Sequence[tuple[Counts, Floats]]) -> Scores:
    """Points [k] and replicates [B, k] of one arm by score, seeds in ascending order."""
    ordered = sorted(seeds, key=lambda member: (member[0].seed is not None, member[0].seed or 0))
    cell = ordered[0][0]
    with np.errstate(divide="ignore", invalid="ignore"):
        points = cell.scores(np.stack([one.counts.sum(axis=0) for one, _ in ordered]))
        drawn = cell.scores(np.stack([totals for _, totals in ordered], axis=1))
    return {name: (np.asarray(points[name]), np.asarray(drawn[name])) for name in cell.score_names}


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


def _gain(
    arm: tuple[Floats, Floats],
    base: tuple[Floats, Floats],
    arm_seeds: tuple[int, ...],
    base_seeds: tuple[int, ...],
    *,
    clusters: int,
) -> Sampled | None:
    """Arm minus baseline, seed by seed; a constant pairs with every seed. None without a shared seed or a number."""
    if arm_seeds and base_seeds:
        seeds = tuple(seed for seed in arm_seeds if seed in base_seeds)
    else:
        seeds = arm_seeds or base_seeds
    if not seeds and (arm_seeds or base_seeds):
        return None

    def chosen(values: Floats, own: tuple[int, ...]) -> Floats:
        return values[..., [own.index(seed) for seed in seeds]] if own else values

    gain = sampled(
        chosen(arm[0], arm_seeds) - chosen(base[0], base_seeds),
        chosen(arm[1], arm_seeds) - chosen(base[1], base_seeds),
        seeds=seeds,
        clusters=clusters,
    )
    return None if math.isnan(gain.mean) else gain
