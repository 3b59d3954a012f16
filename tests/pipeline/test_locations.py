from __future__ import annotations

import builtins
import subprocess
import sys

import pytest

from xstilts.errors import ConfigError, UnknownName
from xstilts.pipeline.locations import default_mirror, open_store
from xstilts.pipeline.remote import RemoteStore
from xstilts.pipeline.store import Store


def test_a_directory_and_a_file_url_are_a_store_on_this_machine(tmp_path):
    for location in (tmp_path, str(tmp_path), f"file://{tmp_path}", f"file://localhost{tmp_path}"):
        store = open_store(location)
        assert type(store) is Store
        assert store.root == tmp_path
        assert store.location == str(tmp_path)


def test_any_other_url_has_a_mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = open_store(f"local://{tmp_path}/bucket/")
    assert isinstance(store, RemoteStore)
    assert store.location == f"local://{tmp_path}/bucket"
    assert store.root == default_mirror(store.location)
    assert store.root.is_relative_to(tmp_path / "cache" / "xstilts" / "stores")
    assert open_store(store.location).root == store.root
    assert open_store(store.location, mirror=tmp_path / "m").root == tmp_path / "m"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("url", ["memory://x", "memory:///x/y", "simplecache::memory://x"])
def test_a_store_that_workers_cannot_reach_is_refused(url):
    with pytest.raises(ConfigError, match=r"worker processes .* cannot reach .*name a folder, or a URL"):
        open_store(url)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(UnknownName, match=r"nonsense://b/x: unknown protocol 'nonsense'; known: "):
        open_store("nonsense://b/x")
    with pytest.raises(UnknownName, match=r"did you mean 'sftp'\?"):
        open_store("sftpp://b/x")


def test_a_missing_package_is_named(monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **options):
        if name.partition(".")[0] == "gcsfs":
            raise ModuleNotFoundError("No module named 'gcsfs'", name="gcsfs")
        return imported(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"a package is missing, without which gs:// .*\(pip install gcsfs\)"):
        open_store("gs://bucket/prefix")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("s3:/bucket/prefix", "did you mean s3://bucket/prefix"),
        ("s3:bucket/prefix", "did you mean s3://bucket/prefix"),
        ("file://some/folder", "names an absolute path"),
        ("local:///", "does not say where the store is"),
        ("s3://", "does not say where the store is"),
    ],
)
def test_what_is_almost_a_url_is_refused(location, words):
    with pytest.raises(ConfigError, match=words):
        open_store(location)


@pytest.mark.parametrize("name", ["C:/runs", "runs:today", "a/s3:b", "./s3:x"])
def test_a_folder_may_have_a_colon(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_store(name).root == tmp_path / name


def test_a_directory_needs_no_fsspec(tmp_path):
    code = (
        "import sys; from xstilts.pipeline.locations import open_store; "
        f"open_store({str(tmp_path)!r}); open_store('file:///x'); assert 'fsspec' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
