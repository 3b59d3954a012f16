"""One cell of a report as text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xstilts.analysis.cells import BASELINE, Average, Cell, Estimate
from xstilts.reports.numbers import (
    MARKS,
    MISSING,
    counted,
    listed,
    percent,
    percent_interval,
    percent_range,
    plain,
    points,
    points_interval,
    points_range,
)

FAILED = "failed"
NAMED = 20
"""Languages or targets that the details of an average name; of more their number, since the tables name them all."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One cell as text."""

    main: str
    details: tuple[str, ...] = ()
    strength: float = 0.0
    """Gain on a scale from -1 to 1, for colour."""
    sign: int = 0
    """1 or -1 where the gain's interval excludes zero."""
    status: str = "ok"
    hint: str = ""
    """Details of this cell, for formats that can show them on demand."""


def gain_entry(estimate: Estimate, *, largest: float = 0.0) -> Entry:
    """A gain with its interval; for the baseline its score."""
    if estimate.mean is None:
        return _empty(estimate)
    if estimate.arm == BASELINE:
        main, span = percent(estimate.mean), _score_interval(estimate)
    else:
        main = f"{points(estimate.gain)} {MARKS[estimate.sign]}".strip()
        span = points_interval(estimate.gain_low, estimate.gain_high)
    return Entry(
        main=main,
        details=tuple(filter(None, [span, _partial(estimate)])),
        strength=_strength(estimate, largest),
        sign=estimate.sign,
        hint=_hint(estimate),
    )


def brief(entry: Entry) -> Entry:
    """An entry for a narrow column: its details are only shown on demand."""
    return replace(entry, details=(), hint="; ".join(filter(None, [*entry.details, entry.hint])))


def score_text(estimate: Estimate) -> str:
    """The score alone."""
    return _empty(estimate).main if estimate.mean is None else percent(estimate.mean)


def score_entry(estimate: Estimate, *, largest: float) -> Entry:
    """A score with its interval and gain."""
    if estimate.mean is None:
        return _empty(estimate)
    gain = ""
    if estimate.gain is not None:
        span = points_interval(estimate.gain_low, estimate.gain_high)
        gain = " ".join(filter(None, [points(estimate.gain), span, MARKS[estimate.sign]]))
    return Entry(
        main=percent(estimate.mean),
        details=tuple(filter(None, [_score_interval(estimate), gain, _partial(estimate)])),
        strength=_strength(estimate, largest),
        sign=estimate.sign,
        hint=_hint(estimate),
    )


def few_entry(estimate: Estimate) -> Entry:
    """What fewer than three seeds can show: these seeds on other examples, and each seed's score."""
    if estimate.mean is None:
        return _empty(estimate)
    lines = {
        "examples only": percent_range(estimate.examples_only),
        "seeds": percent_range(estimate.seed_range),
        "gain, examples only": points_range(estimate.gain_examples_only),
        "gain, seeds": points_range(estimate.gain_seed_range),
    }
    details = tuple(f"{name} {value}" for name, value in lines.items() if value)
    return Entry(main=percent(estimate.mean), details=details, hint=_hint(estimate))


def _empty(estimate: Estimate) -> Entry:
    """A failed cell is marked as failed; any other cell without a number is a dash."""
    if isinstance(estimate, Cell) and estimate.status == "failed":
        return Entry(main=FAILED, status=FAILED, hint=plain(estimate.failure))
    if isinstance(estimate, Average) and estimate.absent == (FAILED,):
        return Entry(main=FAILED, status=FAILED)
    hint = "undefined: 0 / 0" if isinstance(estimate, Cell) and estimate.status == "undefined" else ""
    return Entry(main=MISSING, status="missing", hint=hint)


def _score_interval(estimate: Estimate) -> str:
    return percent_interval(estimate.low, estimate.high)


def _partial(estimate: Estimate) -> str:
    """``partial`` where a seed failed or an average lacks a language or target."""
    if isinstance(estimate, Average):
        return "partial" if estimate.absent else ""
    return "partial" if isinstance(estimate, Cell) and estimate.status == "partial" else ""


def _strength(estimate: Estimate, largest: float) -> float:
    return estimate.gain / largest if estimate.gain is not None and largest else 0.0


def _hint(estimate: Estimate) -> str:
    """Seeds, kind of interval, sizes, what an average covers, and the nodes."""
    kinds = {
        "components": "interval over seeds and examples by variance components",
        "crossed": "interval over seeds and examples by crossed bootstrap",
        "examples": "interval over examples only",
    }
    parts = [
        f"seeds {', '.join(map(str, estimate.seeds)) or '0'}",
        kinds.get(estimate.interval, "no interval"),
    ]
    if isinstance(estimate, Cell):
        parts.append(f"{counted(estimate.examples, 'example')} in {counted(estimate.clusters, 'cluster')}")
        parts.append(f"nodes {', '.join(key[:12] for key in estimate.nodes)}")
        if estimate.failure:
            parts.append(f"a seed failed: {estimate.failure}")
    if isinstance(estimate, Average):
        covered, noun = estimate.languages or estimate.targets, "language" if estimate.languages else "target"
        parts.append(f"over {listed(covered) if len(covered) <= NAMED else counted(len(covered), noun)}")
        if estimate.absent:
            parts.append(f"lacks {listed(estimate.absent)}")
    return plain("; ".join(parts))
