"""``xstilts run`` and ``report`` as people and scripts see them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import studies

FIELDS = {
    *("arm", "target", "language", "metric", "unit", "seeds", "mean", "low", "high"),
    *("gain", "gain_low", "gain_high"),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study that has run, with a store of its own."""
    copied = studies.copy_of(studies.finished()[0], tmp_path_factory.mktemp("command") / "copy")
    copied.run()
    return copied


def xstilts(study, *arguments):
    code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=study.folder,
    )


def run(study, *more):
    return xstilts(study, "run", "study.yaml", "--data", "data", "--store", "store", "--out", "o", "--cores", 1, *more)


def test_json_is_one_object_of_the_contract(study):
    done = run(study, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"run", "nodes", "results", "degenerate"}
    assert found["degenerate"] == []
    assert found["run"] == "small"
    assert found["nodes"] == {"ran": 0, "cached": 118, "failed": 0, "not_run": 0}
    assert len(found["results"]) == len({(r["arm"], r["target"], r["language"], r["metric"]) for r in found["results"]})
    assert all(row.keys() >= FIELDS for row in found["results"])
    assert all(row["unit"] == "fraction" for row in found["results"])
    assert "118 nodes: 118 cached, 0 to run" in done.stderr


@pytest.mark.slow
def test_the_matrix_is_printed_and_written(study):
    done = run(study, "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    for word in ("none", "multi", "xnli", "tatoeba", "118 cached", "report.md"):
        assert word in done.stdout
    names = {file.name for file in (study.folder / "o").iterdir()}
    assert {"report.md", "report.html", "report.csv", "run.json"} <= names


@pytest.mark.slow
def test_report_says_the_same(study):
    found = json.loads(run(study, "--json").stdout)["results"]
    again = json.loads(xstilts(study, "report", "o", "--json").stdout)
    assert again["results"] == found
    assert xstilts(study, "report", "o", "--format", "csv").stdout.count("\n") > len(found)
