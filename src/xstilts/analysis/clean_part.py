"""The gain on the clean part of the test sets: without the examples that an arm's trainings had read.

What a training text has is left out of the arm's results and of the baseline's alike. Its counts become zero, so the
clusters stay those of the whole test set: seeds and clusters are drawn alike for both gains, and the interval of their
difference is a paired one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xstilts.analysis.averages import PairMean, shared_seeds
from xstilts.analysis.cells import BASELINE, Counts, Estimate, by_place
from xstilts.analysis.contamination import ALL, OWN, CleanEstimate, Contamination
from xstilts.analysis.estimates import numbers
from xstilts.analysis.gains import FewShot
from xstilts.analysis.grid import Grid
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.overlaps import Overlap, Shared, overlaps, seen_by
from xstilts.analysis.paired import REPLICATES, Key, Pair, pairs_of
from xstilts.analysis.robustness import minus


def contamination(
    counts: Sequence[Counts],
    shared: Sequence[Shared],
    *,
    source_languages: Mapping[str, str],
    few_shot: FewShot | None = None,
    parallel: Sequence[str] = (),
    told: Sequence[str] = (),
    replicates: int = REPLICATES,
) -> Contamination:
    """Overlaps, and gains on the clean part.

    Args:
        counts: of every evaluated arm × target × language × seed.
        shared: what was found in the training texts.
        source_languages: target → the language that no mean covers.
        few_shot: target → language → examples that fine-tuning trained on; means cover these languages alone.
        parallel: targets whose examples have the same ids in every language.
        told: what could not be looked through.
        replicates: of the bootstrap.
    """
    ids: dict[tuple[str, str], frozenset[str]] = {}
    cells: dict[tuple[str, str], list[Counts]] = {}
    for one in counts:
        cells.setdefault((one.arm, one.target), []).append(one)
        if (place := (one.target, one.language)) not in ids:
            ids[place] = frozenset(one.example_ids)
    found = overlaps(shared, ids, parallel=parallel)
    grid = Grid(by_place(counts), (), source_languages, few_shot)
    averaged = {target: grid.target_languages(target) for target in grid.targets}
    clean = [
        one
        for arm in ordered_arms(arm for arm, _ in cells)
        if arm != BASELINE
        for target in dict.fromkeys(target for _, target in cells)
        for one in _of_arm(
            [*cells.get((BASELINE, target), ()), *cells.get((arm, target), ())],
            found,
            arm,
            target,
            averaged.get(target, ()),
            replicates,
        )
    ]
    return Contamination(overlaps=tuple(found), clean=tuple(clean), told=tuple(told))


def _of_arm(
    cells: Sequence[Counts], found: Sequence[Overlap], arm: str, target: str, averaged: Sequence[str], replicates: int
) -> Iterator[CleanEstimate]:
    """An arm on a target: without the texts of its own phase, and where it is another part without those of all."""
    base: dict[Key, Pair] = {}
    known: list[Mapping[str, frozenset[str]]] = []
    for phases in (OWN, ALL):
        seen = seen_by(found, arm, target, phases)
        if not seen or seen in known or not any(one.arm == arm for one in cells):
            continue
        known.append(seen)
        base = base or pairs_of(cells, target, replicates=replicates)
        kept = [_without(one, seen.get(one.language, frozenset())) for one in cells]
        pairs = pairs_of(kept, target, replicates=replicates)
        yield from _estimates(cells, arm, phases, seen, pairs, base, averaged)


def _without(cell: Counts, seen: frozenset[str]) -> Counts:
    """The same as if some examples had not been tested."""
    kept = np.array([name not in seen for name in cell.example_ids], dtype=np.float64)
    return replace(cell, counts=cell.counts * kept[:, None]) if seen else cell


def _estimates(
    cells: Sequence[Counts],
    arm: str,
    phases: tuple[str, ...],
    seen: Mapping[str, frozenset[str]],
    pairs: Mapping[Key, Pair],
    base: Mapping[Key, Pair],
    averaged: Sequence[str],
) -> Iterator[CleanEstimate]:
    """Every language in which something is left out, and the mean over the target languages."""
    score, target = cells[0].score_names[0], cells[0].target
    placed = {one.language: one for one in cells if one.arm == arm}
    parts: dict[str, tuple[Pair, Pair]] = {}
    gone: list[str] = []
    left_out = examples = 0
    for language, cell in sorted(placed.items()):
        key = (arm, target, language, score)
        if key not in pairs or math.isnan(base[key][0].mean):
            continue
        place: dict[str, Any] = {
            "target": target,
            "language": language,
            "phases": phases,
            "examples": len(cell.example_ids),
        }
        out = len(seen.get(language, frozenset()) & frozenset(cell.example_ids))
        if out:
            yield CleanEstimate(**place, left_out=out, **_numbers(arm, score, pairs[key], base[key]))
        if language not in averaged:
            continue
        left_out, examples = left_out + out, examples + len(cell.example_ids)
        if math.isnan(pairs[key][0].mean):
            gone.append(language)
        else:
            parts[language] = (pairs[key], base[key])
    if left_out:
        place = {"target": target, "language": None, "phases": phases, "examples": examples, "left_out": left_out}
        mean = _mean(arm, score, list(parts.values()))
        yield CleanEstimate(**place, languages=tuple(parts), gone=tuple(gone), **mean)


def _mean(arm: str, score: str, parts: Sequence[tuple[Pair, Pair]]) -> dict[str, Any]:
    """The numbers of a mean over languages; of none, those of nothing."""
    clean, whole = PairMean(), PairMean()
    for one, other in parts:
        clean.add(one)
        whole.add(other)
    pair, base = clean.result(), whole.result()
    return {"arm": arm, "metric": score} if pair is None or base is None else _numbers(arm, score, pair, base)


def _numbers(arm: str, score: str, pair: Pair, base: Pair) -> dict[str, Any]:
    """The numbers on the clean part, the gain on all examples, and the difference."""
    whole = Estimate(**numbers(arm, score, base, seeds=shared_seeds(base)))
    return {
        **numbers(arm, score, pair, seeds=shared_seeds(pair)),
        "whole": whole.gain,
        "whole_sign": whole.sign,
        "change": None if math.isnan(pair[0].mean) else minus(pair[1], base[1]),
    }
