"""The warnings that a run logs in its own process, which its report repeats."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def logged_warnings() -> Iterator[list[str]]:
    """Lists, in order and each once, what is logged as a warning within the ``with``; it is logged all the same."""
    found: list[str] = []

    def listen(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.levelno >= logging.WARNING and text not in found:
            found.append(text)
        return True

    # A filter, not a handler: without handlers, Python prints warnings on stderr by itself.
    log = logging.getLogger("xstilts")
    log.addFilter(listen)
    try:
        yield found
    finally:
        log.removeFilter(listen)
