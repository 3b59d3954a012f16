"""``xstilts recommend``: which intermediate tasks to try for a target, and why. Never imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import BudgetOption, DataOption, JsonOption, RunsArgument, existing_folder
from xstilts.cli.printing import count_text, note, print_json, print_table, say
from xstilts.errors import ConfigError

if TYPE_CHECKING:
    from xstilts.analysis.judged_predictors import JudgedPredictor
    from xstilts.runs.arm_prices import Recommended
    from xstilts.runs.recommending import Recommendation

COLUMNS = {
    "arm": "arm",
    "advice": "advice",
    "gain": "gain",
    "between": "95 % interval",
    "where": "measured on",
    "run": "in the run",
    "flops": "FLOPs",
    "fits": "in the budget",
}
MOST = 6
"""Languages that are named."""
ADVICE = {"helps": "try", "unclear": "perhaps", "unknown": "unknown", "hurts": "no"}


def recommend(
    target: Annotated[str, typer.Option("--target", metavar="T", help="A task, or a target of a run.")],
    languages: Annotated[
        list[str] | None,
        typer.Option(
            "--languages", metavar="L", help="Ids or codes: sw,tr. May be repeated.  [default: all of the target]"
        ),
    ] = None,
    budget: BudgetOption = None,
    runs: RunsArgument = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Whose runs are read, where they are of several.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="DIR|URL", help="Results without runs; with RUN where they are now."),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Say which intermediate tasks to try for a target.

    From the gains of finished runs of one model, each read by itself: on the target, on targets of its kind, in related
    languages; with what such advice was worth on the targets of those runs. Arms are priced as `xstilts plan` does.
    """
    from xstilts.runs import recommending

    if budget is None or not 0 < budget < float("inf"):
        given = "is missing" if budget is None else f"is {budget:g}"
        raise ConfigError(f"the budget {given}; expected FLOPs, e.g. 1e15", where="--budget")
    found = recommending.recommend(
        target,
        budget=budget,
        languages=[code for text in languages or () for code in text.replace(",", " ").split()],
        model=model,
        runs=runs or None,
        store=store,
        data=existing_folder(data),
    )
    if json:
        print_json(found.as_object())
        return
    say(f"{found.target} in {_named(found.languages)}: {found.model}, by {', '.join(found.runs)}")
    say()
    print_table([_row(one) for one in found.arms], COLUMNS)
    say()
    for line in (*_reasons(found), *_worth(found)):
        say(line)
    for line in found.notes:
        note(f"note: {line}")


def _row(one: Recommended) -> dict[str, Any]:
    advice = one.advice
    row: dict[str, Any] = {
        "arm": advice.arm,
        "advice": "is the target's own training set" if advice.own else ADVICE[advice.verdict],
        "flops": None if one.flops is None else count_text(one.flops),
        "fits": one.fits,
    }
    for first in advice.evidence[:1]:
        between = f"{100 * first.interval[0]:+.1f} to {100 * first.interval[1]:+.1f}" if first.interval else None
        row |= {"gain": f"{100 * first.gain:+.1f}", "between": between, "where": first.nearness, "run": first.run}
    return row


def _reasons(found: Recommendation) -> list[str]:
    """What speaks for each arm, further runs and predictors included."""
    lines = []
    for one in found.arms:
        for evidence in one.advice.evidence:
            ends = evidence.interval
            between = f" (95 % interval {100 * ends[0]:+.1f} to {100 * ends[1]:+.1f})" if ends else ""
            said = f"{', '.join(evidence.targets)} in {_named(evidence.languages)}"
            lines.append(
                f"{one.advice.arm}: {100 * evidence.gain:+.1f} points{between} on {said}; {evidence.nearness}; "
                f"{found.model}, {evidence.scale}, run {evidence.run}"
            )
        lines += [
            f"{one.advice.arm}: place {rank.place:.3g} of {rank.arms} by {rank.predictor}, run {rank.run}"
            for rank in one.advice.ranks
        ]
    if found.baseline is not None:
        lines.append(f"Direct fine-tuning takes {count_text(found.baseline)} FLOPs; arms come on top of it.")
    if found.unknown:
        lines.append(f"Nothing is known with {found.model} of: {', '.join(found.unknown)}.")
    return lines


def _named(languages: Sequence[str]) -> str:
    """All of a few, the number of many."""
    return ", ".join(languages) if len(languages) <= MOST else f"{len(languages)} languages"


def _worth(found: Recommendation) -> list[str]:
    """What advice was worth on the targets of the runs, each hidden in turn."""
    lines = []
    for one in found.worth:
        if one.target:
            continue
        between = f" (95 % interval {100 * one.interval[0]:.1f} to {100 * one.interval[1]:.1f})" if one.interval else ""
        first = "the first arm" if one.k == 1 else f"the first {one.k} arms"
        lines.append(
            f"Advice for {one.targets} target{'s' if one.targets != 1 else ''} of {one.run}, each hidden in turn: "
            f"{first} of up to {one.arms} cost {100 * one.regret:.1f} points{between} against the best; "
            f"by lot {100 * one.by_lot:.1f}."
        )
    if not lines:
        lines.append("What such advice is worth is not known: no run has two arms with gains on several targets.")
    for run, judged in found.predictors.items():
        lines += [
            f"{said.predictor}, over all targets of {run}: its first arm cost {_points(said)}."
            for said in judged
            if 1 in said.regrets
        ]
    return lines


def _points(one: JudgedPredictor) -> str:
    regret = one.regrets[1]
    ends = regret.interval
    between = f" (95 % interval {100 * ends[0]:.1f} to {100 * ends[1]:.1f})" if ends else ""
    return f"{100 * regret.value:.1f} points{between}"
