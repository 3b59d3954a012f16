"""kill -9 in each of the three phases, and run again: the same numbers, bit for bit, as a run left alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import studies
from damaging import flip_unseen

EXPERIMENT = """\
name: killed
model: scratch:tiny
pretraining:
  {text: text/mono, parallel: text/parallel, max_tokens: 12000, recipe: {max_length: 64, batch_tokens: 256}}
intermediate:
  - name: nli
    task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}
targets: [xnli]
languages: [en, de]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 2, epochs: 4, max_length: 64, selection: {every: 1.5}}
budget: {max_eval_examples: 6}
"""
PHASES = ("masked_lm", "single_task", "fine_tuning")
BASELINE = "intermediate=[]"
"""Without the arm; all other nodes are the same."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("kill"), EXPERIMENT)


def command(study, store) -> list[str]:
    code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["run", study.file, "--data", study.data, "--store", study.folder / store, "--cores", "1", "--json"]
    return [sys.executable, "-c", code, *map(str, arguments), "--out", str(study.folder / f"{store}-out")]


@pytest.fixture(scope="module")
def early(study):
    """A store whose run was killed in its first training; nobody may change it."""
    kill_in(study, "early", node_of(study, "masked_lm"))
    return study.folder / "early"


@pytest.fixture(scope="module")
def whole(study) -> dict:
    """What a run says that is left alone."""
    return finish(study, "whole")[0]


def node_of(study, kind):
    return next(node for node in study.build().nodes if node.kind == kind)


def finish(study, store, *more) -> tuple[dict, str]:
    done = subprocess.run([*command(study, store), *more], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def kill_in(study, store, node) -> None:
    """Starts the run, kills its whole process group once ``node`` has saved a state."""
    said = study.folder / f"{store}-{node.kind}.txt"
    saved = study.folder / store / "scratch" / node.key
    with said.open("wb") as stderr:
        run = subprocess.Popen(
            command(study, store),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env={**os.environ, "XSTILTS_CHECKPOINT_SECONDS": "0"},
        )
        end = time.monotonic() + 60
        while not list(saved.glob("state-*")) and time.monotonic() < end and run.poll() is None:
            time.sleep(0.005)
        os.killpg(run.pid, signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    assert f"start {node.label}" in said.read_text()
    assert list(saved.glob("state-*")), "killed before it had saved a state"
    assert not _path(study, store, node, "manifest.json").exists(), "killed too late"


@pytest.mark.slow
def test_killed_in_every_phase_the_numbers_are_those_of_a_run_left_alone(study, whole, early):
    assert whole["nodes"] == {"ran": 9, "cached": 0, "failed": 0, "not_run": 0}
    shutil.copytree(early, study.folder / "killed")
    for phase in PHASES[1:]:
        kill_in(study, "killed", node_of(study, phase))
    resumed, _ = finish(study, "killed")
    assert 0 < resumed["nodes"]["cached"] < 9
    assert resumed["results"] == whole["results"]
    assert_same(study, "killed", study.build().nodes)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["state-*/model.safetensors", "state-*/optimizer.safetensors", "rows.arrow"])
def test_what_a_killed_run_left_is_read_with_its_checksum(study, whole, early, file):
    """One bit of the saved state is changed, or of the rows beside it: the same bytes below, and a warning."""
    store = f"damaged-{file.rpartition('/')[2]}"
    shutil.copytree(early, study.folder / store)
    (damaged,) = (study.folder / store / "scratch" / node_of(study, "masked_lm").key).glob(file)
    flip_unseen(damaged)
    resumed, said = finish(study, store, "--set", BASELINE)
    assert [line for line in said.splitlines() if line.startswith("warning:") and f"{damaged.name} is damaged" in line]
    report = (study.folder / f"{store}-out" / "report.md").read_text(encoding="utf-8")
    assert f"{damaged.name} is damaged" in report
    means = [
        {(row["language"], row["mean"]) for row in run["results"] if row["arm"] == "none"} for run in (resumed, whole)
    ]
    assert means[0] == means[1]
    assert len(means[0]) == len(resumed["results"]) == 2
    assert_same(study, store, study.build(BASELINE).nodes)


def assert_same(study, store, nodes) -> None:
    """The weights are those of the run that was left alone."""
    for node in nodes:
        if node.kind in PHASES:
            weights = [_file(study, name, node, "model.safetensors") for name in ("whole", store)]
            assert weights[0] == weights[1], node.label
            records = [json.loads(_file(study, name, node, "training.json")) for name in ("whole", store)]
            assert records[0] == records[1]
            assert records[0]["steps"] > 20
            assert bool(records[0].get("dev")) == (node.kind != "masked_lm")  # selection is resumed as well


def _file(study, store, node, name) -> bytes:
    return _path(study, store, node, name).read_bytes()


def _path(study, store, node, name) -> Path:
    return study.folder / store / "entries" / node.key[:2] / node.key / name
