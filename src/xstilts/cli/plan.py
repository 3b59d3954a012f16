"""``xstilts plan``: what a run would do, and what it would cost. Never imports torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


def plan(
    experiment: ExperimentArgument,
    set_: SetOption = None,
    data: DataOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a run would do, and what it would cost.

    The graph of the experiment, what is cached, and the tokens, FLOPs, time and disk still to spend.
    """
    from xstilts.experiments import folders, graph, planning
    from xstilts.experiments.loading import load_experiment
    from xstilts.pipeline.store import Store

    folder = existing_folder(data)
    loaded = load_experiment(experiment, set_ or ())
    results = Store(store or folders.default_store())
    study = graph.build(loaded, data=folder, store=results, planning=True)
    rows = [dict(row) for row in planning.plan(study, results)]
    total = totals(rows)
    if json:
        print_json({"nodes": rows, "totals": total, "notes": list(study.notes), "stand_ins": list(study.stand_ins)})
        return
    _print_rows(rows)
    say()
    spent = ", ".join(f"{_TEXT[key](total[key])} {_UNIT[key]}".strip() for key in COSTS)
    estimated = " (estimated)" if total["basis"] == "estimated" else ""
    say(f"{total['nodes']} nodes, {total['cached']} cached; still to spend: {spent}{estimated}")
    for line in [*study.stand_ins, *study.notes]:
        note(f"note: {line}")


def totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the nodes that are not cached cost together; *estimated* as soon as one of them is."""
    waiting = [row for row in rows if not row["cached"]]
    estimated = any(row.get("basis") == "estimated" for row in waiting)
    return {
        "nodes": len(rows),
        "cached": len(rows) - len(waiting),
        **{key: sum(row.get(key) or 0 for row in waiting) for key in COSTS},
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
