"""``xstilts run``: an experiment from its file to the gain matrix."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import (
    CoresOption,
    DataOption,
    ExperimentArgument,
    JsonOption,
    QuietOption,
    SetOption,
    StoreOption,
    existing_folder,
)
from xstilts.cli.printing import note, print_json, say, stdout_to_stderr
from xstilts.errors import UnknownName

if TYPE_CHECKING:
    from xstilts.runs.running import RunResult

EXECUTORS = ("local",)


def run(
    experiment: ExperimentArgument,
    set_: SetOption = None,
    data: DataOption = None,
    store: StoreOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the reports.  [default: .xstilts/runs/NAME]"),
    ] = None,
    claims: Annotated[
        list[Path] | None,
        typer.Option("--claims", metavar="FILE", help="Register a claim before anything runs. May be repeated."),
    ] = None,
    executor: Annotated[str, typer.Option("--executor", metavar="local", help="Executor of the nodes.")] = "local",
    cores: CoresOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Run an experiment and write its gain matrix.

    Trains and evaluates what is not yet in the store; a second call finds everything there. Exit code: 0 done, 1 a node
    failed (finished nodes are kept), 2 a mistake in the experiment or in the data.
    """
    _check_executor(executor)
    with stdout_to_stderr() if json else contextlib.nullcontext():
        from xstilts.experiments.loading import load_experiment
        from xstilts.pipeline.views import make_progress
        from xstilts.runs import folders, running

        folder = existing_folder(data)
        loaded = load_experiment(experiment, set_ or ())
        result = running.run(
            loaded,
            data=folder,
            store=folders.store_at(store),
            out=out or folders.default_out(loaded.name),
            executor=executor,
            cores=cores,
            progress=make_progress(quiet),
            claims=claims or (),
        )
    if json:
        print_json(as_object(result))
    else:
        _print_result(result)
    for node, failure in result.outcome.failed.items():
        note(f"error: {node.label or node.kind}: {failure.message}")
    if result.outcome.exit_code:
        raise typer.Exit(result.outcome.exit_code)


def as_object(result: RunResult) -> dict[str, Any]:
    """What ``--json`` prints: the run, how many nodes ended how, every cell of the gain matrix, and degenerate runs."""
    outcome = result.outcome
    nodes = {name: len(getattr(outcome, name)) for name in ("ran", "cached", "failed", "not_run")}
    degenerate = [one.as_object() for one in result.table.degenerate]
    return {"run": result.run, "nodes": nodes, "results": result.table.results(), "degenerate": degenerate}


def _print_result(result: RunResult) -> None:
    from rich.console import Console

    from xstilts.reports import terminal

    terminal.print_matrix(result.table, result.info, Console())
    counts = as_object(result)["nodes"]
    say(
        f"nodes: {counts['ran']} ran, {counts['cached']} cached, {counts['failed']} failed, {counts['not_run']} not run"
    )
    for file in sorted(Path(result.directory).glob("report.*")):
        say(str(file))


def _check_executor(name: str) -> None:
    if name not in EXECUTORS:
        raise UnknownName("executor", name, EXECUTORS, where="--executor", hint="it uses all cores of this machine")
