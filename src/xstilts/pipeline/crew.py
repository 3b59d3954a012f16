"""The parent's side of the worker processes."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.pipeline.wire import encode_nodes
from xstilts.pipeline.worker import THREAD_VARIABLES

_START = (
    "import json, sys; spec = json.loads(sys.argv[1]); sys.path[:] = spec['path']; sys.argv[1:] = []; "
    "from xstilts.pipeline.worker import main; main(run=spec['run'], location=spec['location'], root=spec['root'])"
)
_TAIL = 2000


@dataclass
class Batch:
    """Nodes that are computed together."""

    number: int
    nodes: list[Node]
    slots: int

    @property
    def label(self) -> str:
        """What people read."""
        first = self.nodes[0].label or f"{self.nodes[0].kind} {self.nodes[0].key[:12]}"
        return first if len(self.nodes) == 1 else f"{first} (and {len(self.nodes) - 1} more)"


class Worker:
    """One process, started fresh (not forked) with this process's import path, in a session of its own."""

    def __init__(self, *, run: str, store: Store, threads: int, environment: Mapping[str, str]) -> None:
        self.threads = threads
        self.batch: Batch | None = None
        self._rest = b""
        spec = json.dumps({"path": sys.path, "run": run, "location": store.location, "root": str(store.root)})
        # Fixed hashing: the order of a set must not differ between two runs of one node.
        fixed = dict.fromkeys(THREAD_VARIABLES, str(threads))
        environment = {"PYTHONHASHSEED": "0", **environment, **os.environ, **fixed}
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 – closed with the worker
        self._process = subprocess.Popen(  # noqa: S603 – our own interpreter and code
            [sys.executable, "-c", _START, spec],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._output,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops the workers and all they started
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)

    def fileno(self) -> int:
        """For selectors."""
        return self._stdout.fileno()

    def send(self, batch: Batch) -> None:
        """Give it work."""
        self.batch = batch
        with contextlib.suppress(BrokenPipeError):  # it died: seen when it is asked for events
            self._stdin.write(encode_nodes(batch.nodes).encode() + b"\n")
            self._stdin.flush()

    def events(self) -> Iterator[dict[str, Any]]:
        """What it has said since."""
        while chunk := self._read():
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)

    def death(self) -> str | None:
        """How the process ended, and its last words; None while it lives."""
        code = self._process.poll()
        if code is None:
            return None
        how = f"exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"signal {-code} ({signal.Signals(-code).name})"
        text = f"worker process ended by {how}" if code < 0 else f"worker process ended with {how}"
        if code == -signal.SIGKILL:
            text += "; the kernel does this when memory runs out"
        return text

    def last_words(self) -> str:
        """The end of what it printed."""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(size - _TAIL, 0))
        return self._output.read().decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """End it and what it has started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self._stdout.close()
        self._output.close()

    def _read(self) -> bytes:
        try:
            return os.read(self._stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return b""


class Crew:
    """The worker processes of a run: started when there is work, kept warm, replaced when they die.

    ``environment``: variables that they are started with, where this process does not set them itself.
    """

    def __init__(self, *, run: str, store: Store, environment: Mapping[str, str]) -> None:
        self._run, self._store, self._environment = run, store, environment
        self.workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()

    def give(self, batch: Batch, *, threads: int) -> None:
        """Let a worker compute ``batch``: a warm one with as many threads, else a new one.

        Libraries read their thread count once, when they load, so a worker keeps its own.
        """
        idle = [worker for worker in self.workers if worker.batch is None]
        worker = next((w for w in idle if w.threads == threads), None)
        if worker is None:
            for other in idle:  # one that waits for other work only holds memory
                self.dismiss(other)
            worker = Worker(run=self._run, store=self._store, threads=threads, environment=self._environment)
            self.workers.append(worker)
            self._selector.register(worker, selectors.EVENT_READ)
        worker.send(batch)

    def wait(self, seconds: float) -> None:
        """Until a worker says something, or for so long."""
        self._selector.select(seconds)

    def dismiss(self, worker: Worker) -> None:
        """End a worker."""
        self._selector.unregister(worker)
        self.workers.remove(worker)
        worker.stop()

    def close(self) -> None:
        """End all of them."""
        for worker in list(self.workers):
            self.dismiss(worker)
        self._selector.close()
