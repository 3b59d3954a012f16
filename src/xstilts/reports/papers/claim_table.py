"""The claims that a run was judged by, as a paper prints them: verified, and with which confidence."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.analysis.answers import CONTRADICTED, SUPPORTED
from xstilts.analysis.claims.judged import Judged
from xstilts.analysis.claims.verdicts import NOT_TESTED
from xstilts.analysis.provenance import RunInfo
from xstilts.reports import claims as written
from xstilts.reports.blocks import Block, Bullets, GridBlock, Heading, Paragraph
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MISSING, plain

MARKS = {SUPPORTED: "✓", CONTRADICTED: "✗"}


def claim_blocks(info: RunInfo) -> Iterator[Block]:
    """The section: those that the run tests first, then the others."""
    yield Heading(text="Extracted Claims", level=2)
    if not info.claims:
        yield Paragraph(text="No claim was judged.")
        return
    yield Paragraph(
        text="✓ supported and ✗ contradicted by this run; – not tested by it, or with too little power. Confidence is "
        "the share of the bootstrap's replicates in which all of the claim holds. “In documents” is what documents "
        "print that state the claim from reading; here it is the run that judges."
    )
    order = sorted(info.claims, key=lambda one: one.verdict == NOT_TESTED)
    yield GridBlock(
        grid=Grid(
            title="Claims",
            corner="claim",
            columns=("verified", "confidence", "verdict", "in documents"),
            rows=tuple((plain(f"{one.name}: {one.text}"), _judged(one)) for one in order),
        )
    )
    departed = [
        f"{one.name}: {'; '.join(one.departures)}." for one in order if one.departures and one.verdict != NOT_TESTED
    ]
    if departed:
        yield Paragraph(text="Not at the model and scale of the claim:")
        yield Bullets(lines=tuple(map(plain, departed)))


def _judged(one: Judged) -> tuple[Entry, ...]:
    texts = (
        MARKS.get(one.verdict, MISSING),
        MISSING if one.confidence is None else f"{one.confidence:.2f}",
        one.verdict,
        written.documents(one) or MISSING,
    )
    return tuple(Entry(main=plain(text)) for text in texts)
