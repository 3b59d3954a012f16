"""Collects the gains of a table family by family, one target after the other, and compares them.

A family is what somebody reads together: all arms over all targets; or an arm's languages on one target.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xstilts.analysis.averages import Parts
from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import BASELINE, Floats, Interval
from xstilts.analysis.comparisons import FALSE_DISCOVERIES, ONE_SIDED, ArmGain, Comparisons, LanguageGains
from xstilts.analysis.corrections import benjamini_hochberg, holm
from xstilts.analysis.grid import Grid
from xstilts.analysis.paired import Pair
from xstilts.analysis.percentiles import interval
from xstilts.analysis.power import Spread, mean_spread, smallest_gain, spread_of
from xstilts.analysis.simultaneous import bands, critical_value
from xstilts.analysis.two_way import TwoWay, of_draws, pooled


class Comparing:
    """Takes targets in one after the other; keeps names and numbers, no replicates.

    Args:
        languages: whether single languages are compared, which takes a fifth of the analysis' time.
    """

    def __init__(self, grid: Grid, *, languages: bool = True) -> None:
        self._grid, self._wanted = grid, languages
        self._languages: list[LanguageGains] = []
        self._p_values: list[Floats] = []
        self._spreads: dict[str, list[Spread]] = defaultdict(list)

    def add(self, target: str, parts: Parts) -> None:
        """Take a target in: every arm's gains in its target languages, by the official score."""
        official = self._grid.scores(target)[0]
        for (arm, score), of_arm in parts.items() if self._wanted else ():
            if arm == BASELINE or score != official:
                continue
            gains = {language: pair[1] for language, pair in of_arm.items() if pair[1] is not None}
            self._add(arm, target, gains)

    def result(self, overall: Mapping[tuple[str, bool], Pair]) -> Comparisons:
        """All comparisons.

        Args:
            overall: (arm, whether it is over few-shot targets) → its average over targets.
        """
        p_values = np.concatenate(self._p_values) if self._p_values else np.empty(0)
        found = [arm for few_shot in (False, True) for arm in _arms(overall, few_shot=few_shot)]
        return Comparisons(
            arms=tuple(found),
            languages=tuple(self._languages),
            tested=len(p_values),
            spreads={target: mean_spread(spreads) for target, spreads in self._spreads.items()},
            worth_a_look=int((benjamini_hochberg(p_values) <= FALSE_DISCOVERIES).sum()),
        )

    def _add(self, arm: str, target: str, gains: Mapping[str, Sampled]) -> None:
        whole, several = defined([*gains.values()])
        if not several.any():
            return
        self._spreads[target] += [spread_of(whole, place) for place in range(len(whole.means))]
        members, names = pooled(whole), [name for name, kept in zip(gains, several, strict=True) if kept]
        above, below = members.above(), members.below()
        self._p_values.append(np.minimum(2 * np.minimum(above, below), 1.0))
        if len(names) < 2:
            return
        kept = [one for one, is_kept in zip(gains.values(), several, strict=True) if is_kept]
        low, high = bands(members, critical_value(one.crossed for one in kept))
        helps, hurts = holm(above) <= ONE_SIDED, holm(below) <= ONE_SIDED
        self._languages.append(
            LanguageGains(
                arm=arm,
                target=target,
                gains=dict(zip(names, members.means.tolist(), strict=True)),
                bands=dict(zip(names, _pairs(low, high), strict=True)),
                helped=tuple(name for name, one in zip(names, helps, strict=True) if one),
                hurt=tuple(name for name, one in zip(names, hurts, strict=True) if one),
                seeds=int(members.seeds.min()),
            )
        )


def defined(quantities: Sequence[Sampled]) -> tuple[TwoWay, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The components of those quantities that have an error, and which these are."""
    whole = of_draws(quantities)
    kept = np.isfinite(whole.errors) & np.isfinite(whole.means)
    if kept.all():
        return whole, kept
    return of_draws([one for one, is_kept in zip(quantities, kept, strict=True) if is_kept]), kept


def _arms(overall: Mapping[tuple[str, bool], Pair], *, few_shot: bool) -> Iterator[ArmGain]:
    """The arms over all zero-shot or all few-shot targets."""
    gains = {arm: pair[1] for (arm, shots), pair in overall.items() if shots == few_shot and pair[1] is not None}
    alone, kept = defined([*gains.values()])
    names = [name for name, is_kept in zip(gains, kept, strict=True) if is_kept]
    low, high = alone.ends()
    smallest = smallest_gain(alone.errors, alone.freedom)
    chosen: list[Interval | None] = [None] * len(names)
    if len(names) > 1:
        critical = critical_value(gains[name].crossed for name in names)
        wider = bands(pooled(alone), critical)
        chosen = [*_pairs(np.minimum(low, wider[0]), np.maximum(high, wider[1]))]
    for place, (name, ends) in enumerate(zip(names, _pairs(low, high), strict=True)):
        yield ArmGain(
            arm=name,
            few_shot=few_shot,
            gain=float(alone.means[place]),
            crossed=interval(gains[name].crossed),
            components=ends,
            freedom=float(alone.freedom[place]),
            chosen=chosen[place],
            smallest=float(smallest[place]),
            seeds=int(alone.seeds[place]),
            spread=spread_of(alone, place),
            clusters=int(alone.clusters[place]),
        )


def _pairs(low: Floats, high: Floats) -> Iterator[Interval]:
    return zip(low.tolist(), high.tolist(), strict=True)
