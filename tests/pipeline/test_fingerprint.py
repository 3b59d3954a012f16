from __future__ import annotations

import hashlib
import os
import time

import pytest

from xstilts.errors import DataError
from xstilts.pipeline import fingerprint as module
from xstilts.pipeline.fingerprint import fingerprint, sha256_once
from xstilts.pipeline.store import Store


def old(path):
    """Move a file's time out of the reach of the clock's tick."""
    past = time.time_ns() - 10_000_000_000
    os.utime(path, ns=(past, past))


def forbid_hashing(monkeypatch):
    def read(path):
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(module, "sha256", read)


def test_is_the_sha256_of_the_bytes(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"a,b\n")
    assert fingerprint(path) == "sha256:" + hashlib.sha256(b"a,b\n").hexdigest()
    assert fingerprint(str(path)) == fingerprint(path)


def test_depends_on_the_content_only(tmp_path):
    (tmp_path / "one").write_bytes(b"same")
    (tmp_path / "two").write_bytes(b"same")
    (tmp_path / "three").write_bytes(b"Same")
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two") != fingerprint(tmp_path / "three")


def test_a_second_run_does_not_read_the_file_again(tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_bytes(b"rows")
    old(path)
    first = Store(tmp_path / "store").fingerprint(path)
    forbid_hashing(monkeypatch)
    assert Store(tmp_path / "store").fingerprint(path) == first


def test_a_changed_file_is_read_again(tmp_path):
    store = Store(tmp_path / "store")
    path = tmp_path / "data.csv"
    path.write_bytes(b"rows")
    old(path)
    first = store.fingerprint(path)
    path.write_bytes(b"ROWS")
    second = store.fingerprint(path)
    assert first != second == fingerprint(path)


def test_a_file_that_was_just_written_is_not_trusted_to_its_clock(tmp_path):
    store = Store(tmp_path / "store")
    path = tmp_path / "data.csv"
    path.write_bytes(b"rows")
    status = path.stat()
    first = store.fingerprint(path)
    path.write_bytes(b"ROWS")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # as if within one tick
    assert store.fingerprint(path) != first


def test_a_damaged_cache_is_only_slower(tmp_path):
    store = Store(tmp_path / "store")
    path = tmp_path / "data.csv"
    path.write_bytes(b"rows")
    old(path)
    first = store.fingerprint(path)
    (kept,) = (tmp_path / "store" / "fingerprints").iterdir()
    for text in ("{", "[]", '{"stamp": 1}'):
        kept.write_text(text)
        assert store.fingerprint(path) == first


def test_what_is_no_file_is_the_users_mistake(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        fingerprint(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="not a file"):
        fingerprint(tmp_path)


def test_an_unchanged_file_is_read_once_a_process(tmp_path, monkeypatch):
    path = tmp_path / "weights"
    path.write_bytes(b"1234")
    first = sha256_once(path)
    forbid_hashing(monkeypatch)
    assert sha256_once(path) == first


def test_a_kept_fingerprint_with_another_digit_is_not_trusted(tmp_path, caplog):
    """It would be the key of other results, and nothing would say so."""
    store = Store(tmp_path / "store")
    path = tmp_path / "data.csv"
    path.write_bytes(b"rows")
    old(path)
    first = store.fingerprint(path)
    (kept,) = (tmp_path / "store" / "fingerprints").iterdir()
    text = kept.read_text()
    digits = first.removeprefix("sha256:")
    kept.write_text(text.replace(digits, ("0" if digits[0] != "0" else "1") + digits[1:]))
    assert store.fingerprint(path) == first
    assert "is damaged" in caplog.text
    assert kept.read_text() == text
