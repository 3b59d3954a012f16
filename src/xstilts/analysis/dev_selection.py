"""What it costs to choose an arm by its score on dev rows of the source language, as zero-shot transfer has to.

Whoever has no labels in a target language takes the arm with the best dev score. The oracle takes the arm that is best
in the target language. The cost is the difference of the two arms' test scores, with an interval for "by how much the
best arm is better than the chosen one": all other arms are compared with the chosen one at once, so the best is not
taken at its word (multiple comparisons with the best). An oracle that cannot be told from the choice costs nothing.

The dev score may even point the wrong way: over the trainings of a target (arm and seed), its rank correlation with
the score in a language is given, and languages where it is below zero beyond chance are named.

Source: Keung et al. (2020), Don't use English dev: on the zero-shot cross-lingual evaluation of contextual embeddings,
arXiv 2004.15001; Hsu (1984), Constrained simultaneous confidence intervals for multiple comparisons with the best,
Annals of Statistics 12(3), doi:10.1214/aos/1176346732.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xstilts.analysis.averages import Parts, averaged
from xstilts.analysis.bootstrap import Sampled, difference
from xstilts.analysis.cells import BASELINE, Floats, Interval
from xstilts.analysis.comparing import defined
from xstilts.analysis.corrections import holm
from xstilts.analysis.grid import Grid
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.simultaneous import bands, critical_value
from xstilts.analysis.two_way import pooled, tail

DevScores = Mapping[tuple[str, str], Mapping[int, float]]
"""Arm and target → seed → dev score of the weights that were kept."""
FEWEST = 6
"""Trainings below which no correlation is given."""
CHANCE = 0.05
"""The error of a target's flags: one-sided, as if trainings were independent, by Holm over its languages."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The best arm and by how much it is better than the chosen one, a fraction: at least 0.

    Attributes:
        interval: of the difference between the chosen arm and the one that is truly best.
        correlation: of dev scores with scores over trainings; None with too few of them, or where all are alike.
        chance: one-sided p-value of its being below zero; None without a correlation.
    """

    best: str
    cost: float
    interval: Interval | None
    correlation: float | None = None
    chance: float | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """One target.

    Attributes:
        dev: arm → mean dev score over seeds.
        chosen: the arm with the best one.
        overall: over the target languages.
        by_language: language → its own.
        trainings: arm and seed.
        opposed: languages in which the dev score points the wrong way.
    """

    target: str
    dev: Mapping[str, float]
    chosen: str
    overall: Cost | None
    by_language: Mapping[str, Cost] = field(repr=False)
    trainings: int
    opposed: tuple[str, ...] = ()


class Selecting:
    """Takes targets in one after the other.

    Args:
        grid: of the run.
        dev: what each training scored on its dev rows.
    """

    def __init__(self, grid: Grid, dev: DevScores) -> None:
        self._grid, self._dev = grid, dev
        self.found: list[Selection] = []

    def add(self, target: str, parts: Parts) -> None:
        """Take a target in; nothing where fewer than two arms have dev scores."""
        official = self._grid.scores(target)[0]
        of_arms = {
            arm: {language: pair[0] for language, pair in found.items()}
            for (arm, score), found in parts.items()
            if score == official and found
        }
        dev = {arm: scores for arm in ordered_arms(of_arms) if (scores := self._dev.get((arm, target)))}
        means = {arm: float(np.mean(list(scores.values()))) for arm, scores in dev.items()}
        if len(means) < 2:
            return
        chosen = max(means, key=lambda arm: (means[arm], arm == BASELINE))
        languages = [one for one in self._grid.target_languages(target) if one in of_arms[chosen]]
        by_language = {}
        for language in languages:
            tested = {arm: of_arms[arm][language] for arm in means if language in of_arms[arm]}
            by_language[language] = _cost(tested, chosen, dev)
        whole = {arm: of_arms[arm] for arm in means if set(languages) <= set(of_arms[arm])}
        means_of = {arm: _mean([found[language] for language in languages]) for arm, found in whole.items()}
        self.found.append(
            Selection(
                target=target,
                dev=means,
                chosen=chosen,
                overall=_cost(means_of, chosen, dev) if languages else None,
                by_language=by_language,
                trainings=sum(map(len, dev.values())),
                opposed=_opposed(by_language),
            )
        )


def _opposed(costs: Mapping[str, Cost]) -> tuple[str, ...]:
    chances = np.array([math.nan if cost.chance is None else cost.chance for cost in costs.values()])
    flagged = holm(chances) <= CHANCE
    return tuple(language for language, one in zip(costs, flagged.tolist(), strict=True) if one)


def _mean(scores: Sequence[Sampled]) -> Sampled:
    found = averaged((score, None) for score in scores)
    assert found is not None
    return found[0]


def _cost(scores: Mapping[str, Sampled], chosen: str, dev: Mapping[str, Mapping[int, float]]) -> Cost:
    """Of one language, or of the mean over several."""
    best = max(scores, key=lambda arm: (scores[arm].mean, arm == chosen))
    others = [difference(score, scores[chosen]) for arm, score in scores.items() if arm != chosen]
    found = correlation(*_side_by_side([(dev[arm], score.by_seed) for arm, score in scores.items()]))
    return Cost(
        best=best,
        cost=scores[best].mean - scores[chosen].mean,
        interval=best_less_chosen(others),
        correlation=None if found is None else found[0],
        chance=None if found is None else found[1],
    )


def best_less_chosen(others: Sequence[Sampled]) -> Interval | None:
    """By how much the best of some arms is better than the chosen one; at least 0, which is the chosen one itself.

    Args:
        others: every other arm less the chosen one.
    """
    members, kept = defined(others)
    if not len(kept) or not kept.any():
        return None
    crossed = [one.crossed for one, is_kept in zip(others, kept, strict=True) if is_kept]
    low, high = bands(pooled(members), critical_value(crossed))
    return max(0.0, float(low.max())), max(0.0, float(high.max()))


def _side_by_side(pairs: Sequence[tuple[Mapping[int, float], Mapping[int, float]]]) -> tuple[Floats, Floats]:
    """Dev scores and scores of the trainings that have both."""
    both = [(dev[seed], scores[seed]) for dev, scores in pairs for seed in dev if seed in scores]
    found = np.array(both, dtype=np.float64).reshape(len(both), 2)
    return found[:, 0], found[:, 1]


def correlation(first: Floats, second: Floats) -> tuple[float, float] | None:
    """Spearman's rank correlation, and the one-sided p-value of its being below zero, by Student's t.

    None with too few numbers, or where one side has a single value.
    """
    from scipy.stats import rankdata

    kept = np.isfinite(first) & np.isfinite(second)
    count = int(kept.sum())
    if count < FEWEST:
        return None
    ranks = np.stack([rankdata(first[kept]), rankdata(second[kept])])
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = math.sqrt(float((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    if spread == 0:
        return None
    rho = float((ranks[0] * ranks[1]).sum()) / spread
    rest = max(1 - rho * rho, np.finfo(np.float64).tiny)
    statistic = rho * math.sqrt((count - 2) / rest)
    return rho, float(tail(np.array([-statistic]), np.array([count - 2.0]))[0])
