"""kill -9 in each of the three phases, and run again: the same numbers, bit for bit, as a run left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import studies

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


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("kill"), EXPERIMENT)


def command(study, store) -> list[str]:
    code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["run", study.file, "--data", study.data, "--store", study.folder / store, "--cores", "1", "--json"]
    return [sys.executable, "-c", code, *map(str, arguments), "--out", str(study.folder / f"{store}-out")]


def finish(study, store) -> dict:
    done = subprocess.run(command(study, store), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kill_in(study, store, node) -> str:
    """Starts the run, kills its whole process group once ``node`` has saved a state; what it said until then."""
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
    return said.read_text()


@pytest.mark.slow
def test_killed_in_every_phase_the_numbers_are_those_of_a_run_left_alone(study):
    built = study.build()
    whole = finish(study, "whole")
    assert whole["nodes"] == {"ran": 9, "cached": 0, "failed": 0, "not_run": 0}
    for phase in PHASES:
        node = next(node for node in built.nodes if node.kind == phase)
        said = kill_in(study, "killed", node)
        assert f"start {node.label}" in said
        folder = study.folder / "killed"
        assert list((folder / "scratch" / node.key).glob("state-*")), "killed before it had saved a state"
        assert not (folder / "entries" / node.key[:2] / node.key / "manifest.json").exists(), "killed too late"
    resumed = finish(study, "killed")
    assert 0 < resumed["nodes"]["cached"] < 9
    assert resumed["results"] == whole["results"]
    for node in built.nodes:
        if node.kind in PHASES:
            weights = [_file(study, store, node, "model.safetensors") for store in ("whole", "killed")]
            assert weights[0] == weights[1], node.label
            records = [json.loads(_file(study, store, node, "training.json")) for store in ("whole", "killed")]
            assert records[0] == records[1]
            assert records[0]["steps"] > 20
            assert bool(records[0].get("dev")) == (node.kind != "masked_lm")  # selection is resumed as well


def _file(study, store, node, name) -> bytes:
    return (study.folder / store / "entries" / node.key[:2] / node.key / name).read_bytes()
