"""A model directory that cannot be used ends plan and run at once; one of any family is trained and evaluated."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
import model_directories as directories

from xstilts.cli import main
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.running import run

EXPERIMENT = """\
name: directory
model: ./m
targets:
  - name: colours
    task: {files: [rows.csv], kind: single_classification, test: {en: rows.csv}}
seeds: [1]
recipe: {batch_size: 4, epochs: 1, precision: fp32}
"""
ROWS = "text,label\n" + "".join(
    f"{text} {number},{label}\n"
    for number in range(4)
    for text, label in (("the blue harbour", "cold"), ("a warm river", "warm"), ("Der Zug nach Norden", "cold"))
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "directory.yaml").write_text(EXPERIMENT, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def beyond(folder: Path) -> None:
    directories.put(folder / "added_tokens.json", {"<new>": 17})


def pointer(folder: Path) -> None:
    (folder / "vocab.txt").write_text(directories.POINTER, encoding="utf-8")


def unpadded(folder: Path) -> None:
    directories.put(folder / "tokenizer_config.json", {**directories.SETTINGS, "pad_token": None})


def code(folder: Path) -> None:
    directories.put(
        folder / "config.json", {**directories.CONFIG, "model_type": "own", "auto_map": {"AutoModel": "a.B"}}
    )
    (folder / "a.py").write_text("raise SystemExit(7)\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (beyond, "the embedding has 17 rows"),
        (pointer, "a Git LFS pointer"),
        (unpadded, "no padding token"),
        (code, "code that a checkpoint brings is never run"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_mistakes_are_found_first(place, command, spoil, said, capsys):
    spoil(directories.write(place / "m"))
    assert main([command, "directory.yaml", "--store", "store"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (place / "store" / "entries").exists(), "nothing was computed"


def test_a_plan_says_how_text_is_read_and_cut(place, capsys):
    directories.write(place / "m", settings=None)
    assert main(["plan", "directory.yaml", "--store", "store", "--quick"]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "vocab.txt: 4 of its 12 pieces have capitals" in told
    assert "./m takes in 32 tokens: max_length is 32 instead of 128" in told
    assert main(["plan", "directory.yaml", "--store", "store", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["notes"]) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("family", ["DistilBert", "Deberta", "Llama"])
@pytest.mark.usefixtures("at_once")
def test_a_directory_of_any_family_runs(place, family):
    """Twelve rows, of which every capital is unknown to the tokenizer: that is said as well."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contracts"))
    from test_every_checkpoint_family import save

    save(family, place / "m")
    (place / "rows.csv").write_text(ROWS.replace("blue harbour", "BLUE QUAY"), encoding="utf-8")
    done = run(load_experiment(Path("directory.yaml"), ()), store=Store(place / "store"), out=place / "out", cores=1)
    assert not done.outcome.failed
    told = [text for text in done.info.all_warnings if "unknown to the tokenizer" in text]
    assert any("(train, eng-Latn)" in text for text in told)
    assert any("(test, eng-Latn)" in text for text in told)
