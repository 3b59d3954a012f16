from __future__ import annotations

import pytest
from toy_phases import toy

from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def put(store: Store, *nodes: Node) -> None:
    for node in nodes:
        with store.writer(node) as writer:
            writer.path("data").write_bytes(b"x" * 1000)


def names(store: Store) -> set[str]:
    return {manifest["label"] for manifest in store.ls()}


def test_removes_what_is_not_kept(store):
    put(store, toy("a"), toy("b"), toy("c"))
    keep = {toy("a").key}
    planned = store.gc(keep, dry_run=True)
    assert names(store) == {"a", "b", "c"}
    removed, freed = store.gc(keep)
    assert (removed, freed) == planned
    assert removed == 2
    assert freed > 2000
    assert names(store) == {"a"}
    assert store.check(toy("a").key) is None
    assert store.gc(keep) == (0, 0)
    assert len(list((store.root / "verified").glob("*/*"))) == 1
    assert list((store.root / "locks").iterdir()) == []


def test_a_locked_entry_stays(store):
    put(store, toy("a"))
    with store.lock(toy("a").key):
        assert store.gc(set()) == (0, 0)
    assert store.gc(set())[0] == 1


def test_what_a_living_run_uses_stays(store):
    put(store, toy("a"), toy("b"))
    store.derive(toy("cache"), lambda writer: writer.write_json("tokens.json", []))
    with store.in_use([toy("a").key]):
        assert store.gc(set())[0] == 1
        assert names(store) == {"a", "cache"}
    assert store.gc(set())[0] == 2
    assert [p.name for p in (store.root / "runs").iterdir()] == [".lock"]


def test_a_dead_run_uses_nothing(store):
    put(store, toy("a"))
    (store.root / "runs").mkdir()
    (store.root / "runs" / "run-dead").write_text(f'["{toy("a").key}"]')
    assert store.gc(set())[0] == 1
    assert not (store.root / "runs" / "run-dead").exists()


def test_leftovers_go_even_of_kept_keys(store):
    key = toy("a").key
    store.directory(key).mkdir(parents=True)
    (store.directory(key) / "half").write_bytes(b"x" * 10)
    left = store.root / "writing" / f"{key}.12345678"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"x" * 5)
    assert store.gc({key}) == (0, 15)
    assert not store.directory(key).exists()
    assert not left.exists()


def test_scratch_of_an_unfinished_kept_node_stays(store):
    for name in ("kept", "dropped", "running"):
        (store.scratch(toy(name).key) / "state").write_bytes(b"x" * 7)
    with store.lock(toy("running").key):
        assert store.gc({toy("kept").key}, dry_run=True) == (0, 7)
        assert store.gc({toy("kept").key}) == (0, 7)
    assert {p.name for p in (store.root / "scratch").iterdir()} == {toy("kept").key, toy("running").key}


def test_small_records_go_with_what_they_are_about(store, tmp_path):
    (store.root / "failures").mkdir(parents=True)
    for key in ("kept", "dropped"):
        (store.root / "failures" / f"{key}.txt").write_text("Traceback")
    store.gc({"kept"})
    assert [p.name for p in (store.root / "failures").iterdir()] == ["kept.txt"]


def test_a_damaged_entry_can_be_removed(store):
    put(store, toy("a"))
    (store.directory(toy("a").key) / "manifest.json").write_text("{")
    assert store.gc(set())[0] == 1
    assert not store.directory(toy("a").key).exists()
