"""A local cache replaces the hub: commits are locked, files fetched, and what is out of reach says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import model_directories
import pytest
import tiny_checkpoints as checkpoints
import tiny_runs as runs

from xstilts.errors import CheckpointError, DataError
from xstilts.models import hub
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.preflight.snapshot import check_snapshot
from xstilts.pipeline.revisions import LOCK, locked

SHA = "0123456789abcdef0123456789abcdef01234567"
NAME = "someone/tiny-model"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache as huggingface_hub lays it out."""
    root = tmp_path_factory.mktemp("hub")
    home = root / "models--someone--tiny-model"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(SHA, encoding="utf-8")
    (home / "blobs").mkdir()
    checkpoints.directory(home / "snapshots" / SHA, "xlm_roberta")
    return root


@pytest.fixture(autouse=True)
def _offline(cache, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def test_a_cached_repository_resolves_and_loads(tmp_path, cache):
    lock = tmp_path / "deep" / LOCK
    assert locked(lock, "models", NAME) is None
    assert hub.resolve_revision(NAME, lock=lock) == SHA
    assert json.loads(lock.read_text(encoding="utf-8")) == {"models": {NAME: SHA}}
    assert [file.name for file in lock.parent.iterdir()] == [LOCK], "nothing half-written"
    folder = hub.fetch(NAME, SHA)
    assert folder == cache / "models--someone--tiny-model" / "snapshots" / SHA
    runs.assert_same(
        runs.weights(ENCODER.load(folder)), runs.weights(runs.encoder("xlm_roberta", language_model=True).roberta)
    )


def test_the_lock_decides(tmp_path):
    lock = tmp_path / LOCK
    kept = {"datasets": {"a/b": "1"}, "models": {NAME: "f" * 40}}
    lock.write_text(json.dumps(kept), encoding="utf-8")
    before = lock.read_bytes()
    assert hub.resolve_revision(NAME, lock=lock) == "f" * 40
    assert lock.read_bytes() == before


def test_what_else_the_lock_holds_stays(tmp_path):
    lock = tmp_path / LOCK
    lock.write_text(json.dumps({"datasets": {"a/b": "1"}, "models": {"x/y": "2"}}), encoding="utf-8")
    hub.resolve_revision(NAME, lock=lock)
    found = json.loads(lock.read_text(encoding="utf-8"))
    assert found == {"datasets": {"a/b": "1"}, "models": {"x/y": "2", NAME: SHA}}


def test_a_commit_needs_no_question(tmp_path):
    assert hub.resolve_revision("no/where", lock=tmp_path / LOCK, revision="a" * 40) == "a" * 40
    assert locked(tmp_path / LOCK, "models", "no/where") == "a" * 40


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"models": 3}', b"\xff\xfe\xfd"])
def test_a_broken_lock(tmp_path, content):
    lock = tmp_path / LOCK
    lock.write_bytes(content)
    with pytest.raises(DataError, match=r"lock file (is not JSON|holds tables)"):
        hub.resolve_revision(NAME, lock=lock)


def test_offline_and_not_in_the_cache(tmp_path):
    lock = tmp_path / LOCK
    with pytest.raises(CheckpointError) as caught:
        hub.resolve_revision("someone/absent", lock=lock)
    assert "model: cannot get someone/absent@main from the hub" in str(caught.value)
    assert "give a local directory instead" in str(caught.value)
    assert not lock.exists()
    with pytest.raises(CheckpointError, match=f"cannot get {NAME}@{'e' * 40}"):
        hub.fetch(NAME, "e" * 40)


SCRIPT = """
import sys, pathlib
from xstilts.errors import CheckpointError, DataError
from xstilts.models import hub
for call in (
    lambda: hub.resolve_revision("someone/absent", lock=pathlib.Path(sys.argv[1]) / "lock"),
    lambda: hub.fetch("someone/absent", "main"),
):
    try:
        call()
    except CheckpointError as error:
        print(error)
print(hub.resolve_revision("someone/tiny-model", lock=pathlib.Path(sys.argv[1]) / "lock"))
"""


def test_a_hub_that_does_not_answer(tmp_path, cache):
    """Another process: the hub's address is read when its client is imported. Nothing listens on port 9."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    first, second, third = done.stdout.splitlines()
    assert first.startswith("model: cannot get someone/absent@main from the hub")
    assert second.startswith("model: cannot get someone/absent@main from the hub")
    assert third == SHA, "the cache's own reference stands in"


def test_what_was_fetched_is_checked(cache):
    folder = cache / "models--someone--tiny-model" / "snapshots" / ("c" * 40)
    checkpoints.directory(folder, "xlm_roberta")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 44\n"
    (folder / "tokenizer.json").write_text(pointer, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"tokenizer.json: a Git LFS pointer"):
        hub.fetch(NAME, "c" * 40)


def test_what_is_not_here_yet_is_not_missed(cache):
    folder = cache / "models--someone--tiny-model" / "snapshots" / ("d" * 40)
    checkpoints.directory(folder, "xlm_roberta")
    (folder / "model.safetensors").unlink()
    (folder / "tokenizer.json").unlink()
    check_snapshot(folder, NAME, complete=False)
    with pytest.raises(CheckpointError, match="for 2 reasons"):
        check_snapshot(folder, NAME)


def test_a_vocabulary_of_capitals_on_the_hub(tmp_path):
    """A key names the repository alone: it could not say that the tokenizer is read in another way."""
    folder = model_directories.write(tmp_path / "m", settings=None)
    with pytest.raises(CheckpointError, match=r"has capitals.*do_lower_case.*give that directory"):
        check_snapshot(folder, NAME)
