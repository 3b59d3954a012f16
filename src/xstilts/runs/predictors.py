"""The predictors of the best intermediate task as frames: their scores in a run, and what they were worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.analysis.predictions import predictions_in
from xstilts.runs.record import load_record

if TYPE_CHECKING:
    import polars


def predictor_scores(run: str | Path) -> polars.DataFrame:
    """What each predictor says of each arm, for each target and language of a finished run.

    Args:
        run: its name or output folder.

    Returns:
        ``arm``, ``target``, ``language``, ``predictor``, ``score`` (higher is better; null where it is not defined),
        ``flops`` (of the predictor's own passes), ``training_flops`` (of the trainings whose checkpoints it needs),
        ``own`` (whether the arm trains on the target's own training set), ``why`` (there is no score); and ``run`` and
        ``model``, over which scores are never pooled. No row where the run computed no predictors.

    Raises:
        UserError: no such run, or a record that cannot be read.
    """
    import polars

    _, record = load_record(run)
    found = predictions_in(record)
    schema: dict[str, Any] = {
        **dict.fromkeys(("run", "model", "arm", "target", "language", "predictor"), polars.String),
        **dict.fromkeys(("score", "flops", "training_flops"), polars.Float64),
        "own": polars.Boolean,
        "why": polars.String,
    }
    rows = [
        {**one.as_object(), "run": record["run"], "model": record["model"], "why": one.why or None}
        for one in (found.rows if found else ())
    ]
    return polars.DataFrame(rows, schema=schema)
