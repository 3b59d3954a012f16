"""A store behind a URL; here the URLs of fsspec's own file systems, of which one is like a bucket, one like a disk."""

from __future__ import annotations

import datetime
import json
import logging
import os

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from toy_phases import RUN, computed, toy

from damaging import flip_unseen
from xstilts.errors import ConfigError
from xstilts.pipeline import remote as remote_module
from xstilts.pipeline import url_entries
from xstilts.pipeline import writer as writer_module
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.remote import RemoteStore
from xstilts.pipeline.store import Store

PUBLISH = writer_module.publish


@pytest.fixture(params=["memory", "local"])
def url(request, tmp_path) -> str:
    if request.param == "memory":
        return f"memory://{tmp_path.name}-{request.node.name}/store"
    return f"local://{tmp_path}/bucket"


def store_at(url, mirror) -> RemoteStore:
    files, path = fsspec.core.url_to_fs(url)
    # Names in memory begin with a slash although there are no folders: without it this is what a bucket looks like.
    return RemoteStore(url, files, path.removeprefix("/") if url.startswith("memory") else path, mirror=mirror)


@pytest.fixture(autouse=True)
def _bucket_names(monkeypatch):
    """Lists memory as a bucket is listed: names without the leading slash."""
    found = MemoryFileSystem.find

    def find(self, path, **options):
        listed = found(self, path, **options)
        if isinstance(listed, dict):
            return {name.removeprefix("/"): info for name, info in listed.items()}
        return [name.removeprefix("/") for name in listed]

    monkeypatch.setattr(MemoryFileSystem, "find", find)


def put(store, node, value=1):
    with store.writer(node) as writer:
        writer.path("folder/file.txt").write_text("content")
        writer.write_json("value.json", value)


def behind(url, node, name="") -> list[str]:
    """The paths behind the URL of one node's files that end in a name."""
    files, path = fsspec.core.url_to_fs(url)
    files.invalidate_cache()
    return [found for found in files.find(f"{path}/entries/{node.key[:2]}/{node.key}") if found.endswith(name)]


def overwrite(url, node, name, data):
    (path,) = behind(url, node, name)
    fsspec.core.url_to_fs(url)[0].pipe_file(path, data)


def execute(store, *targets):
    return LocalExecutor(store=store, run=RUN, cores=1).run(Graph(targets))


def test_what_one_machine_writes_another_reads(url, tmp_path):
    one, other = store_at(url, tmp_path / "one"), store_at(url, tmp_path / "other")
    assert one.location == url
    put(one, toy("a"))
    assert other.has(toy("a").key)
    assert not other.has(toy("b").key)
    assert other.check(toy("a").key) is None
    assert other.check(toy("b").key) == "manifest.json is missing"
    assert other.manifest(toy("a").key)["label"] == "a"
    assert [manifest["label"] for manifest in other.manifests([toy("b").key, toy("a").key])] == ["a"]
    assert not Store(tmp_path / "other").has(toy("a").key)
    assert other.open(toy("a").key).path("folder/file.txt").read_text() == "content"
    assert Store(tmp_path / "other").check(toy("a").key) is None
    assert [manifest["label"] for manifest in other.ls()] == ["a"]
    assert other.verify() == []


def test_one_file_is_read_without_fetching_the_others(url, tmp_path):
    one, other = store_at(url, tmp_path / "one"), store_at(url, tmp_path / "other")
    put(one, toy("a"))
    key = toy("a").key
    assert other.read(key, "folder/file.txt") == one.read(key, "folder/file.txt") == b"content"
    assert not Store(tmp_path / "other").has(key)
    with pytest.raises(CorruptEntry, match="it holds no file 'other'"):
        other.read(key, "other")
    overwrite(url, toy("a"), "file.txt", b"CONTENT")
    with pytest.raises(CorruptEntry, match=r"folder/file.txt is damaged"):
        other.read(key, "folder/file.txt")
    fsspec.core.url_to_fs(url)[0].rm_file(*behind(url, toy("a"), "file.txt"))
    with pytest.raises(CorruptEntry, match=r"folder/file.txt is missing"):
        other.read(key, "folder/file.txt")


def test_staging_brings_what_is_missing(url, tmp_path):
    one, other = store_at(url, tmp_path / "one"), store_at(url, tmp_path / "other")
    for name in "abc":
        put(one, toy(name))
    assert other.stage(toy(name).key for name in "abx") == {}
    assert {manifest["label"] for manifest in Store(tmp_path / "other").ls()} == {"a", "b"}


def test_the_manifest_is_put_last(url, tmp_path, monkeypatch):
    one = store_at(url, tmp_path / "one")
    order = []
    files, _ = fsspec.core.url_to_fs(url)
    put_file = type(files).put_file

    def watched(self, source, target, **options):
        order.append(target.rpartition("/")[2].split(".json")[0])
        return put_file(self, source, target, **options)

    monkeypatch.setattr(type(files), "put_file", watched)
    put(one, toy("a"))
    assert order == ["file.txt", "value", "manifest"]


def test_a_copy_that_fails_leaves_no_entry(url, tmp_path, monkeypatch):
    one = store_at(url, tmp_path / "one")

    def broken(*args, **options):
        raise ConnectionError("the network is gone")

    monkeypatch.setattr(type(fsspec.core.url_to_fs(url)[0]), "put_file", broken)
    with pytest.raises(ConnectionError):
        put(one, toy("a"))
    monkeypatch.undo()
    assert not one.has(toy("a").key)
    put(one, toy("a"))
    assert store_at(url, tmp_path / "other").has(toy("a").key)


def test_a_kill_after_the_copy_loses_nothing(url, tmp_path, monkeypatch):
    one = store_at(url, tmp_path / "one")

    def killed(target):
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        put(one, toy("a"))
    monkeypatch.setattr(writer_module, "publish", PUBLISH)
    assert store_at(url, tmp_path / "one").open(toy("a").key).json("value.json") == 1


def test_two_machines_that_put_the_same_node_never_mix_their_files(url, tmp_path, monkeypatch):
    """One is interrupted by the other between its files and its manifest, and their bytes differ."""
    one, other = store_at(url, tmp_path / "one"), store_at(url, tmp_path / "other")
    each = url_entries.UrlEntries.each

    def interrupted(self, function, items):
        done = each(self, function, items)
        if self is one._entries:
            put(other, toy("a"), value=2)
        return done

    monkeypatch.setattr(url_entries.UrlEntries, "each", interrupted)
    put(one, toy("a"), value=1)
    third = store_at(url, tmp_path / "third")
    assert third.verify() == []
    assert third.open(toy("a").key).json("value.json") == 1
    assert other.open(toy("a").key).json("value.json") == 2
    assert len(behind(url, toy("a"), "value.json")) == 2
    third.discard(toy("a").key)
    assert behind(url, toy("a")) == []


def test_a_damaged_mirror_is_fetched_again(url, tmp_path, caplog):
    one = store_at(url, tmp_path / "one")
    put(one, toy("a"))
    file = one.directory(toy("a").key) / "value.json"
    for read in (one.check, lambda key: one.open(key) and None):
        file.write_text("2\n")
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="xstilts"):
            assert read(toy("a").key) is None
        assert "value.json is damaged" in caplog.text
        assert one.open(toy("a").key).json("value.json") == 1
    assert store_at(url, tmp_path / "other").verify() == []


def test_what_only_the_mirror_holds_is_put_there_again(url, tmp_path):
    one = store_at(url, tmp_path / "one")
    put(one, toy("a"))
    store_at(url, tmp_path / "other").discard(toy("a").key)
    one.connect()
    assert one.has(toy("a").key)
    assert one.check(toy("a").key) is None
    assert store_at(url, tmp_path / "third").open(toy("a").key).json("value.json") == 1


def test_a_damaged_entry_is_found_when_it_is_staged(url, tmp_path):
    put(store_at(url, tmp_path / "one"), toy("a"))
    overwrite(url, toy("a"), "value.json", b"2\n")
    other = store_at(url, tmp_path / "other")
    ((key, problem),) = other.verify()
    assert key == toy("a").key
    assert "value.json is damaged" in problem
    with pytest.raises(CorruptEntry, match=r"value.json is damaged"):
        other.open(toy("a").key)
    found = other.stage([toy("a").key])
    assert "value.json is damaged" in found[toy("a").key]
    assert other.check(toy("a").key) == found[toy("a").key]
    assert not Store(tmp_path / "other").has(toy("a").key)
    other.discard(toy("a").key)
    assert not other.has(toy("a").key)
    assert behind(url, toy("a")) == []


@pytest.mark.parametrize("name", ["value.json", "manifest.json"])
def test_a_missing_file_is_damage(url, tmp_path, name):
    put(store_at(url, tmp_path / "one"), toy("a"))
    other = store_at(url, tmp_path / "other")
    assert other.has(toy("a").key)
    (path,) = behind(url, toy("a"), name)
    fsspec.core.url_to_fs(url)[0].rm_file(path)
    if name == "value.json":
        assert other.stage([toy("a").key]) == {toy("a").key: "value.json is missing"}
    else:
        assert other.stage([toy("a").key]) == {}
        assert not other.has(toy("a").key)


def test_an_interrupted_download_is_not_taken_for_damage(url, tmp_path, monkeypatch):
    put(store_at(url, tmp_path / "one"), toy("a"))
    other = store_at(url, tmp_path / "other")
    get, cut = url_entries.UrlEntries.get, [True]

    def short(self, manifest, directory):
        get(self, manifest, directory)
        if cut and cut.pop():
            (directory / "value.json").write_text("")

    monkeypatch.setattr(remote_module.UrlEntries, "get", short)
    assert other.stage([toy("a").key]) == {}
    assert other.open(toy("a").key).json("value.json") == 1


def test_a_derived_entry_that_is_damaged_is_built_again(url, tmp_path):
    def build(writer):
        writer.write_json("value.json", 3)

    store_at(url, tmp_path / "one").derive(toy("a"), build)
    overwrite(url, toy("a"), "value.json", b"2\n")
    assert store_at(url, tmp_path / "other").derive(toy("a"), build).json("value.json") == 3
    assert store_at(url, tmp_path / "third").open(toy("a").key).manifest["derived"] is True


def test_gc_works_there_too(url, tmp_path):
    one = store_at(url, tmp_path / "one")
    for name in "abc":
        put(one, toy(name))
    put(store_at(url, tmp_path / "other"), toy("d"))  # not in this mirror
    keep = {toy("a").key}
    entries, freed = one.gc(keep, dry_run=True)
    assert (entries, len(one._entries.keys(anew=True))) == (3, 4)
    assert freed > 0
    with one.in_use([toy("b").key]):
        assert one.gc(keep)[0] == 2
    assert one.gc(keep)[0] == 1
    assert {m["label"] for m in store_at(url, tmp_path / "third").ls()} == {"a"}
    assert {m["label"] for m in Store(tmp_path / "one").ls()} == {"a"}


def test_gc_leaves_what_a_living_run_has_derived(url, tmp_path):
    one = store_at(url, tmp_path / "one")
    one.derive(toy("cache"), lambda writer: writer.write_json("value.json", 1))
    with one.in_use([toy("b").key]):
        assert one.gc(set())[0] == 0
    assert one.gc(set())[0] == 1


def test_gc_removes_uploads_that_nobody_will_complete(tmp_path):
    url = f"local://{tmp_path}/bucket"
    one = store_at(url, tmp_path / "one")
    for name in "ab":
        put(one, toy(name))
        (path,) = behind(url, toy(name), "manifest.json")
        os.unlink(path)  # noqa: PTH108 – a path as fsspec gives it
    old = datetime.datetime.now().timestamp() - 2 * 24 * 3600
    for path in behind(url, toy("a")):
        os.utime(path, (old, old))
    store_at(url, tmp_path / "other").gc(set())
    assert behind(url, toy("a")) == []
    assert len(behind(url, toy("b"))) == 2


def test_single_questions_are_asked_one_by_one_and_many_by_a_listing(url, tmp_path, monkeypatch):
    put(store_at(url, tmp_path / "one"), toy("a"))
    listings = []
    folders = url_entries.UrlEntries.folders
    monkeypatch.setattr(url_entries.UrlEntries, "folders", lambda self: listings.append(1) or folders(self))
    other = store_at(url, tmp_path / "other")
    assert other.has(toy("a").key)
    assert not other.has(toy("b").key)
    assert listings == []
    assert [other.has(toy("a").key) for _ in range(100)] == [True] * 100
    assert listings == [1]


def test_a_store_that_cannot_be_read_or_written_is_refused(url, tmp_path, monkeypatch):
    one = store_at(url, tmp_path / "one")
    one.connect()
    one.require_writable()
    assert fsspec.core.url_to_fs(url)[0].find(fsspec.core.url_to_fs(url)[1]) == []

    def broken(*args, **options):
        raise PermissionError("access denied")

    kind = type(fsspec.core.url_to_fs(url)[0])
    monkeypatch.setattr(kind, "find", broken)
    monkeypatch.setattr(kind, "pipe_file", broken)
    with pytest.raises(ConfigError, match=r"the store cannot be read: access denied"):
        one.connect()
    with pytest.raises(ConfigError, match=r"the store cannot be written: access denied"):
        one.require_writable()


@pytest.fixture
def run(tmp_path):
    """Runs ``a → b → c`` over a bucket, each time on another machine; and the log of what was computed."""
    url, log = f"local://{tmp_path}/bucket", tmp_path / "log"
    a = toy("a", log=log)
    b = toy("b", a, log=log)
    c = toy("c", b, log=log)

    def run(mirror, *targets):
        return execute(store_at(url, tmp_path / mirror), *(targets or (c,)))

    run.url, run.log, run.nodes = url, log, (a, b, c)
    return run


def test_a_graph_runs_over_a_remote_store(run, tmp_path):
    c = run.nodes[-1]
    assert len(run("one").ran) == 3
    again = run("other")
    assert (len(again.ran), len(again.cached)) == (0, 3)
    assert {manifest["label"] for manifest in Store(tmp_path / "other").ls()} == {"c"}  # what is read, no more
    store_at(run.url, tmp_path / "fourth").discard(c.key)
    assert [node.label for node in run("third").ran] == ["c"]
    assert {manifest["label"] for manifest in Store(tmp_path / "third").ls()} == {"b", "c"}
    assert computed(run.log) == ["a", "b", "c", "c"]


def test_damage_behind_the_url_is_a_warning_and_is_computed_again(run, tmp_path):
    _, b, c = run.nodes
    run("one")
    overwrite(run.url, c, "value.json", b"9\n")
    overwrite(run.url, b, "value.json", b"9\n")
    outcome = run("other")
    assert outcome.exit_code == 0
    assert [node.label for node in outcome.ran] == ["b", "c"]
    assert [note.partition(":")[0] for note in outcome.notes] == ["b", "c"]
    assert all("value.json is damaged" in note for note in outcome.notes)
    assert store_at(run.url, tmp_path / "third").verify() == []
    assert store_at(run.url, tmp_path / "third").open(c.key).json("value.json") == 3


def test_a_node_sends_a_parent_back_that_is_damaged_behind_the_url(run, tmp_path, monkeypatch):
    """As it is when the damage comes after the run has looked: the worker finds it."""
    a, b, c = run.nodes
    run("one")
    store_at(run.url, tmp_path / "fourth").discard(c.key)
    for node in (a, b):
        overwrite(run.url, node, "value.json", b"9\n")
    monkeypatch.setattr(RemoteStore, "stage", lambda self, keys: {})  # of the process that hands out alone
    outcome = run("other")
    assert outcome.exit_code == 0
    assert [node.label for node in outcome.ran] == ["a", "b", "c"]
    assert [note.partition(":")[0] for note in outcome.notes] == ["b", "a"]
    monkeypatch.undo()
    assert store_at(run.url, tmp_path / "third").verify() == []
    assert store_at(run.url, tmp_path / "third").open(c.key).json("value.json") == 3


def test_a_mirror_whose_bytes_changed_under_their_stamps_is_fetched_again(run, tmp_path):
    _, b, c = run.nodes
    run("one")
    for node in (b, c):
        flip_unseen(Store(tmp_path / "one").directory(node.key) / "value.json", at=0.0)
    outcome = run("one", c, toy("d", b))
    assert [node.label for node in outcome.ran] == ["d"]
    assert outcome.exit_code == 0
    one = store_at(run.url, tmp_path / "one")
    assert one.verify() == []
    assert [one.open(node.key).json("value.json") for node in (b, c)] == [2, 3]


@pytest.mark.parametrize("mirror", ["one", "other"])
def test_what_verify_found_damaged_behind_the_url_is_repaired_by_the_next_run(run, tmp_path, mirror):
    """From the mirror where that is whole, else by computing it."""
    _, b, c = run.nodes
    run("one")
    for node in (b, c):
        overwrite(run.url, node, "value.json", b"9\n")
    store = store_at(run.url, tmp_path / mirror)
    assert {key for key, _ in store.verify()} == {b.key, c.key}
    outcome = run(mirror)
    assert outcome.exit_code == 0
    assert [node.label for node in outcome.ran] == ([] if mirror == "one" else ["b", "c"])
    assert store_at(run.url, tmp_path / "third").verify() == []
    assert store_at(run.url, tmp_path / "third").open(c.key).json("value.json") == 3


def test_a_store_that_cannot_be_written_stops_a_run_only_if_something_is_to_be_computed(run, monkeypatch):
    run("one")

    def refused(self):
        raise PermissionError("read only")

    monkeypatch.setattr(url_entries.UrlEntries, "try_writing", refused)
    assert len(run("other").cached) == 3
    with pytest.raises(ConfigError, match=r"cannot be written: read only"):
        run("third", toy("d", run.nodes[2]))


def test_the_files_are_where_the_module_says(tmp_path):
    url = f"local://{tmp_path}/bucket"
    put(store_at(url, tmp_path / "one"), toy("a"))
    key = toy("a").key
    folder = tmp_path / "bucket" / "entries" / key[:2] / key
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name, described in manifest["files"].items():
        assert (folder / described["sha256"][:16] / name).stat().st_size == described["bytes"]
