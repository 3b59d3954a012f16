"""Claims as a frame: one row for every test of every claim, and one for a claim that no run tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.analysis.claims.judged import Judged, tested_object
from xstilts.runs.judging import judge

if TYPE_CHECKING:
    import polars


def claims(
    runs: str | Path | Sequence[str | Path] | None = None,
    *,
    files: Sequence[str | Path] = (),
    only: Sequence[str] = (),
) -> polars.DataFrame:
    """Claims judged by runs, as ``xstilts claims`` prints them; effects and intervals are fractions.

    Args:
        runs: names or output folders; None: all below ``.xstilts/runs``.
        files: claim files, beside the ledger and what the runs registered.
        only: names of the claims that count; by default all.

    Returns:
        ``claim``, ``text``, ``document_verified`` and ``document_confidence`` (means over documents), ``run``,
        ``model``, ``claim_verdict``, ``claim_confidence``, ``why``, ``of_its_model_and_scale``, ``registration``; then
        of each test ``says``, ``expects``, ``margin``, ``size``, ``stand_ins``, ``arms``, ``against``, ``targets``,
        ``languages``, ``under``, ``verdict``, ``effect``, ``low``, ``high``, ``level``, ``confidence``, ``smallest``,
        ``holds_size``, ``seeds``, ``nodes``.

    Raises:
        UserError: a run, a claim file or the name of a claim that is not there or cannot be used.
    """
    import polars

    chosen = [runs] if isinstance(runs, str | Path) else runs
    rows = [row for one in judge(chosen, files=files, only=only) for row in _rows(one)]
    texts, numbers = polars.List(polars.String), polars.Float64
    schema: dict[str, Any] = {
        **dict.fromkeys(("claim", "text"), polars.String),
        **dict.fromkeys(("document_verified", "document_confidence"), numbers),
        **dict.fromkeys(("run", "model", "claim_verdict"), polars.String),
        "claim_confidence": numbers,
        "why": polars.String,
        "of_its_model_and_scale": polars.Boolean,
        "registration": polars.String,
        **dict.fromkeys(("says", "expects"), polars.String),
        **dict.fromkeys(("margin", "size"), numbers),
        **dict.fromkeys(("stand_ins", "arms", "against", "targets", "languages"), texts),
        **dict.fromkeys(("under", "verdict"), polars.String),
        **dict.fromkeys(("effect", "low", "high", "level", "confidence", "smallest"), numbers),
        "holds_size": polars.Boolean,
        "seeds": polars.List(polars.Int64),
        "nodes": texts,
    }
    return polars.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _rows(one: Judged) -> Iterator[dict[str, Any]]:
    whole = {
        "claim": one.name,
        "text": one.text,
        "document_verified": _mean(one, "verified"),
        "document_confidence": _mean(one, "confidence"),
        "run": one.run or None,
        "model": one.model or None,
        "claim_verdict": one.verdict,
        "claim_confidence": one.confidence,
        "why": one.why or None,
        "of_its_model_and_scale": one.of_its_model_and_scale,
        "registration": one.registration.status if one.run else None,
    }
    if not one.statements:
        yield whole
    for stated in one.statements:
        expected = stated.expectation
        said = {
            **whole,
            "says": stated.says or None,
            "expects": expected.expects,
            "margin": expected.margin,
            "size": expected.size,
            "stand_ins": list(stated.stand_ins),
        }
        if not stated.tests:
            yield {**said, "verdict": stated.verdict}
        for test in stated.tests:
            yield {**said, **tested_object(test)}


def _mean(one: Judged, key: str) -> float | None:
    """Over the documents that say it."""
    said = [float(document[key]) for document in one.documents if document.get(key) is not None]
    return sum(said) / len(said) if said else None
