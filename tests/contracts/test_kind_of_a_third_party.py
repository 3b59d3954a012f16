"""A kind of task is one file and one head: a package installed beside ours brings one, with examples of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parents[1] / "plugin_kind"
DISHES = ("soup", "bread", "rice", "cake", "fish", "tea")
EXPERIMENT = """\
name: stars
model: scratch:tiny
intermediate:
  - {name: rated, task: {kind: stars, files: [train.csv]}}
targets:
  - {name: mine, task: {kind: stars, files: [train.csv], test: {eng-Latn: [test.csv], deu-Latn: [test.csv]}}}
seeds: [1]
recipe: {epochs: 6, learning_rate: 5e-3, batch_size: 8}
"""


def python(folder: Path, code: str) -> subprocess.CompletedProcess:
    paths = os.pathsep.join([str(PLUGIN), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def called(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return python(folder, f"import sys; from xstilts.cli import main; sys.exit(main({list(arguments)!r}))")


def table(file: Path, count: int, *, seed: int) -> None:
    """Every 'very' is a star, every 'rather' half of one."""
    draw, lines = random.Random(seed), ["review,rating"]
    for _ in range(count):
        words = [draw.choice(("very", "rather", "not")) for _ in range(draw.randint(1, 5))]
        stars = words.count("very") + words.count("rather") / 2
        lines.append(f"The {draw.choice(DISHES)} was {' '.join(words)} good,{stars}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("stars")
    table(path / "train.csv", 192, seed=1)
    table(path / "test.csv", 60, seed=2)
    (path / "stars.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(folder) -> dict:
    done = called(folder, "run", "stars.yaml", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_planned_and_priced_without_torch(folder):
    done = python(
        folder,
        "import sys; from xstilts.cli import main; code = main(['plan', 'stars.yaml', '--json']); "
        "assert 'torch' not in sys.modules; sys.exit(code)",
    )
    assert done.returncode == 0, done.stderr
    nodes = json.loads(done.stdout)["nodes"]
    assert {"single_task", "fine_tuning", "zero_shot"} <= {node["kind"] for node in nodes}
    assert all(node["tokens"] > 0 for node in nodes if node["kind"] != "tokenizer")


@pytest.mark.slow
def test_it_runs_from_its_files_to_its_scores(ran):
    assert ran["nodes"]["failed"] == 0
    rows = {(row["arm"], row["language"]): row["mean"] for row in ran["results"]}
    assert set(rows) == {(arm, language) for arm in ("none", "rated") for language in ("eng-Latn", "deu-Latn")}
    assert all(mean > 0.4 for mean in rows.values()), "of six classes of stars, the largest holds a third of the rows"


@pytest.mark.slow
def test_a_second_run_finds_all_of_it(folder, ran):
    again = called(folder, "run", "stars.yaml", "--json", "--quiet")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["nodes"]["ran"] == 0


def test_its_mistakes_are_its_users_to_mend(folder):
    (folder / "bad.csv").write_text("review,rating\nThe soup was good,five\n", encoding="utf-8")
    settings = ("intermediate.0.task.files=bad.csv", "intermediate.0.task.kind=star")
    runs = [["run", "stars.yaml", "--set", setting, "--json"] for setting in settings]
    done = python(
        folder, f"import sys; from xstilts.cli import main; sys.exit([main(run) for run in {runs!r}] != [2, 2])"
    )
    assert done.returncode == 0, done.stderr
    assert "'five' is not a number of stars" in done.stderr
    assert "did you mean 'stars'?" in done.stderr
