"""Phases without machine learning, run by the worker processes in the tests of this folder."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from damaging import flip_unseen
from xstilts.errors import DataError
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

RUN = "toy_phases:run"


def toy(name: str, *parents: Node, log: Path | None = None, **options) -> Node:
    """A node that adds one to the sum of its parents; ``log`` collects the names of those computed."""
    outside = {key: options.pop(key) for key in ("group", "threads") if key in options}
    return Node(
        kind="toy",
        params={"name": name, **options},
        parents={f"parent{index}": parent for index, parent in enumerate(parents)},
        label=name,
        paths={} if log is None else {"log": str(log)},
        **outside,
    )


def computed(log: Path) -> list[str]:
    """Names of the nodes that were computed, in order."""
    return log.read_text("utf-8").split() if log.exists() else []


def run(nodes: list[Node], store: Store, progress: Progress) -> None:
    """Compute toy nodes; their parameters say how they misbehave."""
    names = [node.params["name"] for node in nodes]
    if len(nodes) > 1 and any(node.params.get("fail") == "batch" for node in nodes):
        raise RuntimeError("this one spoils the batch")
    for node in nodes:
        _start(node, names)
        _misbehave(node, store, progress)
        parents = [store.open(parent.key).json("value.json") for parent in node.parents.values()]
        progress.update("adding", 1, 2, tokens=10, message="half way")
        with store.writer(node, facts={"tokens": 20}) as writer:
            writer.write_json("value.json", 1 + sum(parents))
        if node.params.get("rots"):
            flip_unseen(store.directory(node.key) / "value.json")
        progress.update("adding", 2, 2, tokens=20)
    if any(node.params.get("fail") == "late" for node in nodes):
        raise RuntimeError("after all was done")


def _start(node: Node, names: list[str]) -> None:
    if "log" in node.paths:
        with Path(node.paths["log"]).open("a", encoding="utf-8") as log:
            log.write(f"{node.params['name']}\n")
        told = Path(node.paths["log"]).with_suffix(".pid")
        partial = told.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(str(os.getpid()))
        partial.replace(told)  # whoever waits for the file reads all of it
        with Path(node.paths["log"]).with_suffix(".batches").open("a", encoding="utf-8") as log:
            log.write("+".join(names) + f":{os.environ['OMP_NUM_THREADS']}:{node.threads}\n")


def _misbehave(node: Node, store: Store, progress: Progress) -> None:
    params = node.params
    print("printed by a phase")  # must not disturb the pipe to the parent
    if params.get("note"):
        progress.note(params["note"])
        logging.getLogger("xstilts").warning("logged: %s", params["note"])
    if params.get("child"):
        Path(params["child"]).write_text(
            str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)
        )
    if params.get("spin"):  # computing, not sleeping
        end = time.monotonic() + params["spin"]
        while time.monotonic() < end:
            pass
    time.sleep(params.get("sleep", 0))
    if params.get("native"):  # a native call that keeps the interpreter from its other threads
        ctypes.PyDLL(None).usleep(int(params["native"] * 1e6))
    fail = params.get("fail")
    if fail == "lost" and not Path(params["mark"]).exists():  # another run has computed the parents again meanwhile
        Path(params["mark"]).touch()
        for parent in node.parents.values():
            store.discard(parent.key)
            with store.writer(parent) as writer:
                writer.write_json("value.json", 1)
        raise FileNotFoundError("value.json")
    if fail in ("rot-and-crash", "rot-and-kill") and not Path(params["mark"]).exists():
        Path(params["mark"]).touch()
        for parent in node.parents.values():
            flip_unseen(store.directory(parent.key) / "value.json")
        if fail == "rot-and-kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("these bytes make no sense")
    if fail == "user":
        raise DataError("label 'maybe' is not one of 'yes', 'no'", file=params.get("file", "my.csv"), line=3)
    if fail == "crash" or (fail == "crash-with-mark" and Path(params["mark"]).exists()):
        raise ZeroDivisionError("an unexpected error")
    if fail == "exit":
        sys.exit(3)
    if fail == "kill" or (fail == "kill-once" and not Path(params["mark"]).exists()):
        if fail == "kill-once":
            Path(params["mark"]).touch()
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if fail == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "model.safetensors")


def forgetful(nodes: list[Node], store: Store, progress: Progress) -> None:
    """Commits nothing."""


def main() -> None:
    """Run a chain as a process of its own: store, log, seconds per node, nodes."""
    from xstilts.pipeline.graph import Graph
    from xstilts.pipeline.local import LocalExecutor

    root, log, seconds, count = sys.argv[1:5]
    option = (sys.argv[5:] or ["sleep"])[0]
    chain: list[Node] = []
    for index in range(int(count)):
        chain.append(toy(f"n{index}", *chain[-1:], log=Path(log), **{option: float(seconds)}))
    outcome = LocalExecutor(store=Store(root), run=RUN, cores=2).run(Graph(chain))
    print(len(outcome.ran), len(outcome.cached), outcome.exit_code)


if __name__ == "__main__":
    main()
