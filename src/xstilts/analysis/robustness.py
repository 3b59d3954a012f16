"""Scores and gains on test rows in other forms, and what of the gain on the rows as they are is left there.

The *robustness gain* of an arm is its gain over ``none`` under a perturbation. Beside it is the difference from the
gain on the rows as they are. Perturbed rows have the ids and clusters of their originals, so seeds and clusters are
drawn alike for both, and the interval of the difference is a paired one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from xstilts.analysis.averages import PairMean, shared_seeds
from xstilts.analysis.bootstrap import Sampled, difference
from xstilts.analysis.cells import Counts, Estimate, by_place
from xstilts.analysis.estimates import numbers
from xstilts.analysis.gains import FewShot
from xstilts.analysis.grid import Grid
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.paired import REPLICATES, Key, Pair, pairs_of
from xstilts.analysis.printed import printed
from xstilts.analysis.variants import Audit, Form, Varied


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A paired difference with its 95 % interval; fractions."""

    mean: float
    low: float | None = None
    high: float | None = None

    @property
    def sign(self) -> int:
        """1 or -1 where the interval excludes zero, else 0."""
        if self.low is None or self.high is None:
            return 0
        return (self.low > 0) - (self.high < 0)


@dataclass(kw_only=True)
class RobustEstimate(Estimate):
    """One arm × target × language under one form of its rows; ``language`` None: the mean over target languages.

    The mean over the pairs of two languages has ``second`` ``*``.

    Attributes:
        form: of the rows; an empty form is the rows as they are.
        score_change: score in this form minus score of the rows as they are.
        gain_change: gain in this form minus gain on the rows as they are.
        languages: what a mean covers.
    """

    target: str
    language: str | None
    form: Form
    score_change: Difference | None = None
    gain_change: Difference | None = None
    languages: tuple[str, ...] = ()
    examples: int = 0
    nodes: tuple[str, ...] = ()
    failure: str = ""
    error_rate: float | None = None
    """Edits per character that the perturbation made there."""


@dataclass(frozen=True, kw_only=True)
class RobustnessTable:
    """All estimates of a run.

    Attributes:
        undefined: target → perturbation → language → why.
        rates: target → character error rate asked for.
    """

    estimates: tuple[RobustEstimate, ...]
    audits: tuple[Audit, ...]
    undefined: Mapping[str, Mapping[str, Mapping[str, str]]]
    rates: Mapping[str, float]

    def of(self, target: str, arm: str, *, form: Form, language: str | None) -> RobustEstimate | None:
        """One estimate."""
        return self._found.get((target, arm, form, language))

    def forms(self, target: str) -> tuple[Form, ...]:
        """The forms of a target's rows, the rows as they are first."""
        return tuple(dict.fromkeys(one.form for one in self.estimates if one.target == target))

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that were evaluated in other forms."""
        return tuple(dict.fromkeys(one.target for one in self.estimates))

    @cached_property
    def _found(self) -> Mapping[tuple[str, str, Form, str | None], RobustEstimate]:
        return {(one.target, one.arm, one.form, one.language): one for one in self.estimates}


def robustness(
    clean: Sequence[Counts],
    varied: Varied,
    *,
    source_languages: Mapping[str, str],
    few_shot: FewShot | None = None,
    replicates: int = REPLICATES,
) -> RobustnessTable:
    """Every estimate, each target's rows as they are first.

    Args:
        clean: counts on the rows as they are.
        varied: counts on the same rows in other forms, the minimum of each example among them.
        source_languages: target → the language that no mean covers.
        few_shot: target → language → examples that fine-tuning trained on; means cover these languages alone.
        replicates: of the bootstrap.
    """
    targets = dict.fromkeys(cell.target for cells in varied.counts.values() for cell in cells)
    found: list[RobustEstimate] = []
    for target in targets:
        own = [cell for cell in clean if cell.target == target]
        base, grid = pairs_of(own, target, replicates=replicates), Grid(by_place(own), (), source_languages, few_shot)
        averaged = grid.target_languages(target)
        found += _of_form(own, Form(), target, base, base, averaged)
        mixed = _Mixed()
        for form, every in varied.counts.items():
            if cells := [cell for cell in every if cell.target == target]:
                pairs = pairs_of(cells, target, replicates=replicates)
                found += _of_form(cells, form, target, pairs, base, averaged, mixed)
        found += mixed.means(target, ordered_arms(cell.arm for cell in own), own)
    made = {(one.target, one.perturbation, one.language): one.error_rate for one in varied.audits}
    audited = [
        replace(one, error_rate=made.get((one.target, one.form.perturbation, one.language or ""))) for one in found
    ]
    return RobustnessTable(
        estimates=(*audited, *_failures(varied)),
        audits=tuple(varied.audits),
        undefined=varied.undefined,
        rates=varied.rates,
    )


class _Mixed:
    """The mean over all pairs of two languages."""

    def __init__(self) -> None:
        self.parts: dict[str, list[tuple[str, Pair, Pair]]] = {}

    def add(self, arm: str, name: str, pair: Pair, base: Pair) -> None:
        """Take a pair of languages in."""
        self.parts.setdefault(arm, []).append((name, pair, base))

    def means(self, target: str, arms: Sequence[str], cells: Sequence[Counts]) -> Iterator[RobustEstimate]:
        """One estimate per arm."""
        for arm in arms:
            if parts := self.parts.get(arm):
                yield _mean(arm, target, cells[0].score_names[0], Form(second="*"), parts)


def _of_form(
    cells: Sequence[Counts],
    form: Form,
    target: str,
    pairs: Mapping[Key, Pair],
    base: Mapping[Key, Pair],
    averaged: Sequence[str],
    mixed: _Mixed | None = None,
) -> Iterator[RobustEstimate]:
    """The languages of a form under every arm, and the mean of some; pairs of languages have one mean together."""
    score = cells[0].score_names[0]
    placed = by_place(cells)
    for arm in ordered_arms(cell.arm for cell in cells):
        parts: list[tuple[str, Pair, Pair]] = []
        for (other, _, language), results in placed.items():
            key = (arm, target, language, score)
            if other != arm or key not in pairs or key not in base or math.isnan(pairs[key][0].mean):
                continue
            yield RobustEstimate(
                target=target,
                language=language,
                form=form,
                examples=len(results[0].example_ids),
                nodes=tuple(dict.fromkeys(one.node for one in results)),
                **changes(pairs[key], base[key], form),
                **numbers(arm, score, pairs[key], seeds=tuple(pairs[key][0].by_seed)),
            )
            if form.second and mixed is not None:
                mixed.add(arm, f"{language} × {form.second}", pairs[key], base[key])
            elif language in averaged:
                parts.append((language, pairs[key], base[key]))
        if parts and not form.second:
            yield _mean(arm, target, score, form, parts)


def _mean(arm: str, target: str, score: str, form: Form, parts: Sequence[tuple[str, Pair, Pair]]) -> RobustEstimate:
    """The mean over languages, and over the differences from the same languages' rows as they are."""
    values, bases = PairMean(), PairMean()
    for _, pair, base in parts:
        values.add(pair)
        bases.add(base)
    value, base_value = values.result(), bases.result()
    assert value is not None
    assert base_value is not None
    return RobustEstimate(
        target=target,
        language=None,
        form=form,
        languages=tuple(name for name, _, _ in parts),
        **changes(value, base_value, form),
        **numbers(arm, score, value, seeds=shared_seeds(value)),
    )


def changes(pair: Pair, base: Pair, form: Form) -> dict[str, Any]:
    """How a score and a gain differ from those of the rows as they are."""
    if form == Form():
        return {}
    return {"score_change": minus(pair[0], base[0]), "gain_change": minus(pair[1], base[1])}


def minus(one: Sampled | None, other: Sampled | None) -> Difference | None:
    """A paired difference; None where a part is missing or both do not cover the same seeds."""
    if one is None or other is None or set(one.by_seed) != set(other.by_seed):
        return None
    change = difference(one, other)
    low, high = printed(change).ends or (None, None)
    return Difference(mean=change.mean, low=low, high=high)


def _failures(varied: Varied) -> Iterator[RobustEstimate]:
    """One row for every place that has no number because a node failed."""
    for form, failed in varied.failed.items():
        done = {(c.arm, c.target, c.language) for c in varied.counts.get(form, ())}
        for one in {(f.arm, f.target, f.language): f for f in failed}.values():
            if (one.arm, one.target, one.language) not in done:
                yield RobustEstimate(
                    arm=one.arm,
                    metric=None,
                    target=one.target,
                    language=one.language,
                    form=form,
                    nodes=(one.node,),
                    failure=one.message,
                )
