"""Whether the loss of a training fell, and as far as that of the trainings which should have come out alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xstilts.analysis.cells import BASELINE, Floats
from xstilts.analysis.evidence import DEGENERATE, FEWEST, HALF, Evidence

FLAT = 0.02
"""A loss that falls by less than this part of its beginning has not fallen."""
GUESSING = 0.98
"""The part of the loss of guessing at which a training that ends has learned nothing."""
HALF_THE_FALL = 0.5
"""The part of its peers' fall below which a training is half-degenerate."""
FELL = 0.05
"""The part of its beginning by which the loss of its peers must have fallen to be compared with."""
APART = 3.0
"""Standard errors between two losses from which the batches at their ends cannot explain the difference."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The loss of one training, step by step; of a mixture that of one task, where its steps are known.

    Attributes:
        targets: that it was fine-tuned for; empty: it is the arm's own training.
        group: equal for trainings on the same rows by the same recipe.
        losses: [S] by step.
        guess: the loss of guessing; None where it is not known.
        mixed: of several tasks, and which of them a step had is not known.
        task: of a mixture the task, for people.
    """

    arm: str
    seed: int
    targets: tuple[str, ...]
    group: str
    losses: Floats
    guess: float | None = None
    mixed: bool = False
    task: str = ""

    @cached_property
    def _last(self) -> Floats:
        return self.losses[-max(5, len(self.losses) // 5) :]

    @cached_property
    def start(self) -> float:
        """The mean of the first steps, before much is learned."""
        steps = len(self.losses)
        return float(self.losses[: steps // 5 if self.mixed else max(3, min(10, steps // 10))].mean())

    @cached_property
    def end(self) -> float:
        """The mean of the last fifth."""
        return float(self._last.mean())

    @cached_property
    def variance(self) -> float:
        """The squared standard error of ``end``."""
        return float(self._last.var(ddof=1)) / len(self._last)

    @property
    def fall(self) -> float:
        """The part of its beginning that is gone at the end."""
        return 1.0 - self.end / self.start if self.start > 0 else 0.0

    def __str__(self) -> str:
        return f"{self.start:.2f} → {self.end:.2f}"


def evidence(curve: Curve, alike: Sequence[Curve]) -> Iterator[Evidence]:
    """What speaks against a training.

    Args:
        curve: its loss.
        alike: those of the other trainings on the same rows by the same recipe; of a mixture, on the same task.
    """
    if len(curve.losses) < FEWEST or not np.isfinite(curve.losses).all():
        return
    found = _flat(curve, alike) or _behind(curve, alike)
    if found:
        level, text = found
        for target in curve.targets or (None,):
            yield Evidence(arm=curve.arm, target=target, seed=curve.seed, level=level, text=text)


def _flat(curve: Curve, alike: Sequence[Curve]) -> tuple[str, str] | None:
    """The loss did not fall, though it has not begun where others end."""
    if curve.mixed:
        return None
    guessing = curve.guess is not None and curve.end >= GUESSING * curve.guess
    ends = sorted(one.end for one in alike)
    low_already = bool(ends) and curve.end < ends[len(ends) // 2]
    if not guessing and (curve.fall >= FLAT or low_already):
        return None
    text = f"{_loss(curve)} did not fall over {len(curve.losses):,} steps ({curve})"
    if guessing:
        steps = f"{len(curve.losses):,} steps"
        text = f"{_loss(curve)} is still that of guessing after {steps} ({curve}, guessing: {curve.guess:.2f})"
    fallen = [one for one in alike if one.fall >= FELL]
    return DEGENERATE, text + (f"; of the same rows, {_names(fallen[:3])}" if fallen else "")


def _behind(curve: Curve, alike: Sequence[Curve]) -> tuple[str, str] | None:
    """The loss fell less than half as far as that of the arm's other seeds, or of the baseline's."""
    own = [one for one in alike if one.arm == curve.arm and one.seed != curve.seed]
    first = [one for one in alike if one.arm == BASELINE != curve.arm]
    for peers, name in ((own, "its other seeds"), (first, BASELINE)):
        if not peers:
            continue
        # The first batches are few: all begin where they do at the median.
        start = float(np.median([one.start for one in (curve, *peers)]))
        end = float(np.median([one.end for one in peers]))
        error = np.sqrt(curve.variance + np.mean([one.variance for one in peers]))
        fell, usual = start - curve.end, start - end
        if usual >= FELL * start and fell < HALF_THE_FALL * usual and curve.end - end > APART * error:
            return HALF, f"{_loss(curve)} fell less than half as far ({curve}) as in {name} ({_losses(peers[:3])})"
    return None


def _loss(curve: Curve) -> str:
    return f"its training loss{f' on {curve.task}' if curve.task else ''}"


def _names(curves: Sequence[Curve]) -> str:
    return ", ".join(f"{one.arm} seed {one.seed} {one}" for one in curves)


def _losses(curves: Sequence[Curve]) -> str:
    return ", ".join(map(str, curves))
