"""``xstilts predictors``: what each predictor of the best intermediate task was worth in finished runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import note, print_json, print_table, say

if TYPE_CHECKING:
    from xstilts.analysis.judged_predictors import JudgedPredictors

FORMATS = ("text", "md")


def predictors(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Runs by name or output folder.", show_default=False),
    ],
    format_: Annotated[str, typer.Option("--format", metavar="text|md", help="Lines, or a Markdown table.")] = "text",
    json: JsonOption = False,
) -> None:
    """Show what predictors of the best intermediate task were worth.

    For each run by itself, since what predicts on one model need not on another: the regret in points of taking the
    one, two or three arms that a predictor ranks first, with intervals, beside random choice, the largest data and an
    arm that is always taken; the rank correlation with the gains; and the FLOPs that a predictor costs.
    """
    from xstilts.errors import UnknownName
    from xstilts.reports import predictors as written
    from xstilts.runs.predictors import judged_predictors

    if format_ not in FORMATS:
        raise UnknownName("format", format_, FORMATS, where="--format")
    found = [judged_predictors(run) for run in runs]
    if json:
        print_json([row | {"run": run, "model": model} for run, model, one in found for row in _objects(one)])
        return
    for place, (run, model, one) in enumerate(found):
        if place:
            say()
        if format_ == "md":
            say(written.markdown(run, model, one))
            continue
        say(f"{run}, model {model}")
        rows = written.lines(one)
        print_table(rows, {name: name for name in rows[0]} if rows else {})
        for line in one.told:
            note(line)


def _objects(found: JudgedPredictors) -> list[dict[str, object]]:
    return [one.as_object() for one in found.rows]
