"""What a run tells while it runs: steps, tokens per second, time left, warnings. All of it goes to stderr.

A phase gets a ``Progress``. A sink is a ``Progress`` that also hears from the executor which nodes start and end, and
shows it: ``Silent``, ``Plain`` (lines) and, on a terminal, ``xstilts.pipeline.live.Live``; ``xstilts.pipeline.views``
chooses.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, TextIO


class Progress(Protocol):
    """What a phase tells of itself while it works."""

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Say how far the work is.

        Args:
            phase: what is being done, e.g. ``training`` or ``evaluating``.
            step: steps done so far in this phase.
            total: steps of this phase; 0 where it is not known.
            tokens: tokens seen so far in this phase (not since the last call).
            message: anything else worth a glance, e.g. the loss.
        """
        ...

    def note(self, text: str) -> None:
        """Warn the user; kept in the run's outcome as well."""
        ...


@dataclass
class Unit:
    """Nodes that are being computed together, and how far they are."""

    label: str
    nodes: int = 1
    started: float = field(default_factory=lambda: time.monotonic())
    phase: str = ""
    step: int = 0
    total: int = 0
    tokens: int = 0
    message: str = ""
    # The first update of the phase: a resumed training starts in the middle.
    first: tuple[float, int, int] = (0.0, 0, 0)

    def update(self, phase: str, step: int, total: int, tokens: int, message: str) -> None:
        """Take an update in."""
        if phase != self.phase or total != self.total or step < self.step:
            self.first = (time.monotonic(), step, tokens)
        self.phase, self.step, self.total, self.tokens, self.message = phase, step, total, tokens, message

    @property
    def tokens_per_second(self) -> float | None:
        """Over this phase; None as long as it cannot be told."""
        seconds = time.monotonic() - self.first[0]
        gained = self.tokens - self.first[2]
        return gained / seconds if self.phase and gained > 0 and seconds > 0.05 else None

    @property
    def seconds_left(self) -> float | None:
        """Of this phase; None as long as it cannot be told."""
        gained = self.step - self.first[1]
        if gained <= 0 or self.total <= 0:
            return None
        return (time.monotonic() - self.first[0]) / gained * max(self.total - self.step, 0)

    def columns(self) -> tuple[str, str, str, str, str]:
        """Phase, steps, tokens per second, time left, message; empty where there is nothing to say."""
        rate, left = self.tokens_per_second, self.seconds_left
        steps = f"{self.step:,}/{self.total:,}" if self.total else f"{self.step:,}" * bool(self.step)
        return (
            self.phase,
            steps,
            "" if rate is None else f"{rate:,.0f} tokens/s",
            "" if left is None else f"{clock(left)} left",
            self.message,
        )


class Sink:
    """Hears all and shows nothing; the base of the sinks that do."""

    every = 10.0
    """Seconds between two signs of life of a running node."""

    def __init__(self) -> None:
        self.total = self.done = self.cached = 0
        self.units: dict[int, Unit] = {}
        self.began = time.monotonic()

    # What a phase may call, so that one can be run without an executor.

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """See ``Progress.update``."""
        if 0 not in self.units:
            self.units[0] = Unit(label="")
        self.advanced(0, phase, step, total, tokens=tokens, message=message)

    def note(self, text: str) -> None:
        """See ``Progress.note``."""

    # What the executor calls.

    def begin(self, *, total: int, cached: int) -> None:
        """A graph of ``total`` nodes of which ``cached`` need no computing."""
        self.total, self.cached, self.done, self.began = total, cached, cached, time.monotonic()

    def started(self, unit: int, label: str, *, nodes: int = 1) -> None:
        """Computing starts on a node, or on several at once."""
        self.units[unit] = Unit(label=label, nodes=nodes)

    def advanced(self, unit: int, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """A phase's ``update``."""
        self.units[unit].update(phase, step, total, tokens, message)

    def ended(self, unit: int, *, ran: int = 0, cached: int = 0, failed: int = 0) -> None:
        """Computing ended: so many nodes ran, were found done by another run, failed."""
        self.units.pop(unit, None)
        self.done += ran + cached

    def reopened(self, *, ran: int = 0, cached: int = 0) -> None:
        """So many nodes that had run, or were cached, are damaged and computed again."""
        self.done -= ran + cached
        self.cached -= cached

    def tick(self) -> None:
        """Time has passed."""

    def close(self) -> None:
        """The run is over."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def seconds_left(self) -> float | None:
        """Of the whole run, by the nodes done so far; None before the first."""
        ran = self.done - self.cached
        return (time.monotonic() - self.began) / ran * (self.total - self.done) if ran > 0 else None


class Silent(Sink):
    """Shows nothing."""


class Plain(Sink):
    """One line per node that starts or ends, and a sign of life of each running node every ten seconds."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._spoke: dict[int, float] = {}

    def note(self, text: str) -> None:
        """A line."""
        self._say("warning:", text)

    def begin(self, *, total: int, cached: int) -> None:
        """A line with the size of the run."""
        super().begin(total=total, cached=cached)
        self._say(f"{total} nodes: {cached} cached, {total - cached} to run")

    def started(self, unit: int, label: str, *, nodes: int = 1) -> None:
        """A line with the label."""
        super().started(unit, label, nodes=nodes)
        self._spoke[unit] = time.monotonic()
        self._say(self._overall(), "start", label)

    def advanced(self, unit: int, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """A line, if the last one is ten seconds old."""
        super().advanced(unit, phase, step, total, tokens=tokens, message=message)
        self._sign_of_life(unit)

    def ended(self, unit: int, *, ran: int = 0, cached: int = 0, failed: int = 0) -> None:
        """A line with the outcome and the time taken."""
        shown = self.units.get(unit, Unit(label=""))
        super().ended(unit, ran=ran, cached=cached, failed=failed)
        self._spoke.pop(unit, None)
        seconds = clock(time.monotonic() - shown.started)
        counts = {"done": ran, "found": cached, "FAILED": failed}
        words = ", ".join(f"{n} {word}" if shown.nodes > 1 else word for word, n in counts.items() if n)
        self._say(self._overall(), words or "not run", f"{shown.label} ({seconds})")

    def tick(self) -> None:
        """A line for each node that has been silent for long."""
        for unit in list(self.units):
            self._sign_of_life(unit)

    def _sign_of_life(self, number: int) -> None:
        now = time.monotonic()
        if now - self._spoke.setdefault(number, 0.0) < self.every:
            return
        self._spoke[number] = now
        unit = self.units[number]
        columns = [unit.label, *unit.columns()]
        self._say(self._overall(), "running", " · ".join(column for column in columns if column))

    def _overall(self) -> str:
        return f"[{self.done}/{self.total}]"

    def _say(self, *words: str) -> None:
        print(*words, file=self._stream or sys.stderr, flush=True)


def clock(seconds: float) -> str:
    """``9 s``, ``3:05`` or ``2:03:05``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
