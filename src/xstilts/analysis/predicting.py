"""Judges predictors of the best intermediate task by the gains of a run, target language by target language.

For every target language, the arms that do not train on the target's own training set are ranked by each predictor, and
what its choice cost is measured in points of the target's official score (`regret`), beside choosing by lot, taking the
arm with the most data (the predictor ``size``), and always taking one arm that the run names. The baseline is no
candidate: a predictor says which intermediate task helps most, not whether any does.

Means are unweighted: over the languages of a target, then over targets. The interval of a mean regret is the mean of
the intervals, which is at least as wide as it has to be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from xstilts.analysis.averages import Parts
from xstilts.analysis.bootstrap import Sampled, difference
from xstilts.analysis.cells import BASELINE, Floats
from xstilts.analysis.grid import Grid
from xstilts.analysis.judged_predictors import (
    ALWAYS,
    CHOSEN,
    RANDOM,
    JudgedPredictor,
    JudgedPredictors,
    Measured,
)
from xstilts.analysis.means import Mean
from xstilts.analysis.percentiles import interval
from xstilts.analysis.predictions import Prediction, Predictions
from xstilts.analysis.printed import printed
from xstilts.analysis.regret import Differences, Regret, chosen_sets, rank_correlation

Scores = Mapping[str, float]
"""Arm → score."""


class Predicting:
    """Takes targets in one after the other.

    Args:
        grid: of the run.
        given: what its predictors say; None: it has none.
    """

    def __init__(self, grid: Grid, given: Predictions | None) -> None:
        self._grid, self._asked = grid, given is not None
        self._given = given = given or Predictions(rows=(), used=())
        self._of: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
        self._own: dict[str, dict[str, None]] = defaultdict(dict)
        self._costs: dict[tuple[str, str], dict[str, Prediction]] = defaultdict(dict)
        for one in given.rows:
            if one.own:
                self._own[one.target][one.arm] = None
                continue
            self._costs[one.predictor, one.target][one.arm] = one
            if one.score is not None:
                self._of[one.predictor, one.target, one.language][one.arm] = one.score
        self._names = [*given.used, RANDOM, *([f"{ALWAYS} {given.always}"] if given.always else [])]
        self._arms: dict[str, tuple[str, ...]] = {}
        self._kept: dict[str, dict[str, _Over]] = {}
        self._languages: list[JudgedPredictor] = []

    def add(self, target: str, parts: Parts) -> None:
        """Take a target in; nothing where fewer than two arms have gains."""
        if not self._asked:
            return
        official = self._grid.scores(target)[0]
        gains: dict[str, dict[str, Sampled]] = defaultdict(dict)
        for (arm, score), of_arm in parts.items():
            if score == official and arm != BASELINE and arm not in self._own[target]:
                for language, (_, gain) in of_arm.items():
                    if gain is not None:
                        gains[language][arm] = gain
        of_target = {name: _Over() for name in self._names}
        for language in self._grid.target_languages(target):
            if len(gains.get(language, ())) > 1:
                self._add(target, language, gains[language], of_target)
        if any(over.places or over.silent for over in of_target.values()):
            self._kept[target] = of_target
            self._arms[target] = tuple(dict.fromkeys(arm for of_one in gains.values() for arm in of_one))

    def _add(self, target: str, language: str, gains: Mapping[str, Sampled], of_target: Mapping[str, _Over]) -> None:
        apart = Differences(gains)
        average = Mean()
        average.extend(list(gains.values()))
        mean = average.result()
        assert mean is not None
        for name in self._names:
            scores, of_place = self._scores(name, target, language, gains), _Over()
            found = {k: one for k in CHOSEN if (one := apart.regret(scores, k)) is not None}
            for over in (of_place, of_target[name]):
                if not found:
                    over.silent += 1
                    continue
                picked = _picked(scores, gains)
                over.add(found, sum(arm not in scores for arm in gains) / len(gains), difference(picked, mean))
                if name in self._given.used and (ranked := rank_correlation(scores, gains)) is not None:
                    over.correlate(*ranked)
            costs = self._cost(name, target)
            self._languages.append(of_place.result(name, target=target, language=language, costs=costs))

    def _scores(self, name: str, target: str, language: str, arms: Iterable[str]) -> Scores:
        if name == RANDOM:
            return dict.fromkeys(arms, 0.0)
        if name in self._given.used:
            return self._of[name, target, language]
        return {arm: float(arm == self._given.always) for arm in arms} if self._given.always in arms else {}

    def _cost(self, name: str, target: str) -> tuple[float | None, float | None]:
        """FLOPs for one target: the predictor's own, and those of the trainings that it needs."""
        rows = self._costs.get((name, target), {}).values() if name in self._given.used else ()
        own, trained = [one.flops for one in rows], [one.training_flops for one in rows]
        return _sum(own), _sum(trained)

    def result(self) -> JudgedPredictors:
        """All that was taken in."""
        by_target = [
            over.result(name, target=target, costs=self._cost(name, target))
            for target, of_target in self._kept.items()
            for name, over in of_target.items()
        ]
        overall = []
        for name in self._names:
            whole, costs = _Over(), []
            for target, of_target in self._kept.items():
                whole.extend(of_target[name])
                if of_target[name].places:
                    costs.append(self._cost(name, target))
            overall.append(whole.result(name, costs=(_mean([a for a, _ in costs]), _mean([b for _, b in costs]))))
        return JudgedPredictors(
            overall=tuple(overall) if self._kept else (),
            by_target=tuple(by_target),
            by_language=tuple(self._languages),
            arms=self._arms,
            left_out={target: tuple(arms) for target, arms in self._own.items() if arms},
            told=self._given.told,
        )


def _picked(scores: Scores, gains: Mapping[str, Sampled]) -> Sampled:
    """The gain of the arm that is ranked first; of several that tie their mean."""
    arms = list(gains)
    found = [scores.get(arm, -np.inf) for arm in arms]
    mean = Mean()
    mean.extend([gains[arms[place]] for (place,) in chosen_sets(found, 1)])
    result = mean.result()
    assert result is not None
    return result


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [one for one in parts if one is not None]
    return sum(known) if len(known) == len(parts) else None


def _mean(parts: Sequence[float | None]) -> float | None:
    total = _sum(parts)
    return None if total is None or not parts else total / len(parts)


class _Over:
    """Means over places, or over means of them: numbers and sums of replicates, no single replicates."""

    def __init__(self) -> None:
        self.places = self.told = self.silent = 0
        self._regrets: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
        self._unscored: list[float] = []
        self._over_random = Mean()
        self._correlations: list[float] = []
        self._drawn: Floats | None = None
        self._defined: Floats = np.zeros(0)

    def add(self, found: Mapping[int, Regret], unscored: float, over_random: Sampled) -> None:
        """Take a place in."""
        self.places += 1
        self.told += found[1].told
        self._unscored.append(unscored)
        self._over_random.add(over_random)
        for k, one in found.items():
            self._regrets[k].append((one.value, *(one.interval or (np.nan, np.nan))))

    def correlate(self, value: float, drawn: Floats) -> None:
        """Take the correlation in a place in."""
        self._correlations.append(value)
        if self._drawn is None:
            self._drawn, self._defined = np.zeros(len(drawn)), np.zeros(len(drawn))
        self._drawn += np.nan_to_num(drawn)  # in a replicate where all gains are alike there are no ranks
        self._defined += np.isfinite(drawn)

    def correlations(self) -> tuple[float, Floats]:
        """Their mean, and its replicates; NaN where none is defined."""
        assert self._drawn is not None
        drawn = np.divide(self._drawn, self._defined, out=np.full(len(self._drawn), np.nan), where=self._defined > 0)
        return float(np.mean(self._correlations)), drawn

    def extend(self, other: _Over) -> None:
        """Take in the mean over the places of another."""
        self.places, self.told, self.silent = (
            self.places + other.places,
            self.told + other.told,
            self.silent + other.silent,
        )
        for k, rows in other._regrets.items():
            self._regrets[k].append(tuple(np.mean(rows, axis=0).tolist()))
        if other.places:
            self._unscored.append(float(np.mean(other._unscored)))
            mean = other._over_random.result()
            assert mean is not None
            self._over_random.add(mean)
        if other._drawn is not None:
            self.correlate(*other.correlations())

    def result(
        self,
        name: str,
        *,
        target: str | None = None,
        language: str | None = None,
        costs: tuple[float | None, float | None],
    ) -> JudgedPredictor:
        """The means."""
        regrets = {}
        for k, rows in sorted(self._regrets.items()):
            value, low, high = np.mean(rows, axis=0).tolist()
            regrets[k] = Measured(value=value, interval=None if np.isnan(low) else (low, high))
        above, ranked = self._over_random.result(), None
        if self._drawn is not None:
            value, drawn = self.correlations()
            ranked = Measured(value=value, interval=interval(drawn))
        return JudgedPredictor(
            predictor=name,
            target=target,
            language=language,
            regrets=regrets,
            over_random=None if above is None else Measured(value=above.mean, interval=printed(above).ends),
            correlation=ranked,
            places=self.places,
            told=self.told,
            silent=self.silent,
            unscored=float(np.mean(self._unscored)) if self._unscored else 0.0,
            flops=costs[0],
            training_flops=costs[1],
        )
