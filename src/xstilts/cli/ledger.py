"""The ledger of claims as rows of ``xstilts list claims``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xstilts.experiments.claim import DocumentVerdict


def claims() -> dict[str, dict[str, Any]]:
    """Every claim of the ledger, with what documents say of it and what judges it."""
    from xstilts.experiments.claim_files import ledger

    rows: dict[str, dict[str, Any]] = {}
    for name, file in ledger().items():
        claim = file.claim
        judged = f"runs of {', '.join(claim.question)}" if claim.question else "any run" if claim.statements else None
        shares = [one.confidence for one in claim.documents if one.confidence is not None]
        rows[name] = {
            "title": claim.text,
            "verified": all(one.verified for one in claim.documents) if shares else None,
            "confidence": sum(shares) / len(shares) if shares else None,
            "judged_by": judged,
            "untested": claim.untested,
            "source": claim.source,
            "documents": {one.title: _of_document(one) for one in claim.documents},
            "reading": claim.reading,
            "file": file.file,
            "sha256": file.sha256,
            "text": Path(file.file).read_text(encoding="utf-8"),
        }
    return rows


def _of_document(one: DocumentVerdict) -> str:
    """``verified, confidence 0.17``; of a question how many papers its document rests on, and its review's score."""
    ticked = None if one.verified is None else "verified" if one.verified else "not verified"
    share = None if one.confidence is None else f"confidence {one.confidence:.2f}"
    papers = None if one.papers is None else f"{one.papers} papers retrieved"
    review = None if one.review is None else f"review score {one.review:g} of 10"
    return ", ".join(filter(None, (one.date, ticked, share, papers, review)))
