"""``xstilts score``: a leaderboard folder against labels. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import as_json, note, print_json, print_table, say

if TYPE_CHECKING:
    from xstilts.leaderboard.scores import Scores, TaskScore


def score(
    predictions: Annotated[
        Path, typer.Option("--predictions", metavar="DIR", help="Predictions to score: TASK/test-LANGUAGE.tsv|json.")
    ],
    labels: Annotated[Path, typer.Option("--labels", metavar="DIR", help="Gold labels in the same layout.")],
    benchmark: Annotated[
        str, typer.Option("--benchmark", metavar="xtreme|xtreme-r", help="Benchmark whose tasks are scored.")
    ],
    explain: Annotated[bool, typer.Option("--explain", help="Also list where upstream's scorer differs.")] = False,
    json: JsonOption = False,
) -> None:
    """Score a leaderboard folder of XTREME or XTREME-R.

    Scores are by language, task and group, and in total, in per cent, as in google-research/xtreme's evaluate.py. A
    total or group is a dash unless all of its tasks are present. Exit code 2 if a file cannot be scored.
    """
    from xstilts.leaderboard import benchmarks, deviations, scoring

    chosen = benchmarks.find(benchmark, where="--benchmark")
    scores = scoring.score(predictions, labels, chosen)
    listed = deviations.of(chosen.name)
    for warning in scores.warnings:
        note(f"warning: {warning}")
    if json:
        print_json({**as_json(scores), "unit": "per cent", **({"deviations": listed} if explain else {})})
        return
    _print(scores, chosen.title)
    if explain:
        say()
        say("google-research/xtreme's evaluate.py (838c13b), and what this package does where it differs:")
        for one in listed:
            say(f"- {one.task + ': ' if one.task else ''}{one.upstream}")
            if one.here:
                say(f"  here: {one.here}")


def _print(scores: Scores, title: str) -> None:
    say(f"{title}, per cent")
    say()
    rows: list[dict[str, Any]] = [_row(name, task) for name, task in scores.tasks.items()]
    print_table(rows, {"task": "task", "score": "score", "languages": "languages", "means": "mean over the languages"})
    say()
    groups = [{"group": name, "score": _figure(one.score)} for name, one in scores.groups.items()]
    groups.append({"group": "all tasks", "score": _figure(scores.overall.score)})
    print_table(groups, {"group": "group", "score": "score"})
    for name, task in scores.tasks.items():
        if task.languages:
            say()
            say(name)
            by_language = [
                {"language": code, **{score: _figure(value) for score, value in found.items()}}
                for code, found in task.languages.items()
            ]
            print_table(by_language, {"language": "", **{score: score for score in task.averages}})
    for name, task in scores.tasks.items():
        if task.reason:
            note(f"note: {name} has no score: {task.reason}")
    if scores.overall.reason:
        note(f"note: no total: {scores.overall.reason}")


def _row(name: str, task: TaskScore) -> dict[str, Any]:
    of = len(task.languages) + len(task.absent)
    means = [f"{score} {value:.2f}" for score, value in (*task.averages.items(), *task.extra.items())]
    return {
        "task": name,
        "score": _figure(task.score),
        "languages": f"{len(task.languages)} of {of}" if of else None,
        "means": ", ".join(means),
    }


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
