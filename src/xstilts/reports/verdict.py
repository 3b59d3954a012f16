"""The sentence that answers the question: which intermediate training helps, by how much, and is it real?"""

from __future__ import annotations

from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE, FEW_SEEDS, Average, Estimate, Interval
from xstilts.analysis.evidence import DEGENERATE
from xstilts.analysis.table import Table
from xstilts.reports.numbers import counted, listed, plain, points, points_range


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer in one sentence, and what qualifies it."""

    sentence: str
    details: tuple[str, ...] = ()
    sign: int = 0
    """1 if the best arm helps, -1 if even the best arm hurts, 0 if no gain is distinguishable from zero."""


def verdict(table: Table) -> Verdict:
    """Computed from the averages over targets (target languages only) and their paired intervals."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    if not arms:
        return Verdict(sentence="Only the baseline was run: there is no intermediate training to compare.")
    gains = [one for arm in arms if (one := table.average(arm, None)) and one.gain is not None]
    if not gains:
        return Verdict(sentence="No gain can be given: no target language has both an arm's result and the baseline's.")
    whole = [one for one in gains if not one.absent] or gains
    ranked = sorted(whole, key=lambda one: -(one.gain or 0.0))
    best = ranked[0]
    chosen = _corrected(table, best)
    said = _claim(best, chosen, of=_kind(table, best), alone=len(arms) == 1)
    return Verdict(
        sentence=plain(f"{said}{_seeds(best)}."),
        sign=0 if _lost(best, chosen) else best.sign,
        details=tuple(
            plain(detail)
            for detail in [
                _others(ranked[1:]),
                _left_out(table, arms, whole),
                _degenerate(table),
                _first_of(ranked, chosen),
            ]
            if detail
        ),
    )


def described(estimate: Estimate) -> str:
    """A gain with its interval: ``+2.3 points (95 % interval +0.4 to +4.1)``."""
    low, high = estimate.gain_low, estimate.gain_high
    span = f"95 % interval {points_range((low, high))}" if low is not None and high is not None else "no interval"
    return f"{points(estimate.gain)} points ({span})"


def _kind(table: Table, best: Average) -> str:
    """``zero-shot target`` or ``few-shot target`` where a run has few-shot ones."""
    return f"{'few' if best.few_shot else 'zero'}-shot target" if table.few_shot else "target"


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The interval of the arm that comes first, corrected for the choice among so many."""

    interval: Interval
    arms: int

    @property
    def sign(self) -> int:
        return (self.interval[0] > 0) - (self.interval[1] < 0)


def _corrected(table: Table, best: Average) -> _Chosen | None:
    found = table.comparisons and table.comparisons.arm(best.arm, few_shot=best.few_shot)
    if not table.comparisons or not found or found.chosen is None:
        return None
    return _Chosen(interval=found.chosen, arms=table.comparisons.chosen_from)


def _lost(best: Average, chosen: _Chosen | None) -> bool:
    """Whether a gain is distinguishable from zero by itself, but not as the first of several."""
    return chosen is not None and best.sign > 0 and chosen.sign <= 0


def _claim(best: Average, chosen: _Chosen | None, *, of: str, alone: bool) -> str:
    where = f"on average over the target languages of {counted(len(best.targets), of)}"
    gain = described(best)
    if chosen is not None:
        corrected = f"{points_range(chosen.interval)} corrected for the choice among {chosen.arms} arms"
        gain = f"{gain.removesuffix(')')}; {corrected})"
    if best.sign > 0 and not _lost(best, chosen):
        how = "helps" if alone else "helps most"
        zero = "an interval that excludes zero" if chosen is None else "intervals that exclude zero"
        return f"Intermediate training on {best.arm} {how}: {gain} {where}, {zero}"
    if best.sign < 0:
        what = best.arm if alone else f"even the best arm, {best.arm},"
        return f"Intermediate training does not help: {what} has a gain of {gain} {where}"
    first = f"{best.arm} gives" if alone else f"{best.arm} comes first with"
    reason = "which does not exclude zero" if best.gain_low is not None else "so it cannot be distinguished from chance"
    if _lost(best, chosen):
        reason = "which excludes zero only before the correction"
    nothing = "No intermediate training shows a gain that is distinguishable from zero"
    return f"{nothing}: {first} {gain} {where}, {reason}"


def _seeds(best: Average) -> str:
    number = len(best.gain_seeds)
    if number == 0 or number >= FEW_SEEDS:
        return ""
    if number == 1:
        return "; one seed was run, so the interval says nothing about other seeds"
    return f"; only {counted(number, 'seed')} were run, so take this as preliminary"


def _others(rest: list[Average]) -> str:
    groups = {1: "Also above zero", 0: "Not distinguishable from zero", -1: "Below zero"}
    parts = []
    for sign, title in groups.items():
        named = [f"{one.arm} {described(one)}" for one in rest if one.sign == sign]
        if named:
            parts.append(f"{title}: {'; '.join(named)}.")
    return " ".join(parts)


def _left_out(table: Table, arms: list[str], whole: list[Average]) -> str:
    """Arms that are not ranked because their average lacks a target or a language."""
    ranked = {one.arm for one in whole}
    missing = [arm for arm in arms if arm not in ranked]
    if missing:
        return f"Not ranked, since parts of their average are missing: {listed(missing)}."
    if any(one.absent for one in whole):
        return "Parts of every arm's average are missing; see the notes."
    return ""


def _degenerate(table: Table) -> str:
    """Whose numbers hold trainings that came out near nothing: a gain or a loss may be theirs."""
    seeds: dict[str, list[str]] = {}
    for one in table.degenerate:
        place = f"{one.arm} on {one.target}" if one.target else f"{one.arm} (its own training)"
        seeds.setdefault(place, []).append(f"{one.seed}{'' if one.level == DEGENERATE else ' by half'}")
    named = [f"{place}, seed{'s' * (len(some) > 1)} {listed(some)}" for place, some in seeds.items()]
    return f"Degenerate runs are part of these numbers: {'; '.join(named)}." if named else ""


def _first_of(ranked: list[Average], chosen: _Chosen | None) -> str:
    if len(ranked) < 2 or ranked[0].sign <= 0:
        return ""
    first = f"The first of {len(ranked)} arms was picked after seeing the results"
    again = "expect its gain to be somewhat smaller in a new run."
    if chosen is None:
        return f"{first}, and the intervals are not corrected for that: {again}"
    return f"{first}: the corrected interval holds for all arms at once, but the gain itself is not corrected; {again}"
