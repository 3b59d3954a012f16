"""The view on a terminal: a bar for the run, a row for each node that is being computed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from xstilts.pipeline.progress import Sink, clock

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live as RichLive

_ROWS = 12


class Live(Sink):
    """A rich live view; the cursor is back and the last state stays when it closes.

    Labels are shown as they are: what looks like rich's markup in them is text.

    Args:
        stream: a terminal.
        console: drawn on instead, in tests.
    """

    def __init__(self, stream: TextIO | None = None, *, console: Console | None = None) -> None:
        from rich.console import Console

        super().__init__()
        self._console = console or Console(file=stream, stderr=stream is None)
        self._live: RichLive | None = None
        self._failed = 0

    def note(self, text: str) -> None:
        """Print it above the view."""
        from rich.text import Text

        self._console.print(Text("warning: ", style="yellow").append(text, style="default"))

    def begin(self, *, total: int, cached: int) -> None:
        """Open the view."""
        from rich.live import Live as RichLive

        super().begin(total=total, cached=cached)
        self.close()
        self._live = RichLive(
            get_renderable=self.render,
            console=self._console,
            refresh_per_second=4,
            redirect_stdout=False,  # stdout belongs to results
        )
        self._live.start()

    def ended(self, unit: int, *, ran: int = 0, cached: int = 0, failed: int = 0) -> None:
        """Take the row away and move the bar."""
        super().ended(unit, ran=ran, cached=cached, failed=failed)
        self._failed += failed

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def render(self) -> RenderableType:
        """The view as it is now."""
        from rich.console import Group

        return Group(self._overall(), self._running())

    def _overall(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        words = [f"{self.done}/{self.total} nodes", f"{self.cached} cached"]
        if self._failed:
            words.append(f"{self._failed} failed")
        words.append(clock(time.monotonic() - self.began))
        if self.seconds_left is not None and self.done < self.total:
            words.append(f"about {clock(self.seconds_left)} left")
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(max(self.total, 1), self.done, width=30), Text(" · ".join(words)))
        return row

    def _running(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        table.add_column(overflow="ellipsis", no_wrap=True, max_width=max(self._console.width // 2, 20))
        for _ in range(5):
            table.add_column(overflow="ellipsis", no_wrap=True)
        units = list(self.units.values())  # a copy: the view is drawn from another thread
        for unit in units[:_ROWS]:
            table.add_row(*(Text(cell) for cell in (unit.label, *unit.columns())))
        if len(units) > _ROWS:
            table.add_row(Text(f"… and {len(units) - _ROWS} more"))
        return table
