from __future__ import annotations

import io
import os
import subprocess
import sys
import time

import pytest
from toy_phases import RUN, computed, toy

from xstilts.pipeline import crew
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.progress import Plain, Silent
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


def execute(store, targets, *, cores=2, run=RUN, progress=None):
    return LocalExecutor(store=store, run=run, cores=cores, progress=progress).run(Graph(targets))


def labels(nodes) -> list[str]:
    return [node.label for node in nodes]


def value(store, node):
    return store.open(node.key).json("value.json")


def flip(store, node):
    path = store.directory(node.key) / "value.json"
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


def test_runs_parents_first_then_nothing(store, log):
    a = toy("a", log=log)
    b, c = toy("b", a, log=log), toy("c", a, log=log)
    d = toy("d", b, c, log=log)
    first = execute(store, [d])
    assert labels(first.ran) == ["a", "b", "c", "d"]
    assert (first.cached, first.failed, first.not_run, first.notes) == ([], {}, [], [])
    assert first.ok
    assert first.exit_code == 0
    assert value(store, d) == 5
    assert store.manifest(d.key)["facts"]["tokens"] == 20
    second = execute(store, [d])
    assert second.ran == []
    assert labels(second.cached) == ["a", "b", "c", "d"]
    assert second.exit_code == 0
    assert computed(log)[0] == "a"
    assert computed(log)[-1] == "d"
    assert len(computed(log)) == 4


def test_everything_cached_starts_no_worker_and_is_quick(store, monkeypatch):
    nodes = [toy(str(index)) for index in range(600)]
    monkeypatch.setattr("os.fsync", lambda handle: None)
    for node in nodes:
        with store.writer(node) as writer:
            writer.write_json("value.json", 1)
    monkeypatch.setattr(crew, "Worker", lambda **options: pytest.fail("a worker was started"))
    began = time.process_time()
    outcome = execute(Store(store.root), nodes)
    assert time.process_time() - began < 2  # 0.1 s on an idle machine
    assert len(outcome.cached) == 600


def test_the_parent_imports_neither_the_phases_nor_torch(tmp_path):
    code = f"""
import sys
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.node import Node
from xstilts.pipeline.views import make_progress
from xstilts.pipeline.store import Store
node = Node(kind="toy", params={{"name": "a"}})
executor = LocalExecutor(store=Store({str(tmp_path / "store")!r}), run="toy_phases:run", progress=make_progress())
assert executor.run(Graph([node])).ok
unwanted = {{"toy_phases", "torch", "transformers", "datasets", "numpy", "rich"}} & set(sys.modules)
assert not unwanted, unwanted
"""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", code],  # no main module to import again, no guard needed
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""  # what the phase printed included
    assert done.stderr.splitlines()[0] == "1 nodes: 0 cached, 1 to run"


def test_a_flipped_byte_is_warned_about_and_computed_again(store, log):
    a = toy("a", log=log)
    b = toy("b", a, log=log)
    c = toy("c", b, log=log)
    execute(store, [c])
    before = (store.directory(c.key) / "manifest.json").stat()
    flip(store, b)
    stream = io.StringIO()
    outcome = execute(store, [c], progress=Plain(stream))
    assert labels(outcome.ran) == ["b"]
    assert labels(outcome.cached) == ["a", "c"]
    (note,) = outcome.notes
    assert note.startswith("b: value.json is damaged")
    assert note in stream.getvalue()
    assert outcome.exit_code == 0
    assert value(store, b) == 2
    assert (store.directory(c.key) / "manifest.json").stat() == before
    assert execute(store, [c]).notes == []


def test_a_removed_entry_that_nobody_reads_stays_removed(store, log):
    a = toy("a", log=log)
    b = toy("b", a, log=log)
    execute(store, [b])
    store.discard(a.key)
    outcome = execute(store, [b])
    assert (outcome.ran, labels(outcome.cached)) == ([], ["a", "b"])
    outcome = execute(store, [b, toy("c", a, log=log)])
    assert labels(outcome.ran) == ["a", "c"]


def test_a_failure_hits_what_is_below_it_only(store):
    bad = toy("bad", fail="crash")
    good = toy("good")
    below = toy("below", bad, good)
    far = toy("far", below)
    beside = toy("beside", good)
    outcome = execute(store, [far, beside])
    assert labels(outcome.ran) == ["good", "beside"]
    assert labels(outcome.failed) == ["bad"]
    assert labels(outcome.not_run) == ["below", "far"]
    assert outcome.exit_code == 1
    failure = outcome.failed[bad]
    path = store.root / "failures" / f"{bad.key}.txt"
    assert failure.message == f"ZeroDivisionError: an unexpected error (details: {path})"
    assert "in _misbehave" in failure.traceback_text
    assert "in _misbehave" in path.read_text()
    assert not failure.user_error


def test_a_users_mistake_is_one_message(store):
    bad, crash = toy("bad", fail="user"), toy("crash", fail="crash")
    outcome = execute(store, [bad])
    failure = outcome.failed[bad]
    assert failure.message == "DataError: my.csv:3: label 'maybe' is not one of 'yes', 'no'"
    assert failure.traceback_text == ""
    assert failure.user_error
    assert outcome.exit_code == 2
    assert not (store.root / "failures").exists()
    assert execute(store, [bad, crash]).exit_code == 2


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("toy_phases:forgetful", "toy: the phase ended without committing a result"),
        ("toy_phases:missing", "AttributeError: module 'toy_phases' has no attribute 'missing'"),
        ("no_such_module:run", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_function_that_does_not_do_its_job(store, run, message):
    outcome = execute(store, [toy("a")], run=run)
    (failure,) = outcome.failed.values()
    assert failure.message.startswith(message)


def test_a_phase_that_exits_fails_its_node_only(store):
    outcome = execute(store, [toy("bad", fail="exit"), toy("good")], cores=1)
    assert [failure.message.split(" (")[0] for failure in outcome.failed.values()] == ["SystemExit: 3"]
    assert labels(outcome.ran) == ["good"]


def test_an_error_after_the_last_result_is_a_note(store):
    outcome = execute(store, [toy("a", fail="late")])
    assert labels(outcome.ran) == ["a"]
    assert outcome.notes == ["a: after the last result: RuntimeError: after all was done"]


# Groups, order, threads.


def test_a_group_is_handed_over_together(store, log):
    root = toy("root", log=log)
    group = [toy(f"g{index}", root, log=log, group="xnli") for index in range(4)]
    outcome = execute(store, group)
    assert len(outcome.ran) == 5
    assert computed(log.with_suffix(".batches")) == ["root:1:1"] + ["g0+g1+g2+g3:1:1"] * 4


@pytest.mark.parametrize(("fail", "kind"), [("batch", None), ("user", "DataError"), ("crash", "ZeroDivisionError")])
def test_one_bad_node_does_not_fail_its_group(store, fail, kind):
    group = [toy(f"g{index}", group="xnli", fail=fail if index == 1 else "") for index in range(4)]
    outcome = execute(store, group)
    failed = {"g1"} if kind else set()
    assert set(labels(outcome.failed)) == failed
    assert set(labels(outcome.ran)) == {"g0", "g1", "g2", "g3"} - failed
    assert all(failure.message.startswith(f"{kind}:") for failure in outcome.failed.values())


def test_the_critical_path_starts_first(store, log):
    short = [toy(f"short{index}", log=log) for index in range(3)]
    long = toy("end", toy("middle", toy("start", log=log), log=log), log=log)
    execute(store, [*short, long], cores=1)
    assert computed(log) == ["start", "middle", "short0", "short1", "short2", "end"]


def test_two_cores_compute_two_nodes_at_once_and_threads_take_cores(store, log):
    most: list[int] = []

    class Counts(Silent):
        def started(self, unit, label, *, nodes=1):
            super().started(unit, label, nodes=nodes)
            most.append(len(self.units))

    narrow = [toy(f"narrow{index}", log=log, sleep=0.1) for index in range(5)]
    assert len(execute(store, narrow, progress=Counts()).ran) == 5
    assert max(most) == 2
    most.clear()
    wide = [toy(f"wide{index}", log=log, threads=threads) for index, threads in enumerate((2, 8))]
    assert len(execute(store, [*wide, toy("narrow", log=log)], progress=Counts()).ran) == 3
    assert max(most) == 1
    assert set(computed(log.with_suffix(".batches"))) >= {"wide0:2:2", "wide1:8:8"}
    assert store.manifest(wide[1].key)["facts"]["threads"] == 8


def test_a_worker_stays_warm(store, log):
    pids = set()
    node = toy("0", log=log)
    for index in range(1, 4):
        node = toy(str(index), node, log=log)

    class Sees(Silent):
        def ended(self, unit, **counts):
            super().ended(unit, **counts)
            pids.add(log.with_suffix(".pid").read_text())

    execute(store, [node], progress=Sees())
    assert len(pids) == 1


# A full disk.


def test_a_full_disk_stops_the_run_and_keeps_what_finished(store):
    done = toy("done")
    full = toy("full", done, fail="full")
    rest = [toy(f"rest{index}", full) for index in range(3)]
    other = toy("other", done)
    outcome = execute(store, [*rest, other], cores=1)
    assert labels(outcome.ran) == ["done"]
    assert labels(outcome.failed) == ["full"]
    assert "StoreFull: " in outcome.failed[full].message
    assert "No space left on device" in outcome.failed[full].message
    assert labels(outcome.not_run) == ["rest0", "rest1", "rest2", "other"]
    assert outcome.exit_code == 1
    assert value(store, done) == 1


def test_a_full_disk_in_a_group(store):
    group = [toy(f"g{index}", group="xnli", fail="full" if index == 1 else "") for index in range(4)]
    outcome = execute(store, group)
    assert labels(outcome.ran) == ["g0"]
    assert labels(outcome.failed) == ["g1"]
    assert labels(outcome.not_run) == ["g2", "g3"]
    assert outcome.exit_code == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_is_really_full(tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no tmpfs: {made.stderr.decode()}")
    try:
        store = Store(mount / "store")
        first = toy("first")
        assert execute(store, [first]).ok
        (mount / "filler").write_bytes(b"x" * (os.statvfs(mount).f_bavail * os.statvfs(mount).f_frsize))
        outcome = execute(store, [first, toy("second"), toy("third")], cores=1)
        assert labels(outcome.cached) == ["first"]
        assert labels(outcome.failed) == ["second"]
        assert "StoreFull: no space left on the disk of the store" in next(iter(outcome.failed.values())).message
        assert labels(outcome.not_run) == ["third"]
        assert outcome.exit_code == 1
        assert execute(store, [first]).ok
        (mount / "filler").unlink()
        assert len(execute(store, [first, toy("second"), toy("third")]).ran) == 2
    finally:
        subprocess.run(["umount", mount], check=True)


# What is told.


def test_progress_and_notes_reach_the_user(store, monkeypatch):
    monkeypatch.setattr(Plain, "every", 0.3)
    stream = io.StringIO()
    slow = toy("slow [1]", sleep=1.0, note="the train split stands in")
    outcome = execute(store, [slow, toy("next", slow)], progress=Plain(stream))
    assert outcome.notes == [
        "slow [1]: the train split stands in",
        "slow [1]: logged: the train split stands in",
    ]
    lines = stream.getvalue().splitlines()
    assert lines[0] == "2 nodes: 0 cached, 2 to run"
    assert "[0/2] start slow [1]" in lines
    assert f"warning: {outcome.notes[0]}" in lines
    assert "[0/2] running slow [1]" in lines
    assert any(line.startswith("[1/2] done slow [1] (") for line in lines)
    assert "[1/2] start next" in lines
    assert "printed by a phase" not in stream.getvalue()


def test_updates_carry_phase_steps_and_tokens(store):
    seen = []

    class Sees(Silent):
        def advanced(self, unit, phase, step, total, *, tokens=0, message=""):
            seen.append((phase, step, total, tokens, message))

    execute(store, [toy("a")], progress=Sees())
    assert ("adding", 1, 2, 10, "half way") in seen
