"""What may follow ``--store``, on every command that has it, and from Python."""

from __future__ import annotations

import json
import types

import pytest

import xstilts
import xstilts.runs
from xstilts.cli import main
from xstilts.errors import ConfigError
from xstilts.pipeline.locations import open_store
from xstilts.pipeline.node import Node
from xstilts.pipeline.remote import RemoteStore

COMMANDS = [
    ["run", "quickstart", "--quiet"],
    ["plan", "quickstart"],
    ["store", "ls"],
    ["store", "verify"],
    ["store", "gc"],
]
REFUSED = [
    ("memory://results", "the worker processes that compute the nodes cannot reach a store in this process's memory"),
    ("nonsense://bucket/results", "nonsense://bucket/results: unknown protocol 'nonsense'; known: "),
    ("s3:/bucket/results", "s3:/bucket/results: neither a folder nor a URL (did you mean s3://bucket/results"),
]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XSTILTS_STORE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def bucket(tmp_path) -> str:
    """A store with one result behind a URL; the mirror of whoever wrote it is not this user's."""
    url = f"local://{tmp_path}/bucket"
    with open_store(url, mirror=tmp_path / "mirror").writer(Node(kind="tokenizer", label="tokenizer")) as writer:
        writer.write_json("a.json", 1)
    return url


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize(("location", "words"), REFUSED)
@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_store_that_cannot_be_used_is_one_message(capsys, tmp_path, monkeypatch, command, location, words, how):
    if how == "environment":
        monkeypatch.setenv("XSTILTS_STORE", location)
    assert main([*command, *(["--store", location] if how == "option" else [])]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.startswith("error: ")
    assert len(captured.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_doctor_finds_a_store_that_cannot_be_used(capsys, bucket):
    main(["doctor", "--store", "memory://x", "--json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert any("cannot reach a store in this process's memory" in problem for problem in problems)
    main(["doctor", "--store", bucket, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["store"] == bucket
    assert found["disk_free"] > 0
    assert "store_error" not in found


def test_ls_verify_and_gc_behind_a_url(capsys, tmp_path, bucket):
    assert main(["store", "ls", "--store", bucket, "--json"]) == 0
    assert [row["label"] for row in json.loads(capsys.readouterr().out)] == ["tokenizer"]
    assert main(["store", "verify", "--store", bucket, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 1, "damaged": []}
    (file,) = (tmp_path / "bucket").rglob("a.json")
    file.write_text("2\n")
    assert main(["store", "verify", "--store", bucket]) == 1
    assert "a.json is damaged" in capsys.readouterr().out
    assert main(["store", "gc", "--all", "--store", bucket]) == 0
    assert capsys.readouterr().out.startswith("removed 1 entries")
    assert not [path for path in (tmp_path / "bucket").rglob("*") if path.is_file()]


def test_a_file_url_is_a_folder(capsys, tmp_path, monkeypatch):
    with open_store(tmp_path / "here").writer(Node(kind="tokenizer", label="tokenizer")) as writer:
        writer.write_json("a.json", 1)
    monkeypatch.setenv("XSTILTS_STORE", f"file://{tmp_path}/here")
    assert main(["store", "ls", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    assert main(["store", "ls", "--store", f"file://{tmp_path}/nowhere"]) == 2
    assert f"{tmp_path}/nowhere: there is no store here" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_run_is_handed_the_store(tmp_path, monkeypatch, how):
    url, calls = f"local://{tmp_path}/bucket", []

    def run(experiment, **options):
        calls.append(options["store"])
        raise ConfigError("far enough")

    monkeypatch.setattr(xstilts.runs, "running", types.SimpleNamespace(run=run), raising=False)
    if how == "environment":
        monkeypatch.setenv("XSTILTS_STORE", url)
    assert main(["run", "quickstart", *(["--store", url] if how == "option" else [])]) == 2
    assert isinstance(calls[0], RemoteStore)
    assert calls[0].location == url


def test_python_takes_locations_too(tmp_path, monkeypatch):
    experiment = xstilts.load_experiment("quickstart")
    with pytest.raises(ConfigError, match="cannot reach a store in this process's memory"):
        experiment.run(store="memory://x")
    monkeypatch.setenv("XSTILTS_STORE", "memory://x")
    with pytest.raises(ConfigError, match="cannot reach a store in this process's memory"):
        xstilts.run(experiment)
