"""``xstilts search``: the best arm of an experiment within a budget, by successive halving."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import (
    BudgetOption,
    CoresOption,
    DataOption,
    ExperimentArgument,
    JsonOption,
    QuietOption,
    SetOption,
    StoreOption,
    existing_folder,
)
from xstilts.cli.printing import note, print_json, print_table, say, stdout_to_stderr
from xstilts.errors import ConfigError

if TYPE_CHECKING:
    from xstilts.runs.searching import SearchResult

STANDINGS = {
    "rung": "rung",
    "each": "each arm got",
    "arm": "arm",
    "dev": "dev score",
    "kept": "kept",
    "behind": "behind",
    "between": "95 % interval",
}


def search(
    experiment: ExperimentArgument,
    budget: BudgetOption = None,
    set_: SetOption = None,
    data: DataOption = None,
    store: StoreOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for rungs and reports.  [default: .xstilts/runs/NAME]"),
    ] = None,
    cores: CoresOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Search for the best arm of an experiment within a budget.

    All arms are trained on few examples under one seed; the better half by dev score in the source language goes on
    with twice as much, until one is left, which is run in full beside direct fine-tuning. Without --budget: what
    searches cost.
    """
    from xstilts.experiments.loading import load_experiment
    from xstilts.runs import folders, searching

    loaded, folder = load_experiment(experiment, set_ or ()), existing_folder(data)
    if budget is None:
        trials = searching.trials_of(loaded, data=folder, store=folders.store_at(store), planning=True)
        rows = searching.priced(trials)
        if json:
            print_json({"searches": rows, "grid": trials.grid, "grid_planned": trials.grid_planned})
            return
        print_table(rows, {"flops": "FLOPs at most", "rungs": "arms × what each of them gets"})
        planned = f"{trials.grid_planned:.3g} FLOPs by `xstilts plan`, at most {trials.grid:.3g}"
        say(f"the whole experiment: {planned}; nothing was run: --budget FLOPS does that")
        return
    if not budget > 0 or budget == float("inf"):
        raise ConfigError(f"expected FLOPs, e.g. 1e15, not {budget:g}", where="--budget")
    with stdout_to_stderr() if json else contextlib.nullcontext():
        from xstilts.pipeline.views import make_progress

        result = searching.search(
            loaded,
            budget=budget,
            data=folder,
            store=folders.store_at(store),
            out=out or folders.default_out(loaded.name),
            cores=cores,
            progress=make_progress(quiet),
        )
    if json:
        print_json(result.as_object())
    else:
        _print(result)
    failed = [item for outcome in result.outcomes for item in outcome.failed.items()]
    for node, failure in failed:
        note(f"error: {node.label or node.kind}: {failure.message}")
    if codes := [outcome.exit_code for outcome in result.outcomes if outcome.exit_code]:
        raise typer.Exit(codes[0])


def rows(result: SearchResult) -> list[dict[str, Any]]:
    """A line for every arm in every rung: what it got, how it came out, and what spoke against it."""
    from xstilts.runs.searching import level_text

    found: list[dict[str, Any]] = []
    for number, rung in enumerate(result.halving.rungs, 1):
        each = {"rung": number, "each": level_text(*rung.level)}
        for one in rung.standings:
            between = f"{100 * one.interval[0]:+.1f} to {100 * one.interval[1]:+.1f}" if one.interval else ""
            kept = "kept" if one.kept else "dropped" if one.score is not None else "dropped: its training failed"
            scored = {"dev": _points(one.score), "behind": _points(one.behind, sign="+")}
            found.append({**each, "arm": one.arm, "kept": kept, "between": between, **scored})
        found.append({**each, "arm": "none", "kept": "baseline", "dev": _points(rung.baseline)})
        found += [{**each, "arm": arm, "kept": "dropped: the budget"} for arm in rung.unaffordable]
    return found


def _points(value: float | None, *, sign: str = "") -> str | None:
    return None if value is None else f"{100 * value:{sign}.1f}"


def _print(result: SearchResult) -> None:
    from rich.console import Console

    from xstilts.reports import terminal

    found = result.halving
    print_table(rows(result), STANDINGS)
    if any(len(rung.standings) > 1 and rung.level.seeds == 1 for rung in found.rungs):
        note("note: with one seed there is no interval for how far an arm is behind")
    if found.unaffordable:
        say(f"dropped for what was left of the budget: {', '.join(found.unaffordable)}")
    if result.run is not None:
        say(f"\n{found.chosen} in full, beside direct fine-tuning:")
        terminal.print_matrix(result.run.table, result.run.info, Console())
    elif found.chosen is not None:
        say(f"{found.chosen} is left; what is left of the budget does not suffice for its whole run")
    share = f" ({100 * result.spent / result.grid:.0f} % of it)" if result.grid else ""
    say(f"spent {result.spent:.3g} of {result.budget:.3g} FLOPs; the whole experiment takes {result.grid:.3g}{share}")
    if result.run is not None:
        for file in sorted(Path(result.run.directory).glob("report.*")):
            say(str(file))
