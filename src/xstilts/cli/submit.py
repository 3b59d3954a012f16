"""``xstilts submit``: the predictions of a run as a leaderboard folder. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import DataOption, JsonOption, existing_folder
from xstilts.cli.printing import note, print_json, print_table, say


def submit(
    run: Annotated[str, typer.Argument(help="A run's name, or its output folder.", show_default=False)],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
    arm: Annotated[str | None, typer.Option("--arm", help="Arm to submit.  [default: none, the baseline]")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed to submit.  [default: the run's first]")] = None,
    benchmark: Annotated[
        str | None,
        typer.Option(
            "--benchmark", metavar="xtreme|xtreme-r", help="Benchmark to submit to.  [default: by the run's tasks]"
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="DIR", help="Also write the gold labels of the same rows, for `score`."),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write the leaderboard folder of XTREME or XTREME-R from a run.

    It holds one arm and one seed: a file per task and language, and manifest.json, which describes them. The arm is
    never chosen by its scores: that would be choosing on the test set.
    """
    from xstilts.runs import submitting

    done = submitting.submit(
        run, directory, arm=arm, seed=seed, benchmark=benchmark, labels=labels, data=existing_folder(data)
    )
    if json:
        print_json(done)
    else:
        rows = [
            {"task": folder, "languages": len(of), "examples": sum(one["examples"] for one in of.values())}
            for folder, of in done.tasks.items()
        ]
        say(f"{done.benchmark}: {done.run}, arm {done.arm}, {'no seed' if done.seed is None else f'seed {done.seed}'}")
        print_table(rows, {"task": "task", "languages": "languages", "examples": "examples"})
        say(str(done.directory))
        if done.labels is not None:
            say(str(done.labels))
    for line in done.notes:
        note(f"note: {line}")
    for name, why in done.missing.items():
        if why != submitting.NO_TARGET:
            note(f"note: {name}: {why}")
    if absent := [name for name, why in done.missing.items() if why == submitting.NO_TARGET]:
        note(f"note: {submitting.NO_TARGET}, so not in the folder: {', '.join(absent)}")
