"""``xstilts plan``: what a run would do, and what it would cost. Never imports torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import (
    DataOption,
    ExperimentArgument,
    JsonOption,
    SetOption,
    StoreOption,
    existing_folder,
)
from xstilts.cli.printing import bytes_text, count_text, note, print_json, print_table, say, seconds_text

if TYPE_CHECKING:
    from xstilts.experiments.experiment_graph import ExperimentGraph

COSTS = ("tokens", "flops", "seconds", "bytes")
TIMES = ("seconds", "seconds_low", "seconds_high")
CLOSE = 1.5
"""A time whose ends are no further apart is shown as one."""
RATE = 1e14
"""FLOPs per second for which GPU-hours are stated unless the user gives a rate: a round figure, of no real machine."""
LONG = 200
"""Up to this many nodes, each has its own line; beyond, seeds and languages are summed."""
_OF_ONE = re.compile(r" · seed \d+$|^(zero_shot \S+) .+(?= ← )")


def plan(
    experiment: ExperimentArgument,
    set_: SetOption = None,
    data: DataOption = None,
    store: StoreOption = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            min=1.0,
            metavar="FLOPS",
            help="FLOPs a second of the GPU for which hours are stated.  [default: 1e14]",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Guess how fast this machine is where that was not measured yet.")
    ] = False,
    power: Annotated[
        bool, typer.Option("--power", help="Also show the smallest gain that the run could see, by target.")
    ] = False,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="RUN", help="With --power: gains vary as they did in this finished run."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what a run would do, and what it would cost.

    The graph of the experiment, what is cached, and the tokens, FLOPs, time here, GPU-hours at a stated rate and
    disk still to spend. Data that is not here is priced by its published size. How fast this machine trains a model
    of that width is measured once, which takes some seconds, and corrected by the nodes that have run.
    """
    from xstilts.experiments import graph
    from xstilts.experiments.loading import load_experiment
    from xstilts.pipeline.local import available_cores
    from xstilts.runs import folders, planning

    folder = existing_folder(data)
    loaded = load_experiment(experiment, set_ or ())
    results = folders.store_at(store)
    study = graph.build(loaded, data=folder, store=results, planning=True)
    rows = [dict(row) for row in planning.plan(study, results, measure=not quick, tell=_told)]
    cores = available_cores()
    total = totals(rows, rate) | planning.clock(study, rows, cores=cores)
    gains = smallest_gains(study, like) if power or like else None
    if json:
        seen = {} if gains is None else {"power": gains}
        notes = {"notes": list(study.notes), "stand_ins": list(study.stand_ins)}
        print_json({"nodes": rows, "totals": total, **notes, **seen})
        return
    _print_rows(rows if len(rows) <= LONG else list(summary(rows)))
    say()
    _print_totals(total, [*study.stand_ins, *study.notes], cores=cores)
    if gains is not None:
        _print_power(gains, like)


def smallest_gains(study: ExperimentGraph, like: str | None) -> list[dict[str, Any]]:
    """The smallest gain by target: as gains varied in a finished run, or as is assumed."""
    from xstilts.runs import power, running

    return (
        power.as_assumed(study) if like is None else power.from_a_run(study, running.load_run(like).table.comparisons)
    )


def _print_totals(total: Mapping[str, Any], notes: Sequence[str], *, cores: int) -> None:
    spent = ", ".join(f"{_TEXT[key](total[key])} {_UNIT[key]}" for key in COSTS if key != "seconds")
    estimated = " (estimated)" if total["basis"] == "estimated" else ""
    hours = f"{total['gpu_hours']:,.3g} GPU-hours at {total['rate']:.3g} FLOPs a second (--rate)"
    say(f"{total['nodes']} nodes, {total['cached']} cached; still to spend: {spent}; {hours}{estimated}")
    for line in notes:
        note(f"note: {line}")
    if total["seconds"]:
        say(f"time on {cores} core{'s' if cores != 1 else ''} of this machine: {time_text(total)}")


def _print_power(gains: Sequence[Mapping[str, Any]], like: str | None) -> None:
    say()
    how = (
        "seen in four of five runs by the interval of variance components (docs/intervals.md), every example by itself"
    )
    if like is None:
        say("Smallest gain in one language, in points, if one arm's score differs over seeds by so many points:")
        note(f"note: {how}; examples vary as accuracies do there. --like RUN takes both from a finished run.")
    else:
        say(f"Smallest gain in one language, in points, if gains vary as in {like}:")
        note(f"note: {how}. The mean over all targets is given where both runs have the same ones.")
    print_table(gains, {key: key.replace("_", " ") + " seeds" * key.startswith("with_") for key in gains[0]})


def _told(line: str) -> None:
    note(f"note: {line}")


def time_text(row: Mapping[str, Any]) -> str:
    """One time, or from the least to the most that is expected."""
    low, high = row["seconds_low"], row["seconds_high"]
    if high <= CLOSE * low or high < 1:
        return seconds_text(row["seconds"])
    return f"{seconds_text(low)} to {seconds_text(high)}"


def summary(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One row for the nodes that differ only in seed or language, in the order of the first of them."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        label = _OF_ONE.sub(lambda found: found[1] or "", row["label"] or row["kind"])
        groups.setdefault(label, []).append(row)
    for label, members in groups.items():
        cached = all(row["cached"] for row in members)
        estimated = any(row.get("basis") == "estimated" for row in members)
        costs = {key: [row[key] for row in members if row.get(key) is not None] for key in (*COSTS, *TIMES)}
        yield {
            "label": f"{label} ({len(members)} nodes)" if len(members) > 1 else label,
            "cached": cached,
            "basis": "estimated" if estimated else "measured",
            **{key: sum(values) if values else None for key, values in costs.items()},
        }


def totals(rows: Sequence[Mapping[str, Any]], rate: float | None = None) -> dict[str, Any]:
    """What the nodes that are not cached cost together; *estimated* as soon as one of them is."""
    rate = rate or RATE
    waiting = [row for row in rows if not row["cached"]]
    estimated = any(row.get("basis") == "estimated" for row in waiting)
    costs = {key: sum(row.get(key) or 0 for row in waiting) for key in (*COSTS, *TIMES)}
    return {
        "nodes": len(rows),
        "cached": len(rows) - len(waiting),
        **costs,
        "rate": rate,
        "gpu_hours": costs["flops"] / rate / 3600,
        "basis": "estimated" if estimated else "measured",
    }


_TEXT = {"tokens": count_text, "flops": count_text, "bytes": bytes_text}
_UNIT = {"tokens": "tokens", "flops": "FLOPs", "bytes": "on disk"}


def _print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = []
    for row in rows:
        cost = {key: None if row.get(key) is None else _TEXT[key](row[key]) for key in _TEXT}
        cost["time"] = None if row.get("seconds") is None else time_text(row)
        state = "cached" if row["cached"] else row.get("basis")
        shown.append({"label": row["label"] or row["kind"], "state": state, **cost})
    columns = {"label": "node", "state": "state", **{key: key for key in ("tokens", "flops", "time", "bytes")}}
    print_table(shown, columns)
