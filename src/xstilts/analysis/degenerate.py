"""Trainings that came out near nothing: found by their answers and their losses, named, and left in the numbers.

A seed that fell back on one class lowers the mean of its arm and widens its interval. It is a result all the same,
since the next user may meet one too: whoever reads the gain must know of it, and nobody may take it out afterwards.
What counts as such is written in docs/degenerate-runs.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xstilts.analysis import loss_curves, same_answers
from xstilts.analysis.evidence import BARELY, DEGENERATE, HALF, LEVELS, Evidence
from xstilts.analysis.loss_curves import Curve
from xstilts.analysis.same_answers import Answers


@dataclass(frozen=True, kw_only=True)
class Degenerate:
    """A training that came out near nothing.

    Attributes:
        target: that it was fine-tuned on; None: it is the arm's own training, which all its targets start from.
        level: ``degenerate`` or ``half-degenerate``.
        evidence: the end of a sentence of which the training is the subject.
    """

    arm: str
    target: str | None
    seed: int
    level: str
    evidence: str

    @property
    def name(self) -> str:
        """``multi × xnli, seed 12``."""
        where = f"{self.arm} × {self.target}" if self.target else f"{self.arm}, intermediate training"
        return f"{where}, seed {self.seed}"

    @property
    def sentence(self) -> str:
        """Which training, how far, and what shows it."""
        return f"{self.name}, is {self.level}: {self.evidence}."

    def as_object(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def degenerate_runs(answers: Sequence[Answers], curves: Sequence[Curve]) -> tuple[Degenerate, ...]:
    """The trainings that came out near nothing, in the order given: the arms' own first.

    Args:
        answers: of every fine-tuned model, to the source-language items.
        curves: the losses of every training.
    """
    found: dict[tuple[str, str | None, int], list[Evidence]] = {}
    for one in _all(answers, curves):
        found.setdefault((one.arm, one.target, one.seed), []).append(one)
    own_first = sorted(found, key=lambda place: place[1] is not None)
    learned = {(one.arm, one.target, one.seed) for one in answers if _learned(one)}
    return tuple(_merged(found[place], learned=place in learned) for place in own_first)


def _all(answers: Sequence[Answers], curves: Sequence[Curve]) -> Iterator[Evidence]:
    on_target: dict[str, list[Answers]] = defaultdict(list)
    on_rows: dict[tuple[str, str], list[Curve]] = defaultdict(list)
    for run in answers:
        on_target[run.target].append(run)
    for curve in curves:
        on_rows[curve.group, curve.task].append(curve)
    for run in answers:
        yield from same_answers.evidence(run, [one for one in on_target[run.target] if one is not run])
    for curve in curves:
        alike = [one for one in on_rows[curve.group, curve.task] if one is not curve]
        yield from loss_curves.evidence(curve, alike)


def _learned(run: Answers) -> bool:
    """Whether its answers are clearly better than one answer to all, whatever its loss did."""
    above = run.above_floor
    return run.constant is not None and above is not None and above >= BARELY


def _merged(evidence: Sequence[Evidence], *, learned: bool) -> Degenerate:
    level = max((one.level for one in evidence), key=LEVELS.index)
    first = evidence[0]
    return Degenerate(
        arm=first.arm,
        target=first.target,
        seed=first.seed,
        level=HALF if level == DEGENERATE and learned else level,
        evidence="; ".join(dict.fromkeys(one.text for one in evidence)),
    )
