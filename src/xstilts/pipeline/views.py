"""Which view of a run suits a stream."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from xstilts.pipeline.live import Live
from xstilts.pipeline.progress import Plain, Silent, Sink


def make_progress(quiet: bool = False, stream: TextIO | None = None) -> Sink:
    """The sink for a stream (stderr): nothing if quiet, a live view on a terminal, lines elsewhere."""
    if quiet:
        return Silent()
    stream = stream or sys.stderr
    if stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb"):
        return Live(stream)
    return Plain(stream)
