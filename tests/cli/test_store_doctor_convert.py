"""The commands for the store, the machine, data and checkpoints."""

from __future__ import annotations

import json
import sys
import types

import pytest

from xstilts.cli import doctor, main
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """A store with a chain of two results and a third that stands alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XSTILTS_STORE", raising=False)
    store = Store(tmp_path / ".xstilts/store")
    first = Node(kind="tokenizer", label="tokenizer")
    second = Node(kind="masked_lm", parents={"tokenizer": first}, label="pretraining")
    third = Node(kind="other", label="other")
    for node in (first, second, third):
        with store.writer(node) as writer:
            writer.write_json("a.json", {"kind": node.kind})
    return types.SimpleNamespace(store=store, first=first, second=second, third=third)


def test_store_ls(filled, capsys):
    assert main(["store", "ls", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["label"] for row in rows} == {"tokenizer", "pretraining", "other"}
    assert set(rows[0]) == {"key", "kind", "label", "created", "bytes"}
    assert main(["store", "ls"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 4
    assert captured.err.startswith("3 entries, ")


def test_store_verify_finds_a_flipped_byte(filled, capsys):
    assert main(["store", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 3, "damaged": []}
    file = filled.store.directory(filled.third.key) / "a.json"
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)
    assert main(["store", "verify"]) == 1
    assert "a.json is damaged" in capsys.readouterr().out


def test_store_gc_keeps_results_unless_told(filled, capsys):
    assert main(["store", "gc"]) == 0
    assert capsys.readouterr().out == "removed 0 entries, 0 B\n"
    assert len(list(filled.store.ls())) == 3


def test_store_gc_keeps_what_a_run_was_made_from(filled, capsys, tmp_path):
    record = tmp_path / "out" / "run.json"
    record.parent.mkdir()
    record.write_text(json.dumps({"cells": [{"nodes": [filled.second.key]}]}))
    assert main(["store", "gc", "--keep", "out", "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["entries"], shown["dry_run"]) == (1, True)
    assert main(["store", "gc", "--keep", "out"]) == 0
    assert {manifest["key"] for manifest in filled.store.ls()} == {filled.first.key, filled.second.key}


def test_store_gc_all(filled):
    assert main(["store", "gc", "--all"]) == 0
    assert not list(filled.store.ls())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gc", "--keep", "nowhere"], "no such run"),
        (["gc", "--keep", "x", "--all"], "exclude each other"),
        (["ls", "--store", "nowhere"], "there is no store here"),
        (["verify", "--store", "nowhere"], "there is no store here"),
    ],
)
def test_store_refuses(filled, capsys, arguments, words):
    assert main(["store", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_doctor(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == []
    assert found["cores"] >= 1
    assert found["packages"]["torch"] == found["torch"]
    assert found["bf16"] in ("native", "emulated", "unknown")
    assert not list(tmp_path.iterdir())
    assert main(["doctor"]) == 0
    assert "packages:" in capsys.readouterr().out


def test_doctor_says_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_packages", lambda: {"numpy": "2", "polars": None})
    assert main(["doctor"]) == 1
    assert "problem: package polars is missing" in capsys.readouterr().out


def test_a_broken_torch_is_a_finding(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    main(["doctor"])
    assert "problem: torch cannot be imported" in capsys.readouterr().out


@pytest.fixture
def data(tmp_path):
    """A data folder with an English XNLI dev set of two rows."""
    folder = tmp_path / "data" / "xnli"
    folder.mkdir(parents=True)
    (folder / "dev-en.tsv").write_text("A dog runs.\tIt moves.\tentailment\nA dog runs.\tIt sleeps.\tcontradiction\n")
    return folder.parent


def test_data_check(capsys, data):
    assert main(["data", "check", "xnli", "udpos", "--data", str(data), "--json"]) == 0
    captured = capsys.readouterr()
    (row,) = json.loads(captured.out)
    assert (row["task"], row["split"], row["language"], row["count"]) == ("xnli", "dev", "eng-Latn", 2)
    assert (row["published"], row["status"]) == (2490, "differs")
    assert captured.err.startswith("no files of udpos below ")
    assert main(["data", "check", "--data", str(data)]) == 0
    assert "eng-Latn" in capsys.readouterr().out


def test_data_check_says_what_keeps_a_task_from_being_read(capsys, tmp_path):
    (tmp_path / "anli_v1.0" / "R1").mkdir(parents=True)
    (tmp_path / "anli_v1.0" / "R1" / "train.jsonl").write_text("{}\n")
    assert main(["data", "check", "anli", "anli_plus", "--data", str(tmp_path)]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "no files of anli, anli_plus below" in told
    assert "anli: anli_v1.0/R1/train.jsonl: not read without anli_v1.0/R2/train.jsonl and" in told


def test_data_check_names_file_and_line(capsys, data):
    with (data / "xnli/dev-en.tsv").open("a") as file:
        file.write("A dog runs.\tIt barks.\tperhaps\n")
    assert main(["data", "check", "xnli", "--data", str(data)]) == 2
    shown = capsys.readouterr().err
    assert "dev-en.tsv:3" in shown
    assert "'perhaps'" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["xnil", "--data", "."], "did you mean 'xnli'?"),
        ([], "--data DIR"),
        (["--data", "nowhere"], "nowhere does not exist"),
    ],
)
def test_data_check_refuses(capsys, arguments, words):
    assert main(["data", "check", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_convert(capsys, tmp_path):
    torch = pytest.importorskip("torch")
    source = tmp_path / "source"
    source.mkdir()
    torch.save({"a": torch.zeros(2)}, source / "pytorch_model.bin")
    (source / "config.json").write_text("{}")
    target = tmp_path / "target"
    assert main(["convert", str(source), str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["directory"] == str(target)
    assert (target / "model.safetensors").exists()
    assert main(["convert", str(tmp_path / "nowhere"), str(tmp_path / "t")]) == 2
    assert "no such directory" in capsys.readouterr().err
