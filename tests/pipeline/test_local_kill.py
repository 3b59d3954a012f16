"""Processes that die: workers, the parent, and two parents over one store."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import toy_phases
from toy_phases import RUN, computed, toy

from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


def execute(store, targets, *, cores=2):
    return LocalExecutor(store=store, run=RUN, cores=cores).run(Graph(targets))


def labels(nodes) -> list[str]:
    return [node.label for node in nodes]


def alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def until(condition, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def parent(store, log, seconds, count, *options) -> subprocess.Popen[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, toy_phases.__file__, store.root, log, str(seconds), str(count), *options],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_worker_fails_its_node_and_is_replaced(store):
    bad, good = toy("bad", fail="kill"), toy("good")
    outcome = execute(store, [bad, good, toy("below", bad)], cores=1)
    assert labels(outcome.ran) == ["good"]
    assert labels(outcome.not_run) == ["below"]
    message = outcome.failed[bad].message
    assert message.startswith("worker process ended by signal 9 (SIGKILL); the kernel does this when memory runs out")
    assert "last words" in (store.root / "failures" / f"{bad.key}.txt").read_text()
    assert outcome.exit_code == 1


def test_a_worker_killed_over_a_group_costs_one_node_at_most(store, tmp_path):
    group = [toy(f"g{index}", group="xnli", fail="kill" if index == 1 else "") for index in range(4)]
    outcome = execute(store, group)
    assert labels(outcome.ran) == ["g0", "g2", "g3"]
    assert labels(outcome.failed) == ["g1"]
    once = [toy(f"o{index}", group="pos", fail="kill-once", mark=str(tmp_path / "mark")) for index in range(3)]
    assert len(execute(store, once).ran) == 3


@pytest.mark.parametrize("option", ["spin", "sleep", "native"])
def test_kill_the_parent_and_run_again(store, log, option):
    process = parent(store, log, 0.4, 6, option)
    assert until(lambda: len(computed(log)) >= 3)
    worker = int(log.with_suffix(".pid").read_text())
    process.kill()
    process.communicate()
    assert until(lambda: not alive(worker), 3.0)  # at once on an idle machine
    done = len(list(store.ls()))
    assert 2 <= done < 6
    assert store.verify() == []
    before = len(computed(log))
    process = parent(store, log, 0.4, 6, option)
    out, _ = process.communicate(timeout=20)
    assert out.split() == [str(6 - done), str(done), "0"]
    assert len(computed(log)) - before == 6 - done
    assert store.verify() == []


def test_ctrl_c_stops_the_workers_and_what_they_started(store, log, tmp_path):
    done = toy("done", log=log)
    slow = toy("slow", done, log=log, sleep=30, child=str(tmp_path / "child"))

    def interrupt() -> None:
        assert until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    # what is started in the background by a shell without job control ignores the interrupt from its first moment
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            execute(store, [slow])
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert until(lambda: not alive(int(log.with_suffix(".pid").read_text())), 3.0)
    assert until(lambda: not alive(int((tmp_path / "child").read_text())), 3.0)
    assert store.has(done.key)
    assert not store.has(slow.key)


def test_two_processes_never_compute_a_node_twice(store, log):
    processes = [parent(store, log, 0.1, 8) for _ in range(2)]
    ran = 0
    for process in processes:
        out, _ = process.communicate(timeout=30)
        computed_here, found, code = map(int, out.split())
        assert (computed_here + found, code) == (8, 0)
        ran += computed_here
    assert ran == 8
    assert sorted(computed(log)) == [f"n{index}" for index in range(8)]
