from __future__ import annotations

import logging

import fsspec
import pytest
from toy_phases import RUN, computed, toy

from xstilts.errors import ConfigError
from xstilts.pipeline import writer as writer_module
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.local import LocalExecutor
from xstilts.pipeline.remote import RemoteStore, open_store
from xstilts.pipeline.store import Store


@pytest.fixture(params=["memory", "local"])
def url(request, tmp_path) -> str:
    if request.param == "memory":
        return f"memory://{tmp_path.name}-{request.node.name}/store"
    return f"local://{tmp_path}/bucket"


def put(store, node):
    with store.writer(node) as writer:
        writer.path("folder/file.txt").write_text("content")
        writer.write_json("value.json", 1)


def remote_file(url, node, name):
    files, path = fsspec.core.url_to_fs(url)
    return files, f"{path}/entries/{node.key[:2]}/{node.key}/{name}"


def test_what_one_machine_writes_another_reads(url, tmp_path):
    one = open_store(url, mirror=tmp_path / "one")
    other = open_store(url, mirror=tmp_path / "other")
    assert isinstance(one, RemoteStore)
    assert one.location == url
    put(one, toy("a"))
    assert other.has(toy("a").key)
    assert other.check(toy("a").key) is None
    assert other.manifest(toy("a").key)["label"] == "a"
    assert not Store(tmp_path / "other").has(toy("a").key)
    assert other.open(toy("a").key).path("folder/file.txt").read_text() == "content"
    assert Store(tmp_path / "other").check(toy("a").key) is None
    assert [manifest["label"] for manifest in other.ls()] == ["a"]
    assert other.verify() == []


def test_the_manifest_is_put_last(url, tmp_path, monkeypatch):
    one = open_store(url, mirror=tmp_path / "one")
    order = []
    put_file = type(one._files).put_file

    def watched(self, source, target, **options):
        order.append(target.rpartition("/")[2])
        return put_file(self, source, target, **options)

    monkeypatch.setattr(type(one._files), "put_file", watched)
    put(one, toy("a"))
    assert order[-1] == "manifest.json"
    assert set(order) == {"file.txt", "value.json", "manifest.json"}


def test_a_copy_that_fails_leaves_no_entry(url, tmp_path, monkeypatch):
    one = open_store(url, mirror=tmp_path / "one")

    def broken(*args, **options):
        raise ConnectionError("the network is gone")

    monkeypatch.setattr(type(one._files), "put_file", broken)
    with pytest.raises(ConnectionError):
        put(one, toy("a"))
    monkeypatch.undo()
    assert not one.has(toy("a").key)
    put(one, toy("a"))
    assert open_store(url, mirror=tmp_path / "other").has(toy("a").key)


def test_a_kill_after_the_copy_loses_nothing(url, tmp_path, monkeypatch):
    one = open_store(url, mirror=tmp_path / "one")

    def killed(target):
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        put(one, toy("a"))
    monkeypatch.undo()
    assert open_store(url, mirror=tmp_path / "one").open(toy("a").key).json("value.json") == 1


def test_a_damaged_mirror_is_fetched_again(url, tmp_path, caplog):
    one = open_store(url, mirror=tmp_path / "one")
    put(one, toy("a"))
    (one.directory(toy("a").key) / "value.json").write_text("2\n")
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert one.check(toy("a").key) is None
    assert "value.json is damaged" in caplog.text
    assert one.open(toy("a").key).json("value.json") == 1


def test_a_damaged_remote_entry_is_found_and_removed(url, tmp_path):
    put(open_store(url, mirror=tmp_path / "one"), toy("a"))
    files, path = remote_file(url, toy("a"), "value.json")
    files.pipe_file(path, b"2\n")
    other = open_store(url, mirror=tmp_path / "other")
    ((key, problem),) = other.verify()
    assert key == toy("a").key
    assert "value.json is damaged" in problem
    with pytest.raises(CorruptEntry, match=r"value.json is damaged"):
        other.open(toy("a").key)
    assert not other.has(toy("a").key)
    assert not files.exists(path)


def test_gc_works_there_too(url, tmp_path):
    one = open_store(url, mirror=tmp_path / "one")
    for name in "abc":
        put(one, toy(name))
    keep = {toy("a").key}
    assert one.gc(keep, dry_run=True)[0] == 2
    with one.in_use([toy("b").key]):
        assert one.gc(keep)[0] == 1
    assert one.gc(keep)[0] == 1
    assert {m["label"] for m in open_store(url, mirror=tmp_path / "other").ls()} == {"a"}


def test_a_graph_runs_over_a_remote_store(tmp_path):
    url, log = f"local://{tmp_path}/bucket", tmp_path / "log"
    a = toy("a", log=log)
    b = toy("b", a, log=log)

    def run(mirror):
        store = open_store(url, mirror=tmp_path / mirror)
        return LocalExecutor(store=store, run=RUN, cores=1).run(Graph([b]))

    assert len(run("one").ran) == 2
    assert len(run("other").cached) == 2
    Store(tmp_path / "bucket").discard(b.key)
    assert [node.label for node in run("third").ran] == ["b"]
    assert computed(log) == ["a", "b", "b"]


def test_locations(tmp_path):
    assert type(open_store(tmp_path)) is Store
    assert open_store(f"file://{tmp_path}").root == tmp_path
    assert Store(tmp_path).location == str(tmp_path)
    with pytest.raises(ConfigError, match=r"nonsense://.*cannot be opened"):
        open_store("nonsense://bucket", mirror=tmp_path)
