"""``xstilts plan``: what a run would do, and what it would cost. Never imports torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

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

COSTS = ("tokens", "flops", "seconds", "bytes")
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
    json: JsonOption = False,
) -> None:
    """Show what a run would do, and what it would cost.

    The graph of the experiment, what is cached, and the tokens, FLOPs, time here, GPU-hours at a stated rate and
    disk still to spend. Data that are not here are priced by their published size.
    """
    from xstilts.experiments import graph
    from xstilts.experiments.loading import load_experiment
    from xstilts.runs import folders, planning

    folder = existing_folder(data)
    loaded = load_experiment(experiment, set_ or ())
    results = folders.store_at(store)
    study = graph.build(loaded, data=folder, store=results, planning=True)
    rows = [dict(row) for row in planning.plan(study, results)]
    total = totals(rows, rate)
    if json:
        print_json({"nodes": rows, "totals": total, "notes": list(study.notes), "stand_ins": list(study.stand_ins)})
        return
    _print_rows(rows if len(rows) <= LONG else list(summary(rows)))
    say()
    spent = ", ".join(f"{_TEXT[key](total[key])} {_UNIT[key]}".strip() for key in COSTS)
    estimated = " (estimated)" if total["basis"] == "estimated" else ""
    hours = f"{total['gpu_hours']:,.3g} GPU-hours at {total['rate']:.3g} FLOPs a second (--rate)"
    say(f"{total['nodes']} nodes, {total['cached']} cached; still to spend: {spent}; {hours}{estimated}")
    for line in [*study.stand_ins, *study.notes]:
        note(f"note: {line}")


def summary(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One row for the nodes that differ only in seed or language, in the order of the first of them."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        label = _OF_ONE.sub(lambda found: found[1] or "", row["label"] or row["kind"])
        groups.setdefault(label, []).append(row)
    for label, members in groups.items():
        cached = all(row["cached"] for row in members)
        estimated = any(row.get("basis") == "estimated" for row in members)
        costs = {key: [row[key] for row in members if row.get(key) is not None] for key in COSTS}
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
    costs = {key: sum(row.get(key) or 0 for row in waiting) for key in COSTS}
    return {
        "nodes": len(rows),
        "cached": len(rows) - len(waiting),
        **costs,
        "rate": rate,
        "gpu_hours": costs["flops"] / rate / 3600,
        "basis": "estimated" if estimated else "measured",
    }


_TEXT = {"tokens": count_text, "flops": count_text, "seconds": seconds_text, "bytes": bytes_text}
_UNIT = {"tokens": "tokens", "flops": "FLOPs", "seconds": "", "bytes": "on disk"}


def _print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = []
    for row in rows:
        cost = {key: None if row.get(key) is None else _TEXT[key](row[key]) for key in COSTS}
        state = "cached" if row["cached"] else row.get("basis")
        shown.append({"label": row["label"] or row["kind"], "state": state, **cost})
    columns = {"label": "node", "state": "state", **{key: key for key in COSTS}}
    print_table(shown, columns)
