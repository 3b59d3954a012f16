"""How numbers are written for people: scores in per cent, gains in points, one decimal; a missing number is a dash."""

from __future__ import annotations

from xstilts.analysis.cells import Interval
from xstilts.phases.options.wording import counted as counted
from xstilts.phases.options.wording import listed as listed

MISSING = "–"
MARKS = {1: "▲", -1: "▼", 0: ""}
"""Beside a gain whose interval excludes zero."""


def percent(fraction: float | None) -> str:
    """``0.6123`` → ``61.2``."""
    return MISSING if fraction is None else _unsigned_zero(f"{100 * fraction:.1f}").replace("-", "−")


def points(fraction: float | None) -> str:
    """``0.0231`` → ``+2.3``; ``-0.0004`` → ``0.0``."""
    return MISSING if fraction is None else _unsigned_zero(f"{100 * fraction:+.1f}").replace("-", "−")


def percent_interval(low: float | None, high: float | None) -> str:
    """``[58.0, 64.1]``, or nothing where there is no interval."""
    return "" if low is None or high is None else f"[{percent(low)}, {percent(high)}]"


def points_interval(low: float | None, high: float | None) -> str:
    """``[+0.4, +4.1]``, or nothing where there is no interval."""
    return "" if low is None or high is None else f"[{points(low)}, {points(high)}]"


def percent_range(ends: Interval | None) -> str:
    """``58.0 to 64.1``."""
    return "" if ends is None else f"{percent(ends[0])} to {percent(ends[1])}"


def points_range(ends: Interval | None) -> str:
    """``+0.4 to +4.1``."""
    return "" if ends is None else f"{points(ends[0])} to {points(ends[1])}"


def duration(seconds: float) -> str:
    """``75`` → ``1 min 15 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"


def plain(text: str) -> str:
    """Text on one line, without control characters: a name must not move the cursor of a terminal."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else "�" for one in text)


def _unsigned_zero(text: str) -> str:
    return "0.0" if text in ("-0.0", "+0.0") else text
