"""Whether a fine-tuned model answers as if it had learned nothing, by its answers to the source-language items.

In the source language a model is tested on what it was trained for, so a low score there is not poor transfer. N items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.analysis.cells import BASELINE, Floats
from xstilts.analysis.evidence import BARELY, CLEARLY, DEGENERATE, HALF, SOMEWHAT, Evidence, standard_errors

ONE_ANSWER = 0.9
"""How much of the way from the gold's share of an answer to answering nothing else makes a training degenerate."""
MOSTLY_ONE = 0.5
"""How much of that way makes it half-degenerate."""
HALFWAY = 0.5
"""The part of its peers' distance from the floor below which a training is half-degenerate."""
QUARTER = 0.25
"""The same for degenerate, where the floor is zero (a span of a text cannot be guessed)."""
LEARNED = 0.05
"""The distance from the floor, as a fraction, that its peers must have: below it nobody has learned anything."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one fine-tuned model answered to the source-language items.

    Attributes:
        example_ids, clusters: N.
        points: [N] how right each answer is, in [0, 1].
        constant: [N] the same of always giving the answer that is commonest in the gold; None where answers are free
            texts, which cannot be guessed.
        answer: the commonest answer.
        share: the share of all answers that it has.
        gold_share: the share that it has in the gold.
        parts: how many answers there are: one an item, or one a word.
        part: what one answer is given to, in the plural.
    """

    arm: str
    target: str
    seed: int
    language: str
    example_ids: Sequence[str]
    clusters: Sequence[str]
    points: Floats
    constant: Floats | None
    answer: str
    share: float
    gold_share: float
    parts: int
    part: str

    @property
    def mean(self) -> float:
        """The mean of its points."""
        return float(self.points.mean())

    @property
    def floor(self) -> float:
        """What can be had without learning anything."""
        return 0.0 if self.constant is None else float(self.constant.mean())

    @property
    def sameness(self) -> float:
        """The part of the way from the gold's share of the commonest answer to giving no other: 1 at its end."""
        rest = 1.0 - self.gold_share
        return (self.share - self.gold_share) / rest if rest > 0 else 0.0

    @property
    def above_floor(self) -> float | None:
        """By how many standard errors it is better than always giving one answer; None with too few items."""
        return standard_errors(self.points - (0.0 if self.constant is None else self.constant), self.clusters)


def evidence(run: Answers, others: Sequence[Answers]) -> Iterator[Evidence]:
    """What speaks against a run.

    Args:
        run: the run.
        others: all other runs on the same target.
    """
    above = run.above_floor
    if above is None:
        return
    others = [one for one in others if one.example_ids == run.example_ids]
    same = _one_answer(run, above, _peers(run, others))
    yield from same
    yield from _below(run, above, others) if not any(one.level == DEGENERATE for one in same) else ()


def _peers(run: Answers, others: Sequence[Answers]) -> list[Answers]:
    """The runs that should have come out alike: the arm's other seeds, and the baseline's."""
    return [one for one in others if one.arm in (run.arm, BASELINE)]


def _one_answer(run: Answers, above: float, peers: Sequence[Answers]) -> list[Evidence]:
    nothing_else = run.sameness >= ONE_ANSWER
    usual = sorted(one.sameness for one in peers)[len(peers) // 2] if peers else 0.0
    # Where most trainings do so, it is how far this target can be learned here, and nobody's accident.
    if not nothing_else and (run.sameness < MOSTLY_ONE or 2 * usual > run.sameness):
        return []
    level = DEGENERATE if nothing_else and (run.constant is None or above < BARELY) else HALF
    text = (
        f"answers {_quoted(run.answer)} for {_percent(run.share)} of {run.parts:,} {run.part} in {run.language}, where "
        f"the gold has it for {_percent(run.gold_share)}, and scores {_percent(run.mean)}"
    )
    if run.constant is not None:
        text += f" ({_percent(run.floor)} for always giving the commonest answer)"
    return [_evidence(run, level, text)]


def _below(run: Answers, above: float, others: Sequence[Answers]) -> Iterator[Evidence]:
    """A score that is luck where others is not, or less than half as far from the floor as that of its peers."""
    learned = run.constant is not None and above >= BARELY
    if others and not learned and (run.constant is not None or run.mean < LEARNED):
        points = _mean(others)
        worse = _worse(run, points)
        if worse >= SOMEWHAT:
            floor = "" if run.constant is None else f", within luck of the {_percent(run.floor)} for one answer to all"
            text = f"{_score(run)}{floor}; the other trainings score {_percent(points.mean())}"
            yield _evidence(run, DEGENERATE if worse >= CLEARLY else HALF, text)
            return
    own = [one for one in others if one.arm == run.arm]
    first = [one for one in others if one.arm == BASELINE != run.arm]
    for some, name in ((own, "its other seeds"), (first, BASELINE)):
        if not some:
            continue
        points = _mean(some)
        share = (run.mean - run.floor) / max(float(points.mean()) - run.floor, 1e-9)
        if share < HALFWAY and _worse(run, points) >= CLEARLY:
            level = DEGENERATE if run.constant is None and share < QUARTER else HALF
            begin = "zero" if run.constant is None else f"the {_percent(run.floor)} for one answer to all"
            way = f"{100 * max(share, 0.0):.0f} % of the way from {begin} to the {_percent(points.mean())} of {name}"
            yield _evidence(run, level, f"{_score(run)}, {way}")
            return


def _mean(runs: Sequence[Answers]) -> Floats:
    """The mean points of several runs [N]."""
    points: Floats = np.mean([one.points for one in runs], axis=0)
    return points


def _worse(run: Answers, points: Floats) -> float:
    """By how many standard errors a run is worse than others; 0 where these have not clearly learned anything."""
    gained = points - (0.0 if run.constant is None else run.constant)
    theirs = standard_errors(gained, run.clusters)
    better = standard_errors(points - run.points, run.clusters)
    if theirs is None or better is None or theirs < CLEARLY or float(gained.mean()) < LEARNED:
        return 0.0
    return better


def _score(run: Answers) -> str:
    return f"scores {_percent(run.mean)} on {len(run.points):,} items in {run.language}"


def _evidence(run: Answers, level: str, text: str) -> Evidence:
    return Evidence(arm=run.arm, target=run.target, seed=run.seed, level=level, text=text)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _quoted(answer: str) -> str:
    return f"“{answer[:40]}”" if answer else "nothing"
