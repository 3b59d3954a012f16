"""What score and submit print, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import leaderboards
import xstilts.runs.submitting
from xstilts.cli import main
from xstilts.leaderboard import benchmarks, deviations
from xstilts.runs.submitting import NO_TARGET, Submission


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folders = {name: tmp_path_factory.mktemp("whole") for name in benchmarks.BENCHMARKS}
    return {name: leaderboards.write(folder, name, rows=3) for name, folder in folders.items()}


def arguments(folders, benchmark):
    return ["score", "--predictions", str(folders[0]), "--labels", str(folders[1]), "--benchmark", benchmark]


@pytest.mark.parametrize("benchmark", ["xtreme", "xtreme-r"])
def test_score_as_json(whole, capsys, benchmark):
    assert main([*arguments(whole[benchmark], benchmark), "--json"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["benchmark"], found["unit"]) == (benchmark, "per cent")
    assert set(found["tasks"]) == set(benchmarks.find(benchmark).folders)
    scores = [task["score"] for task in found["tasks"].values()]
    assert found["overall"]["score"] == pytest.approx(sum(scores) / len(scores))
    assert found["tasks"]["udpos"]["averages"].keys() == {"f1", "precision", "recall", "token_accuracy"}
    assert "deviations" not in found
    assert all(line.startswith("warning: ") for line in captured.err.splitlines())


def test_score_as_tables(whole, capsys):
    assert main(arguments(whole["xtreme-r"], "xtreme-r")) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert lines[0] == "XTREME-R, per cent"
    (row,) = (line for line in lines if line.startswith("udpos") and "of" in line)
    assert "38 of 38" in row
    assert "token_accuracy" in row
    (total,) = (line for line in lines if line.startswith("all tasks"))
    assert 0 < float(total.split()[-1]) < 100
    assert "retrieval with lareqa" in shown
    assert any(line.startswith("uk ") for line in lines)


def test_a_total_that_is_none_is_a_dash_with_its_reason(whole, capsys, tmp_path):
    for side, folder in zip(("p", "l"), whole["xtreme"], strict=True):
        (tmp_path / side).mkdir()
        (tmp_path / side / "xnli").symlink_to(folder / "xnli")
    assert main(arguments((tmp_path / "p", tmp_path / "l"), "xtreme")) == 0
    captured = capsys.readouterr()
    (total,) = (line for line in captured.out.splitlines() if line.startswith("all tasks"))
    assert total.split()[-1] == "–"
    assert f"note: mlqa has no score: {tmp_path / 'p'}/mlqa does not exist" in captured.err
    assert "note: no total: no score of pawsx, panx" in captured.err
    assert main([*arguments((tmp_path / "p", tmp_path / "l"), "xtreme"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["overall"]["score"] is None
    assert found["tasks"]["xnli"]["score"] is not None
    assert found["tasks"]["mlqa"] == {
        "averages": {},
        "languages": {},
        "examples": {},
        "extra": {},
        "absent": [],
        "score": None,
        "official": ["exact_match", "f1"],
        "reason": f"{tmp_path / 'p'}/mlqa does not exist",
    }


@pytest.mark.parametrize("benchmark", ["xtreme", "xtreme-r"])
def test_explain_lists_every_deviation(whole, capsys, benchmark):
    assert main([*arguments(whole[benchmark], benchmark), "--explain"]) == 0
    shown = capsys.readouterr().out
    listed = deviations.of(benchmark)
    assert all(one.upstream in shown and one.here in shown for one in listed)
    assert ("cannot give an XTREME-R total" in shown) == (benchmark == "xtreme-r")
    assert main([*arguments(whole[benchmark], benchmark), "--explain", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["deviations"]) == len(listed)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--predictions", "p", "--labels", "p"], "--benchmark"),
        (["--labels", "p", "--benchmark", "xtreme"], "--predictions"),
        (["--predictions", "p", "--labels", "p", "--benchmark", "xtrem"], "did you mean 'xtreme'?"),
        (
            ["--predictions", "q", "--labels", "p", "--benchmark", "xtreme"],
            "--predictions: the folder q does not exist",
        ),
        (
            ["--predictions", "p", "--labels", "p", "--benchmark", "xtreme"],
            "p holds no task of XTREME; it holds nothing",
        ),
    ],
)
def test_score_refuses(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    Path("p").mkdir()
    assert main(["score", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_a_file_that_cannot_be_scored_ends_in_one_message(whole, capsys, tmp_path):
    for side, folder in zip(("p", "l"), whole["xtreme"], strict=True):
        (tmp_path / side / "bucc2018").mkdir(parents=True)
        for file in (folder / "bucc2018").iterdir():
            (tmp_path / side / "bucc2018" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "p/bucc2018/test-zh.tsv").write_text("zh-1\n")
    assert main(arguments((tmp_path / "p", tmp_path / "l"), "xtreme")) == 2
    captured = capsys.readouterr()
    place = tmp_path / "p/bucc2018/test-zh.tsv"
    assert captured.err == f"error: {place}:1: 1 columns; two ids with a tab between them are expected\n"
    assert captured.out == ""


@pytest.fixture
def submitted(monkeypatch):
    """A submission that notes how it was asked for."""
    calls = []

    def submit(run, directory, **options):
        calls.append((run, directory, options))
        files = {"de": {"examples": 1500}, "sw": {"examples": 500}}
        return Submission(
            directory=directory,
            labels=options["labels"],
            benchmark="xtreme",
            run=run,
            arm="nli",
            seed=None,
            tasks={"xnli": files},
            missing={"mlqa": NO_TARGET, "xnli": "not in the run: ur", "xquad": NO_TARGET},
            notes=("only a sample",),
        )

    monkeypatch.setattr(xstilts.runs.submitting, "submit", submit)
    return calls


def test_submit_says_what_it_wrote(submitted, capsys):
    assert main(["submit", "r", "d", "--arm", "nli", "--seed", "7", "--benchmark", "xtreme", "--labels", "l"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "xtreme: r, arm nli, no seed"
    assert lines[2].split() == ["xnli", "2", "2,000"]
    assert lines[3:] == ["d", "l"]
    assert captured.err == (
        "note: only a sample\nnote: xnli: not in the run: ur\n"
        "note: not a target of the run, so not in the folder: mlqa, xquad\n"
    )
    options = {"arm": "nli", "seed": 7, "benchmark": "xtreme", "labels": Path("l"), "data": None}
    assert submitted == [("r", Path("d"), options)]


def test_submit_as_json(submitted, capsys):
    assert main(["submit", "r", "d", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["directory"], found["arm"], found["tasks"]["xnli"]["sw"]) == ("d", "nli", {"examples": 500})


def test_submit_refuses(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["submit", "no-such", "d"]) == 2
    assert "unknown run 'no-such'" in capsys.readouterr().err
    Path("f").write_text("")
    assert main(["submit", "no-such", "f"]) == 2
    assert "DIR: f is a file" in capsys.readouterr().err
