"""The command line on a whole small study: nothing put in by hand, everything offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xstilts.cli import main

DATA = Path(__file__).resolve().parents[2] / "examples" / "own-task"


def called(capfd, *arguments) -> tuple[int, str, str]:
    code = main(list(map(str, arguments)))
    captured = capfd.readouterr()
    return code, captured.out, captured.err


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="examples/own-task is not here")
def test_plan_run_run_again_report_and_clean(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XSTILTS_STORE", raising=False)
    study = [DATA / "mood.yaml", "--set", "seeds=[11]"]

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

    code, out, _ = called(capfd, "report", "mood", "--json")
    assert code == 0
    assert json.loads(out) == {"run": "mood", "results": first["results"]}
    for form in ("md", "html", "csv"):
        code, out, _ = called(capfd, "report", "mood", "--format", form)
        assert code == 0
        assert "mood" in out

    code, out, _ = called(capfd, "store", "gc", "--keep", "mood")
    assert code == 0
    code, out, _ = called(capfd, "plan", *study, "--json")
    assert json.loads(out)["totals"]["cached"] == len(kinds)


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
    code, out, err = called(capfd, "run", DATA / "mood.yaml", *arguments, "--json")
    assert code == 2
    assert out == ""
    assert words in err
    assert "Traceback" not in err
