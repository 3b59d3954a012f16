"""The predictors of the best intermediate task as frames: their scores in a run, and what they were worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.analysis.judged_predictors import CHOSEN, JudgedPredictors
from xstilts.analysis.predictions import predictions_in
from xstilts.errors import UserError
from xstilts.pipeline.store import Store
from xstilts.runs.counted import counted
from xstilts.runs.folders import store_at
from xstilts.runs.record import load_record

if TYPE_CHECKING:
    import polars

HINT = "write predictors: true in its experiment and run it again: what is computed stays"


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


def predictor_regret(run: str | Path) -> polars.DataFrame:
    """What each predictor was worth in a finished run, in each target language, target, and over all.

    Args:
        run: its name or output folder.

    Returns:
        ``run``, ``model``, ``predictor``, ``target``, ``language`` (null: over all); ``regret_1`` to ``regret_3``,
        ``over_random`` and ``correlation``, each with ``_low`` and ``_high``, fractions; ``places``, ``told``,
        ``silent``, ``unscored``, ``flops`` and ``training_flops``, as `analysis.judged_predictors` explains them.

    Raises:
        UserError: no such run, a record that cannot be read, or a run without predictors.
    """
    import polars

    name, model, found = judged_predictors(run)
    measured = [*(f"regret_{k}" for k in CHOSEN), "over_random", "correlation"]
    schema: dict[str, Any] = {
        **dict.fromkeys(("run", "model", "predictor", "target", "language"), polars.String),
        **{f"{one}{end}": polars.Float64 for one in measured for end in ("", "_low", "_high")},
        **dict.fromkeys(("places", "told", "silent"), polars.Int64),
        **dict.fromkeys(("unscored", "flops", "training_flops"), polars.Float64),
    }
    rows = [{"run": name, "model": model, **one.as_object()} for one in found.rows]
    return polars.DataFrame(rows, schema=schema)


def judged_predictors(run: str | Path) -> tuple[str, str, JudgedPredictors]:
    """A finished run's name and model, and its predictors, judged by the gains that its store holds.

    Raises:
        UserError: no such run, a record that cannot be read, or a run without predictors.
    """
    from xstilts.analysis.gain_matrix import gain_matrix

    _, record = load_record(run)
    said = predictions_in(record)
    if said is None:
        raise UserError(f"the run {record['run']} computed no predictors: {HINT}")
    store: Store = store_at(record["store"])
    counts, failed, _ = counted(record, store)
    table = gain_matrix(
        counts,
        failed,
        source_languages=record["source_languages"],
        few_shot=record.get("few_shot", {}),
        compare=False,
        predictions=said,
    )
    assert table.predictors is not None
    return str(record["run"]), str(record["model"]), table.predictors
