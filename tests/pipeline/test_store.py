from __future__ import annotations

import errno
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from toy_phases import toy

from damaging import flip_unseen
from xstilts.errors import ConfigError, StoreFull, XstiltsError
from xstilts.pipeline import writer as writer_module
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def put(store: Store, node: Node, text: str = "content") -> Path:
    with store.writer(node) as writer:
        writer.path("folder/file.txt").write_text(text)
        writer.write_json("value.json", {"score": 0.5})
    return store.directory(node.key) / "folder" / "file.txt"


def spoil(store: Store, error: Exception) -> None:
    """Write something, then fail."""
    with store.writer(toy("a")) as writer:
        writer.write_json("value.json", 1)
        raise error


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_was_written_is_read(store):
    node = toy("a", toy("parent"))
    assert not store.has(node.key)
    with store.writer(node, facts={"tokens": 12}) as writer:
        writer.path("folder/file.txt").write_text("content")
        writer.write_json("value.json", {"größe": [1, 2.5, None]})
        writer.facts["seconds"] = 1.5
        assert not store.has(node.key)
    entry = store.open(node.key)
    assert entry.path("folder/file.txt").read_text() == "content"
    assert entry.path("folder") == entry.directory / "folder"
    assert entry.json("value.json") == {"größe": [1, 2.5, None]}
    manifest = store.manifest(node.key)
    assert entry.manifest == manifest
    assert manifest["key"] == node.key
    assert manifest["kind"] == "toy"
    assert manifest["label"] == "a"
    assert manifest["identity"] == node.identity
    assert manifest["parents"] == {"parent0": toy("parent").key}
    assert manifest["facts"] == {"tokens": 12, "seconds": 1.5, "threads": 1}
    assert manifest["files"]["folder/file.txt"]["bytes"] == 7
    assert set(manifest["files"]) == {"folder/file.txt", "value.json"}
    assert entry.directory == store.root / "entries" / node.key[:2] / node.key
    assert [m["key"] for m in store.ls()] == [node.key]
    assert not [path for path in (store.root / "writing").iterdir() if path.name != ".lock"]


def test_reading_leaves_no_trace(tmp_path):
    store = Store(tmp_path / "nowhere")
    assert not store.has("0" * 64)
    assert list(store.ls()) == []
    assert store.verify() == []
    assert store.gc(set()) == (0, 0)
    assert not store.root.exists()


def test_a_file_that_is_not_there_is_named_with_those_that_are(store):
    put(store, toy("a"))
    with pytest.raises(XstiltsError, match=r"'weights'; it holds folder/file.txt, value.json"):
        store.open(toy("a").key).path("weights")


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../other", "a/../../b", "manifest.json"])
def test_a_file_stays_in_its_entry(store, name):
    with pytest.raises(XstiltsError, match="cannot be the name"), store.writer(toy("a")) as writer:
        writer.path(name)
    assert not store.has(toy("a").key)


def test_a_link_is_refused(store):
    with pytest.raises(XstiltsError, match="plain files"), store.writer(toy("a")) as writer:
        writer.path("link").symlink_to("/etc/hostname")


def test_json_that_is_none_is_refused(store):
    with pytest.raises(XstiltsError, match=r"value.json: not JSON"), store.writer(toy("a")) as writer:
        writer.write_json("value.json", float("nan"))
    with pytest.raises(XstiltsError, match="facts of a: not JSON"), store.writer(toy("a")) as writer:
        writer.facts["seconds"] = float("inf")


def test_an_exception_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        spoil(store, ZeroDivisionError())
    assert not store.has(toy("a").key)
    assert [p.name for p in (store.root / "writing").iterdir()] == [".lock"]


def test_who_comes_second_changes_nothing(store):
    first = put(store, toy("a"), "first")
    put(store, toy("a"), "second")
    assert first.read_text() == "first"
    assert store.check(toy("a").key) is None


def test_a_store_must_be_a_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="must be a directory"):
        Store(tmp_path / "file")
    with pytest.raises(ConfigError, match="URL"):
        Store("s3://bucket/store")


def test_one_file_is_read_and_verified_without_the_others(store):
    path = put(store, toy("a"))
    key = toy("a").key
    flip_unseen(path)
    assert json.loads(store.read(key, "value.json")) == {"score": 0.5}
    with pytest.raises(CorruptEntry, match=r"folder/file.txt is damaged"):
        store.read(key, "folder/file.txt")
    with pytest.raises(CorruptEntry, match="it holds no file 'other'"):
        store.read(key, "other")
    path.unlink()
    with pytest.raises(CorruptEntry, match=r"folder/file.txt cannot be read: No such file"):
        store.read(key, "folder/file.txt")
    with pytest.raises(CorruptEntry, match=r"manifest.json is missing"):
        store.read(toy("b").key, "value.json")


# Damage.


@pytest.mark.parametrize("fresh", [False, True], ids=["same store object", "new process"])
def test_a_flipped_byte_is_found(store, monkeypatch, fresh):
    path = put(store, toy("a"))
    store.open(toy("a").key)
    flip(path)
    if fresh:
        monkeypatch.setattr("xstilts.pipeline.fingerprint._HASHES", {})
    with pytest.raises(CorruptEntry, match=r"folder/file.txt is damaged") as caught:
        store.open(toy("a").key)
    assert toy("a").key in str(caught.value)
    assert "folder/file.txt is damaged" in store.check(toy("a").key)
    assert "folder/file.txt is damaged" in store.check(toy("a").key)  # it is not taken for verified now
    assert store.verify() == [(toy("a").key, store.check(toy("a").key))]


def test_other_damage_is_found(store):
    key = toy("a").key
    path = put(store, toy("a"))
    path.write_text("longer content")
    assert store.check(key) == "folder/file.txt has 14 bytes, its manifest says 7"
    path.unlink()
    assert store.check(key) == "folder/file.txt is missing"
    flip(store.directory(key) / "manifest.json")
    assert "manifest.json is damaged" in store.check(key)
    assert store.verify() == [(key, store.check(key))]
    assert list(store.ls()) == []
    with pytest.raises(CorruptEntry, match=r"manifest.json is damaged"):
        store.open(key)
    store.discard(key)
    with pytest.raises(CorruptEntry, match="missing"):
        store.manifest(key)


def test_an_entry_in_the_wrong_place_is_found(store):
    put(store, toy("a"))
    place = store.directory(toy("b").key)
    place.parent.mkdir(parents=True, exist_ok=True)
    store.directory(toy("a").key).rename(place)
    assert f"belongs to {toy('a').key}" in store.check(toy("b").key)


def test_verify_sees_what_the_stamp_hides(store):
    path = put(store, toy("a"))
    flip_unseen(path)
    assert store.check(toy("a").key) is None  # the price of a quick check
    assert [key for key, _ in store.verify()] == [toy("a").key]
    for asked in (store, Store(store.root)):  # and then it is known
        assert "folder/file.txt is damaged" in asked.check(toy("a").key)


def test_the_quick_check_reads_only_what_changed(store, monkeypatch):
    path = put(store, toy("a"))
    monkeypatch.setattr("xstilts.pipeline.entry.sha256_once", lambda path, anew: pytest.fail("read"))
    assert Store(store.root).check(toy("a").key) is None
    monkeypatch.undo()
    os.utime(path)  # touched, not changed
    assert store.check(toy("a").key) is None
    monkeypatch.setattr("xstilts.pipeline.entry.sha256_once", lambda path, anew: pytest.fail("read"))
    assert store.check(toy("a").key) is None


def test_a_copied_store_is_whole(store, tmp_path):
    put(store, toy("a"))
    subprocess.run(["cp", "-r", store.root, tmp_path / "copy"], check=True)
    copy = Store(tmp_path / "copy")
    assert copy.check(toy("a").key) is None
    assert copy.open(toy("a").key).json("value.json") == {"score": 0.5}


# A commit that is interrupted.


def test_without_manifest_there_is_no_entry_and_the_next_writer_sweeps(store, monkeypatch):
    def killed(target):
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        put(store, toy("a"), "lost")
    monkeypatch.undo()
    directory = store.directory(toy("a").key)
    assert (directory / "folder" / "file.txt").exists()
    assert not store.has(toy("a").key)
    assert list(store.ls()) == store.verify() == []
    (directory / "left over").touch()
    put(store, toy("a"), "new")
    assert (directory / "folder" / "file.txt").read_text() == "new"
    assert not (directory / "left over").exists()


@pytest.mark.parametrize("moment", ["before files", "before manifest", "before scratch"])
def test_kill_at_any_moment_of_a_commit(store, moment):
    code = f"""
import os, signal
from toy_phases import toy
from xstilts.pipeline import store, writer
def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
if {moment!r} == "before files": writer._seal = kill
if {moment!r} == "before manifest": writer.publish = kill
if {moment!r} == "before scratch": store.shutil.rmtree = kill
s = store.Store({str(store.root)!r})
(s.scratch(toy("a").key) / "state").touch()
with s.lock(toy("a").key), s.writer(toy("a")) as w:
    w.write_json("value.json", 1)
"""
    path = os.pathsep.join(p for p in sys.path if p)
    result = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, check=False)
    assert result.returncode == -9
    key = toy("a").key
    assert store.has(key) == (moment == "before scratch")
    assert (store.root / "scratch" / key / "state").exists()
    with store.lock(key):  # a dead owner holds nothing
        put(store, toy("a"))
    assert store.check(key) is None
    assert not (store.root / "scratch" / key).exists()
    assert [p.name for p in (store.root / "writing").iterdir()] == [".lock"]


def test_a_living_writer_is_not_swept(store):
    with store.writer(toy("a")) as slow:
        slow.write_json("value.json", "slow")
        put(store, toy("a"), "quick")
        store.gc({toy("a").key})
        assert slow.path("value.json").exists()
    assert store.check(toy("a").key) is None
    assert store.open(toy("a").key).json("value.json") == {"score": 0.5}


# A full disk.


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_while_writing(store, number):
    with pytest.raises(StoreFull, match="no space left on the disk of the store"):
        spoil(store, OSError(number, os.strerror(number), "model.safetensors"))
    assert not store.has(toy("a").key)
    assert [p.name for p in (store.root / "writing").iterdir()] == [".lock"]


def test_a_full_disk_in_the_words_of_another_library(store):
    with pytest.raises(StoreFull), store.writer(toy("a")):
        raise RuntimeError("I/O error: No space left on device (os error 28)")
    with pytest.raises(RuntimeError, match="something else"), store.writer(toy("a")):
        raise RuntimeError("something else")


def test_a_full_disk_while_committing(store, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull):
        put(store, toy("a"))
    monkeypatch.undo()
    assert not store.has(toy("a").key)
    put(store, toy("a"))


# Locks, scratch, derived entries.


def test_scratch_survives_until_the_commit(store):
    key = toy("a").key
    (store.scratch(key) / "state").write_text("half")
    assert (Store(store.root).scratch(key) / "state").read_text() == "half"
    put(store, toy("a"))
    assert not (store.root / "scratch" / key).exists()


def _hold(root: str, log: str) -> None:
    store = Store(root)
    with store.lock("k"):
        with Path(log).open("a") as file:
            file.write("in\n")
        time.sleep(0.2)
        with Path(log).open("a") as file:
            file.write("out\n")


def test_a_lock_lets_one_in_at_a_time(store, tmp_path):
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    processes = [context.Process(target=_hold, args=(str(store.root), str(log))) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert log.read_text().split() == ["in", "out"] * 3


def test_a_wait_is_told(store):
    waited: list[bool] = []
    with store.lock("a"), store.lock("b", on_wait=lambda: waited.append(True)):
        pass
    assert waited == []

    def release() -> None:  # the other thread is told of before it is waited for
        waited.append(True)
        free.set()

    free, held = threading.Event(), threading.Event()

    def hold() -> None:
        with store.lock("a"):
            held.set()
            free.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    with store.lock("a", on_wait=release):
        assert waited == [True]
    thread.join()


def test_derive_builds_once(store):
    calls = []

    def build(writer):
        calls.append(1)
        writer.write_json("tokens.json", [1, 2, 3])

    node = toy("token cache")
    assert store.derive(node, build).json("tokens.json") == [1, 2, 3]
    assert store.derive(node, build).json("tokens.json") == [1, 2, 3]
    assert len(calls) == 1
    assert store.manifest(node.key)["derived"] is True


def test_derive_builds_a_damaged_one_again_and_says_so(store, caplog):
    node = toy("token cache")
    entry = store.derive(node, lambda writer: writer.write_json("tokens.json", [1]))
    flip(entry.path("tokens.json"))
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        again = store.derive(node, lambda writer: writer.write_json("tokens.json", [2]))
    assert again.json("tokens.json") == [2]
    assert "tokens.json" in caplog.text
    assert "building it again" in caplog.text


def test_derive_that_fails_leaves_nothing(store):
    def build(writer):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.derive(toy("token cache"), build)
    assert not store.has(toy("token cache").key)


def test_manifest_is_plain_json(store):
    put(store, toy("a"))
    text = (store.directory(toy("a").key) / "manifest.json").read_text()
    assert json.loads(text)["schema"] == 1
