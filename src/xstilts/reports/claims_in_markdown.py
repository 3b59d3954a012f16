"""What runs say of claims as a table of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xstilts.analysis.claims.judged import Judged
from xstilts.reports.claims import compared, size_of, stood_in
from xstilts.reports.md import escaped
from xstilts.reports.numbers import MISSING, points, points_interval

_YES_NO: Mapping[bool | None, str] = {True: "yes", False: "no", None: MISSING}


def markdown(claims: Sequence[Judged]) -> str:
    """A table: one row a test, and one a claim that no run tests."""
    rows = [
        "| claim | run (model) | verdict | compared | effect | confidence | smallest seen | of its model and scale |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in claims:
        tests = [(stated, test) for stated in one.statements for test in stated.tests]
        if not tests:
            rows.append(f"| {one.name} | {MISSING} | {one.verdict}: {escaped(one.why)} |" + f" {MISSING} |" * 5)
        for index, (stated, test) in enumerate(tests):
            whole = "" if len(tests) == 1 else f" ({test.verdict})"
            first = index == 0
            cells = [
                one.name if first else "",
                escaped(f"{one.run} ({one.model})") if first else "",
                f"**{one.verdict}**{whole}" if first else whole.strip(" ()"),
                escaped(compared(test) + stood_in(stated)),
                f"{points(test.effect)} {points_interval(test.low, test.high)}".strip(),
                MISSING if test.confidence is None else f"{test.confidence:.2f}",
                size_of(test.smallest),
                _YES_NO[one.of_its_model_and_scale] if first else "",
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
