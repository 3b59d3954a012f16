"""Bytes that changed while size, time and inode did not: found, told, and computed again in the same run."""

from __future__ import annotations

import io
import os

import pytest
from toy_phases import RUN, computed, toy

from damaging import flip_unseen
from xstilts.pipeline import fingerprint, local
from xstilts.pipeline.entry import MANIFEST, CorruptEntry
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.progress import Plain, Silent
from xstilts.pipeline.scrub import scrub
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


@pytest.fixture
def unscrubbed(monkeypatch):
    """Only what is read is looked at, as in a store that is too large to be read whole."""
    monkeypatch.setattr(local, "scrub", lambda store, keys: {})


def execute(store, *targets, cores=1, progress=None):
    return LocalExecutor(store=store, run=RUN, cores=cores, progress=progress).run(Graph(targets))


def fill(store, *targets):
    """Puts what a run would have computed into the store, and empties this process's memory of it."""
    for node in Graph(targets):
        parents = [store.open(parent.key).json("value.json") for parent in node.parents.values()]
        with store.writer(node) as writer:
            writer.write_json("value.json", 1 + sum(parents))
    fingerprint._HASHES.clear()


def labels(nodes) -> list[str]:
    return [node.label for node in nodes]


def value(store, node):
    return Store(store.root).open(node.key).json("value.json")


def damage(store, *nodes, name="value.json"):
    for node in nodes:
        flip_unseen(store.directory(node.key) / name, at=0.0 if name == "value.json" else 0.5)


def chain(log, names: str):
    """One node after the other."""
    nodes = []
    for name in names:
        nodes.append(toy(name, *nodes[-1:], log=log))
    return nodes


@pytest.mark.parametrize("name", ["value.json", MANIFEST])
def test_a_result_is_read_before_it_is_given_back(store, log, name):
    _, b = chain(log, "ab")
    fill(store, b)
    damage(store, b, name=name)
    stream = io.StringIO()
    outcome = execute(store, b, progress=Plain(stream))
    assert (labels(outcome.ran), labels(outcome.cached), outcome.exit_code) == (["b"], ["a"], 0)
    (note,) = outcome.notes
    assert note.startswith(f"b: {name} is damaged")
    assert f"warning: {note}" in stream.getvalue()
    assert value(store, b) == 2
    assert execute(store, b).notes == []
    assert computed(log) == ["b"]


@pytest.mark.usefixtures("unscrubbed")
@pytest.mark.parametrize("name", ["value.json", MANIFEST])
def test_a_node_sends_its_damaged_parent_back(store, log, name):
    _, b, c = chain(log, "abc")
    fill(store, c)
    store.discard(c.key)
    damage(store, b, name=name)
    seen: list[tuple[int, int]] = []

    class Sees(Silent):
        def ended(self, unit, **counts):
            super().ended(unit, **counts)
            seen.append((self.done, self.total))

    outcome = execute(store, c, progress=Sees())
    assert (labels(outcome.ran), labels(outcome.cached), outcome.exit_code) == (["b", "c"], ["a"], 0)
    assert outcome.notes[0].startswith(f"b: {name} is damaged")
    assert outcome.notes[0].endswith("computing it again")
    assert len(outcome.notes) == 1
    assert value(store, c) == 3
    assert seen[-1] == (3, 3)
    assert store.verify() == []


@pytest.mark.usefixtures("unscrubbed")
def test_the_parents_of_a_parent_likewise(store, log):
    a, b, c, d = chain(log, "abcd")
    fill(store, d)
    store.discard(d.key)
    damage(store, a, b, c)
    outcome = execute(store, d)
    assert labels(outcome.ran) == ["a", "b", "c", "d"]
    assert [note.partition(":")[0] for note in outcome.notes] == ["c", "b", "a"]
    assert value(store, d) == 4


@pytest.mark.usefixtures("unscrubbed")
def test_what_a_parent_was_made_of_may_be_gone(store, log):
    a, b, c, d = chain(log, "abcd")
    fill(store, d)
    for node in (a, b, d):
        store.discard(node.key)
    damage(store, c)
    outcome = execute(store, d)
    assert labels(outcome.ran) == ["a", "b", "c", "d"]
    assert (outcome.cached, outcome.exit_code) == ([], 0)
    assert value(store, d) == 4


@pytest.mark.usefixtures("unscrubbed")
@pytest.mark.parametrize("cores", [1, 3])
def test_all_children_wait_for_one_parent(store, log, cores):
    a = toy("a", log=log)
    others = [toy(f"o{index}", a, log=log, sleep=0.05) for index in range(3)]
    grouped = [toy(f"g{index}", a, log=log, group="xnli") for index in range(3)]
    beside = toy("beside", others[0], log=log)
    targets = (*others, *grouped, beside)
    fill(store, *targets)
    for node in targets:
        store.discard(node.key)
    damage(store, a)
    outcome = execute(store, *targets, cores=cores)
    assert not outcome.failed, [failure.message + failure.traceback_text for failure in outcome.failed.values()]
    assert (len(outcome.ran), outcome.exit_code, len(outcome.notes)) == (8, 0, 1)
    assert sorted(computed(log)) == sorted(labels([a, *targets]))
    assert [value(store, node) for node in targets] == [2, 2, 2, 2, 2, 2, 3]


@pytest.mark.usefixtures("unscrubbed")
def test_two_damaged_parents_and_one_that_is_whole(store, log):
    parents = [toy(name, log=log) for name in "abc"]
    child = toy("d", *parents, log=log)
    fill(store, child)
    store.discard(child.key)
    damage(store, *parents[:2])
    outcome = execute(store, child)
    assert labels(outcome.ran) == ["a", "b", "d"]
    assert value(store, child) == 4


@pytest.mark.usefixtures("unscrubbed")
def test_a_parent_that_is_damaged_again_and_again_is_a_failure(store, log):
    a = toy("a", log=log, rots=1)
    b = toy("b", a, log=log)
    outcome = execute(store, b, toy("c", b), toy("beside"))
    assert labels(outcome.failed) == ["b"]
    assert labels(outcome.not_run) == ["c"]
    assert "beside" in labels(outcome.ran)
    assert "a was damaged again after it had been computed again" in outcome.failed[b].message
    assert "value.json is damaged" in outcome.failed[b].message
    assert outcome.failed[b].traceback_text == ""
    assert outcome.exit_code == 1
    assert computed(log) == ["a", "a"]


def test_a_result_that_is_damaged_again_and_again_is_a_failure(store, log):
    a = toy("a", log=log, rots=1)
    outcome = execute(store, a)
    assert labels(outcome.failed) == ["a"]
    assert (outcome.ran, outcome.cached, outcome.exit_code) == ([], [], 1)
    assert "a was damaged again after it had been computed again" in outcome.failed[a].message
    assert computed(log) == ["a", "a"]


@pytest.mark.usefixtures("unscrubbed")
@pytest.mark.parametrize("how", ["rot-and-crash", "rot-and-kill"])
def test_a_node_that_dies_of_its_parent_is_not_at_fault(store, log, tmp_path, how):
    a = toy("a", log=log)
    b = toy("b", a, log=log, fail=how, mark=str(tmp_path / "mark"))
    outcome = execute(store, b)
    assert (labels(outcome.ran), outcome.exit_code) == (["a", "b"], 0)
    assert outcome.notes[0].startswith("a: value.json is damaged")
    assert computed(log) == ["a", "b", "a", "b"]
    assert value(store, b) == 2


def test_a_parent_that_another_run_has_computed_again_is_read_again(store, log, tmp_path):
    a = toy("a", log=log)
    b = toy("b", a, log=log, fail="lost", mark=str(tmp_path / "mark"))
    outcome = execute(store, b)
    assert (labels(outcome.ran), outcome.exit_code, outcome.notes) == (["a", "b"], 0, [])
    assert computed(log) == ["a", "b", "b"]


@pytest.mark.usefixtures("unscrubbed")
def test_a_parent_that_cannot_be_computed_again_fails_what_needs_it(store, log, tmp_path):
    mark = tmp_path / "mark"
    a = toy("a", log=log, fail="crash-with-mark", mark=str(mark))
    b, c = toy("b", a, log=log), toy("c", a, log=log)
    fill(store, b, c)
    store.discard(b.key)
    damage(store, a)
    mark.touch()
    outcome = execute(store, b, c)
    assert labels(outcome.failed) == ["a"]
    assert labels(outcome.not_run) == ["b"]
    assert labels(outcome.cached) == ["c"]
    assert outcome.exit_code == 1
    mark.unlink()
    assert execute(store, b, c).ok


@pytest.mark.usefixtures("unscrubbed")
def test_what_verify_has_named_is_computed_again_though_nobody_reads_it(store, log):
    _, b, c = chain(log, "abc")
    fill(store, c)
    damage(store, b)
    assert execute(store, c).ran == []  # nothing was computed from it, and nothing of it is reported
    ((key, problem),) = Store(store.root).verify()
    assert (key, problem) == (b.key, store.check(b.key))
    outcome = execute(store, c)
    assert labels(outcome.ran) == ["b"]
    assert store.verify() == []
    assert value(store, b) == 2


def test_an_entry_that_was_opened_and_found_damaged_is_known_to_be(store):
    a = toy("a")
    fill(store, a)
    damage(store, a)
    assert store.check(a.key) is None
    with pytest.raises(CorruptEntry, match=r"value.json is damaged"):
        Store(store.root).open(a.key)
    assert "value.json is damaged" in store.check(a.key)


def test_a_small_store_is_read_whole(store, log):
    _, b, c = chain(log, "abc")
    fill(store, c)
    damage(store, b)
    outcome = execute(store, c)
    assert labels(outcome.ran) == ["b"]
    assert outcome.notes[0].startswith("b: value.json is damaged")


def test_a_large_store_is_read_bit_by_bit(store):
    nodes = [toy(name) for name in "abcd"]
    for node in nodes:
        with store.writer(node) as writer:
            writer.path("file").write_bytes(b"x" * (1000 if node.label == "b" else 100))
    keys = [node.key for node in nodes]
    for node in nodes:
        flip_unseen(store.directory(node.key) / "file")
    found: list[str] = []
    for _ in range(3):
        found += scrub(store, keys, most=150)
    assert sorted(found) == sorted(key for key in keys if key != nodes[1].key)  # too large by itself
    assert scrub(store, keys, most=150) == {}
    assert len(store.verify()) == 4


def test_what_was_read_longest_ago_is_read_first(store, monkeypatch):
    nodes = [toy(name) for name in "abc"]
    fill(store, *nodes)
    keys = [node.key for node in nodes]
    read: list[str] = []
    check = Store.check

    def watched(self, key, *, anew=False):
        read.append(key)
        return check(self, key, anew=anew)

    monkeypatch.setattr(Store, "check", watched)
    for _ in range(6):
        assert scrub(store, keys, most=3) == {}  # each has two bytes
    assert read[:3] == read[3:]
    assert sorted(read[:3]) == sorted(keys)


def test_a_file_that_cannot_be_read_is_damage(store, monkeypatch):
    a = toy("a")
    fill(store, a)

    def broken(path, *, anew=False):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("xstilts.pipeline.entry.sha256_once", broken)
    assert store.check(a.key, anew=True) == "value.json cannot be read: Input/output error"
    monkeypatch.undo()
    (store.directory(a.key) / MANIFEST).unlink()
    (store.directory(a.key) / MANIFEST).mkdir()
    with pytest.raises(CorruptEntry, match=r"manifest.json cannot be read"):
        store.open(a.key)


def test_the_fingerprint_of_a_data_file_that_cannot_be_used_is_taken_anew(store, tmp_path):
    """Else a run that finds it changed would ask for another run, and that one would trust its stamp again."""
    file = tmp_path / "rows.csv"
    file.write_bytes(b"rows")
    os.utime(file, (1, 1))
    before = store.fingerprint(file)
    flip_unseen(file)
    assert store.fingerprint(file) == before
    assert execute(store, toy("a", fail="user", file=str(file))).exit_code == 2
    assert store.fingerprint(file) != before
