"""One quantity that a claim is about: a mean gain of some arms over others, or the difference of two such means.

All means share the draws of seeds and test rows, so whatever is compared is compared draw by draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xstilts.analysis.bootstrap import Sampled, difference
from xstilts.analysis.cells import BASELINE, Counts, Failed
from xstilts.analysis.gains import FewShot, Gains, gains_over, replicates_of
from xstilts.analysis.means import Mean


@dataclass(frozen=True, kw_only=True)
class Side:
    """A mean gain, over the languages of each target, then over targets, then over arms.

    Attributes:
        arms: what is compared; of several the mean, or the best.
        against: with what; of several the mean gain over each.
        targets: that count.
        languages: the target languages that count; empty: all.
        under: the form of the test rows; "": as they are.
        best: of every target the arm with the largest mean gain, less what choosing it adds by luck.
    """

    arms: tuple[str, ...]
    against: tuple[str, ...]
    targets: tuple[str, ...]
    languages: tuple[str, ...] = ()
    under: str = ""
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A side, or a side less another."""

    side: Side
    less: Side | None = None

    @property
    def sides(self) -> tuple[Side, ...]:
        """One or two."""
        return (self.side,) if self.less is None else (self.side, self.less)


@dataclass(frozen=True, kw_only=True)
class RunCounts:
    """What a run's claims are judged on.

    Attributes:
        counts: form of the test rows → counts of every cell; "": as they are.
        failed: the cells as they are that have none.
        source_languages: target → language of its training set.
        few_shot: target → language → examples that fine-tuning trained on.
    """

    counts: Callable[[str], Sequence[Counts]]
    source_languages: Mapping[str, str]
    failed: Sequence[Failed] = ()
    few_shot: FewShot = field(default_factory=dict)

    @cached_property
    def _gains(self) -> dict[tuple[str, str, str], Gains]:
        """Arm, what it is compared with and the form of the rows → its gains."""
        return {}

    def gains(self, arm: str, against: str, under: str) -> Gains:
        """The gains of an arm over another on one form of the test rows; computed once."""
        place = (arm, against, under)
        if place not in self._gains:
            # Nearly every claim needs the gains over direct fine-tuning, which share their draws.
            arms = None if against == BASELINE else {arm}
            found = gains_over(
                against,
                self.counts(under),
                source_languages=self.source_languages,
                replicates=replicates_of(self.counts("")),
                few_shot=self.few_shot,
                arms=arms,
            )
            self._gains[place] = {}
            self._gains.update({(one, against, under): gains for one, gains in found.items()})
        return self._gains[place]

    def measure(self, wanted: Quantity) -> Sampled | None:
        """The quantity with its replicates; None where the run has no number of a part of it."""
        first = self._measured(wanted.side)
        if wanted.less is None or first is None:
            return first
        second = self._measured(wanted.less)
        return None if second is None else difference(first, second)

    def nodes(self, wanted: Quantity) -> tuple[str, ...]:
        """Keys of the evaluations behind a quantity."""
        found: dict[str, None] = {}
        for side in wanted.sides:
            cells = (cell for cell in self.counts(side.under) if _counts(side, cell, self.source_languages))
            found |= dict.fromkeys(cell.node for cell in cells)
        return tuple(found)

    def lacking(self, wanted: Quantity) -> int:
        """How many cells of a quantity failed: its means are over the others."""
        as_they_are = [side for side in wanted.sides if not side.under]
        return sum(_counts(side, cell, self.source_languages) for side in as_they_are for cell in self.failed)

    def _measured(self, side: Side) -> Sampled | None:
        by_arm = [[self._of_target(arm, side, target) for arm in side.arms] for target in side.targets]
        if side.best:
            candidates = [[one for one in of_target if one is not None] for of_target in by_arm]
            return _mean(best_of(of_target) if of_target else None for of_target in candidates)
        return _mean(_mean(of_arm) for of_arm in zip(*by_arm, strict=True))

    def _of_target(self, arm: str, side: Side, target: str) -> Sampled | None:
        """The mean gain of one arm on one target over its languages."""
        return _mean(self._over(arm, other, side, target) for other in side.against)

    def _over(self, arm: str, other: str, side: Side, target: str) -> Sampled | None:
        places = self.gains(arm, other, side.under).get(target, {})
        chosen = [pair[1] for language, pair in places.items() if not side.languages or language in side.languages]
        return _mean(chosen)


def best_of(gains: Sequence[Sampled]) -> Sampled:
    """The largest of several gains, corrected for having been chosen.

    What choosing adds by luck is by how much, on average over replicates, the gain that is largest there exceeds its
    own value in all data: the bootstrap's estimate of the bias. The estimate and its replicates are moved down by it.
    """
    if len(gains) == 1:
        return gains[0]
    points = np.array([one.mean for one in gains])
    drawn = np.stack([one.crossed for one in gains])
    chosen = np.where(np.isnan(drawn), -np.inf, drawn).argmax(axis=0)
    luck = float(np.nanmean(drawn[chosen, np.arange(drawn.shape[1])] - points[chosen]))
    top = gains[int(points.argmax())]
    return top._replace(
        mean=top.mean - luck,
        by_seed={seed: value - luck for seed, value in top.by_seed.items()},
        crossed=top.crossed - luck,
        fixed=top.fixed - luck,
        printed=None,
        fixed_interval=None,
    )


def _counts(side: Side, cell: Counts | Failed, source_languages: Mapping[str, str]) -> bool:
    """Whether a cell is part of a side."""
    if cell.arm not in (*side.arms, *side.against) or cell.target not in side.targets:
        return False
    return cell.language in side.languages or not (side.languages or cell.language == source_languages.get(cell.target))


def _mean(parts: Iterable[Sampled | None]) -> Sampled | None:
    """The mean; None of nothing, and where a part is missing."""
    mean = Mean()
    for one in parts:
        if one is None:
            return None
        mean.add(one)
    return mean.result()
