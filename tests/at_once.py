"""A worker of a run that is no process of its own: a test process has loaded torch already, which takes seconds."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from xstilts.pipeline.computing import compute
from xstilts.pipeline.crew import Batch
from xstilts.pipeline.locations import open_store
from xstilts.pipeline.store import Store
from xstilts.pipeline.wire import decode_nodes, encode_nodes


@contextlib.contextmanager
def workers() -> Iterator[None]:
    """Within it, runs compute in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xstilts.pipeline.crew.Worker", Worker)
        yield


LOG = logging.getLogger("xstilts")


class Worker(logging.Handler):
    """Computes as ``xstilts.pipeline.worker`` does, over a store of its own, as soon as it is given something."""

    def __init__(self, *, run: str, store: Store, threads: int, environment: Mapping[str, str]) -> None:
        super().__init__(logging.WARNING)
        self.threads = threads
        self.batch: Batch | None = None
        self._run, self._store = run, open_store(store.location, mirror=store.root)
        self._said: list[dict[str, Any]] = []
        self._bell, self._rope = os.pipe()

    def fileno(self) -> int:
        return self._bell

    def send(self, batch: Batch) -> None:
        self.batch = batch
        with self._heard():
            results = compute(decode_nodes(encode_nodes(batch.nodes)), self._store, self, self._run)
        self._say({"event": "end", "results": results})
        os.write(self._rope, b".")

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        self._say({"event": "update", "args": [phase, step, total], "tokens": tokens, "message": message})

    def note(self, text: str) -> None:
        self._say({"event": "note", "text": text})

    def emit(self, record: logging.LogRecord) -> None:
        self.note(record.getMessage())

    def events(self) -> Iterator[dict[str, Any]]:
        if self._said:
            os.read(self._bell, 1)
        while self._said:
            yield self._said.pop(0)

    def death(self) -> None:
        return None

    def last_words(self) -> str:
        return ""

    def stop(self) -> None:
        os.close(self._bell)
        os.close(self._rope)

    def _say(self, event: dict[str, Any]) -> None:
        self._said.append(json.loads(json.dumps(event, default=str)))

    @contextlib.contextmanager
    def _heard(self) -> Iterator[None]:
        """What is logged meanwhile is a note, and not a warning of the run's own process."""
        before = LOG.handlers, LOG.filters
        LOG.handlers, LOG.filters = [self], []
        try:
            yield
        finally:
            LOG.handlers, LOG.filters = before
