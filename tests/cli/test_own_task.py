"""The command line on two whole small studies of a user's own files: nothing put in by hand, everything offline."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path

import pytest

from xstilts.cli import main

DATA = Path(__file__).resolve().parents[2] / "examples" / "own-task"
CODES = ("en", "de", "es", "fr", "ru")


def called(capfd, *arguments) -> tuple[int, str, str]:
    code = main(list(map(str, arguments)))
    captured = capfd.readouterr()
    return code, captured.out, captured.err


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
def test_plan_run_run_again_report_and_clean(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XSTILTS_STORE", raising=False)
    study = [DATA / "from-scratch.yaml", "--set", "seeds=[11]"]

    code, out, _ = called(capfd, "plan", *study, "--json")
    planned = json.loads(out)
    assert code == 0
    assert planned["totals"]["cached"] == 0
    kinds = [row["kind"] for row in planned["nodes"]]
    assert kinds.count("tokenizer") == kinds.count("masked_lm") == kinds.count("single_task") == 1
    assert kinds.count("fine_tuning") == 2
    assert kinds.count("zero_shot") == 10

    code, out, err = called(capfd, "run", *study, "--json")
    first = json.loads(out)
    assert code == 0, err
    assert first["nodes"] == {"ran": len(kinds), "cached": 0, "failed": 0, "not_run": 0}
    assert {row["language"] for row in first["results"]} == {
        f"{code}" for code in ("eng-Latn", "deu-Latn", "spa-Latn", "fra-Latn", "rus-Cyrl")
    }
    assert all(0 <= row["mean"] <= 1 for row in first["results"])

    code, out, _ = called(capfd, "run", *study, "--json", "--quiet")
    again = json.loads(out)
    assert code == 0
    assert again["nodes"] == {"ran": 0, "cached": len(kinds), "failed": 0, "not_run": 0}
    assert again["results"] == first["results"]

    code, out, _ = called(capfd, "report", "from-scratch", "--json")
    assert code == 0
    assert json.loads(out) == {"run": "from-scratch", "results": first["results"]}
    for form in ("md", "html", "csv"):
        code, out, _ = called(capfd, "report", "from-scratch", "--format", form)
        assert code == 0
        assert "mood" in out

    code, out, _ = called(capfd, "store", "gc", "--keep", "from-scratch")
    assert code == 0
    code, out, _ = called(capfd, "plan", *study, "--json")
    assert json.loads(out)["totals"]["cached"] == len(kinds)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(results: list[dict], arm: str) -> dict[str, float]:
    """The score of each language."""
    return {row["language"]: row["mean"] for row in results if row["arm"] == arm}


@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
def test_the_files_are_what_the_script_writes(tmp_path):
    runpy.run_path(str(DATA / "make.py"))["write_all"](tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) == 3 + 3 * len(CODES)
    for path in written:
        assert (DATA / path).read_bytes() == (tmp_path / path).read_bytes(), path


@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
def test_no_sentence_of_the_test_set_is_trained_on():
    tests = {code: rows(f"mood-test-{code}.csv") for code in CODES}
    assert len({tuple(row["label"] for row in test) for test in tests.values()}) == 1, (
        "row i is one sentence everywhere"
    )
    assert all([row["label"] for row in test].count("glad") == len(test) / 2 == 30 for test in tests.values())
    seen = {row["text"] for name in ("mood-train.csv", "mood-dev.csv") for row in rows(name)}
    seen |= {row["first"] for row in rows("retold-train.csv")}
    for code, test in tests.items():
        plain = (DATA / "text" / f"{code}.txt", DATA / "parallel" / f"own.{code}.txt")
        lines = {line for path in plain for line in path.read_text(encoding="utf-8").splitlines()}
        assert not {row["text"] for row in test} & (seen | lines)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
@pytest.mark.usefixtures("at_once")
def test_the_example_learns(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XSTILTS_STORE", raising=False)
    code, out, err = called(capfd, "run", DATA / "mood.yaml", "--set", "seeds=[11]", "--json")
    assert code == 0, err
    assert json.loads(out)["degenerate"] == [], "both trainings of the arm and the baseline's are healthy"
    results = json.loads(out)["results"]
    for arm in ("none", "retold"):
        score = scores(results, arm)
        assert len(score) == len(CODES)
        assert score["eng-Latn"] > 0.8, "chance is 0.5"
        others = [value for language, value in score.items() if language != "eng-Latn"]
        assert any(value != 0.5 for value in others), "a model that always gives one answer scores 0.5 everywhere"
        assert len(set(others)) > 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "targets.0.task.columns.first=txt"], "txt"),
        (["--set", "targets.0.task.labels=[glad, gloomy]"], "label 'sad' is not one of glad, gloomy"),
        (["--set", "pretraining.text=nowhere"], "nowhere"),
        (["--set", "intermediate.0.task.files=../../pyproject.toml"], "escapes"),
        (["--set", "model=./nowhere"], "nowhere"),
    ],
)
@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
def test_mistakes_in_data_are_found_before_training(capfd, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = called(capfd, "run", DATA / "from-scratch.yaml", *arguments, "--json")
    assert code == 2
    assert out == ""
    assert words in err
    assert "Traceback" not in err
