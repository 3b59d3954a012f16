"""The gain on the clean part of the test sets: without the examples that an arm's trainings had read.

What a training text has is left out of the arm's results and of the baseline's alike. Its counts become zero, so the
clusters stay those of the whole test set: seeds and clusters are drawn alike for both gains, and the interval of their
difference is a paired one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xstilts.analysis.averages import PairMean, shared_seeds
from xstilts.analysis.cells import BASELINE, Counts, Estimate, by_place
from xstilts.analysis.estimates import numbers
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.overlaps import PHASES, Ids, Overlap, Shared, overlaps, seen_by
from xstilts.analysis.paired import REPLICATES, Key, Pair, paired_by_target
from xstilts.analysis.robustness import Difference, minus

if TYPE_CHECKING:
    import polars

OWN, ALL = ("ii",), PHASES
"""Whose texts are left out: those that the arm has read and the baseline has not, and those of every phase."""


@dataclass(kw_only=True)
class CleanEstimate(Estimate):
    """One arm × target × language on the clean part; ``language`` None: the mean over target languages.

    Attributes:
        phases: whose texts have none of it.
        left_out: examples that are not clean, and how many there are.
        whole: the gain on all examples.
        change: the gain on the clean part minus that on all examples.
        languages: what a mean covers: those in which something is left.
        gone: target languages of which nothing is left.
    """

    target: str
    language: str | None
    phases: tuple[str, ...]
    left_out: int
    examples: int
    whole: float | None = None
    whole_sign: int = 0
    change: Difference | None = None
    languages: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contamination:
    """What the test sets of a run share with what was trained on, and what is left of the gains without it.

    Attributes:
        overlaps: of every training text, target and language.
        clean: only where something is left out.
        told: what could not be looked through.
    """

    overlaps: tuple[Overlap, ...]
    clean: tuple[CleanEstimate, ...] = ()
    told: tuple[str, ...] = ()

    def of(self, arm: str, target: str, phases: Sequence[str], language: str | None = None) -> CleanEstimate | None:
        """One estimate."""
        return self._found.get((arm, target, tuple(phases), language))

    @cached_property
    def _found(self) -> Mapping[tuple[str, str, tuple[str, ...], str | None], CleanEstimate]:
        return {(one.arm, one.target, one.phases, one.language): one for one in self.clean}

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Phase and name of every training text, in the order of the phases."""
        found = dict.fromkeys((one.phase, one.text) for one in self.overlaps)
        return tuple(sorted(found, key=lambda one: PHASES.index(one[0])))

    def lost(self) -> list[CleanEstimate]:
        """Mean gains that can be told from zero on all examples and cannot on the clean part, or change their sign."""
        means = [one for one in self.clean if one.language is None and one.phases == OWN]
        return [one for one in means if one.whole_sign and one.sign != one.whole_sign]

    def frames(self) -> dict[str, polars.DataFrame]:
        """``overlaps`` and ``clean`` as tables, a row each; fractions."""
        import polars

        rows = [
            {
                **{name: getattr(one, name) for name in ("text", "phase", "target", "language", "examples", "share")},
                "arms": list(one.arms),
                **{name: len(getattr(one, name)) for name in ("whole", "part", "parallel")},
                "untold": one.untold,
            }
            for one in self.overlaps
        ]
        clean = [
            {
                **{
                    name: getattr(one, name) for name in ("arm", "target", "language", "metric", "left_out", "examples")
                },
                "phases": list(one.phases),
                "gain": one.whole,
                **{f"clean_{name}": getattr(one, name) for name in ("gain", "gain_low", "gain_high")},
                **{f"change_{name}": value for name, value in _parts(one.change).items()},
            }
            for one in self.clean
        ]
        return {"overlaps": polars.DataFrame(rows), "clean": polars.DataFrame(clean)}


def _parts(change: Difference | None) -> dict[str, float | None]:
    return asdict(change) if change else dict.fromkeys(("mean", "low", "high"))


def contamination(
    counts: Sequence[Counts],
    shared: Sequence[Shared],
    *,
    source_languages: Mapping[str, str],
    parallel: Sequence[str] = (),
    told: Sequence[str] = (),
    replicates: int = REPLICATES,
) -> Contamination:
    """Overlaps, and gains on the clean part.

    Args:
        counts: of every evaluated arm × target × language × seed.
        shared: what was found in the training texts.
        source_languages: target → the language that no mean covers.
        parallel: targets whose examples have the same ids in every language.
        told: what could not be looked through.
        replicates: of the bootstrap.
    """
    ids: Ids = {(one.target, one.language): frozenset(one.example_ids) for one in counts}
    found = overlaps(shared, ids, parallel=parallel)
    clean = [
        one
        for arm in ordered_arms(cell.arm for cell in counts)
        if arm != BASELINE
        for target in dict.fromkeys(cell.target for cell in counts)
        for one in _of_arm(counts, found, arm, target, source_languages.get(target), replicates)
    ]
    return Contamination(overlaps=tuple(found), clean=tuple(clean), told=tuple(told))


def _of_arm(
    counts: Sequence[Counts], found: Sequence[Overlap], arm: str, target: str, source: str | None, replicates: int
) -> Iterator[CleanEstimate]:
    """An arm on a target: without the texts of its own phase, and where it is another part without those of all."""
    cells = [one for one in counts if one.target == target and one.arm in (arm, BASELINE)]
    base: dict[Key, Pair] = {}
    known: list[Mapping[str, frozenset[str]]] = []
    for phases in (OWN, ALL):
        seen = seen_by(found, arm, target, phases)
        if not seen or seen in known:
            continue
        known.append(seen)
        base = base or _pairs(cells, target, replicates)
        pairs = _pairs([_without(one, seen.get(one.language, frozenset())) for one in cells], target, replicates)
        yield from _estimates(cells, arm, phases, seen, pairs, base, source)


def _pairs(cells: Sequence[Counts], target: str, replicates: int) -> dict[Key, Pair]:
    """Scores and gains of one target; the draws depend on the target, its clusters and the seeds alone."""
    return next(pairs for _, pairs in paired_by_target(by_place(cells), replicates=replicates, targets=[target]))


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
    source: str | None,
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
        place = {"target": target, "language": language, "phases": phases, "examples": len(cell.example_ids)}
        out = len(seen.get(language, frozenset()) & frozenset(cell.example_ids))
        if out:
            yield CleanEstimate(**place, left_out=out, **_numbers(arm, score, pairs[key], base[key]))
        if language == source:
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
