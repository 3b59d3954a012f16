"""A tiny Qwen3 through both phases with LoRA: every kind of task; killed -9 and run again, the same numbers."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from once import share_microworld

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
pytest.importorskip("peft")

EXPERIMENT = """\
name: decoded
model: decoder
intermediate:
  - {name: nli, task: micro_nli}
targets: [micro_paraphrase, micro_pos, micro_qa, micro_copa]
languages: [eng-Latn, deu-Latn]
seeds: [1]
recipe: {learning_rate: 1.0e-2, batch_size: 4, epochs: 2, max_length: 96, selection: {every: 1}}
budget: {max_train_examples: 12, max_eval_examples: 4}
"""
MICROWORLD = ("micro_nli", "micro_paraphrase", "micro_pos", "micro_qa", "micro_copa")
CODE = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    from test_decoder_heads import directory

    folder = tmp_path_factory.mktemp("decoded")
    (folder / "decoded.yaml").write_text(EXPERIMENT, encoding="utf-8")
    directory(folder / "decoder")
    for store in ("whole", "killed"):
        share_microworld(folder / store, *MICROWORLD)
    return folder


def command(study, store) -> list[str]:
    options = ["--store", store, "--out", f"{store}-out", "--cores", "1", "--json"]
    return [sys.executable, "-c", CODE, "run", "decoded.yaml", *options]


def finish(study, store) -> dict:
    ended = subprocess.run(command(study, store), capture_output=True, text=True, check=False, cwd=study)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def kill(study, store) -> None:
    """Ends the run and its worker once a training has saved a state."""
    run = subprocess.Popen(
        command(study, store),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=study,
        env={**os.environ, "XSTILTS_CHECKPOINT_SECONDS": "0"},
    )
    end = time.monotonic() + 300
    while not list((study / store / "scratch").glob("*/state-*")) and time.monotonic() < end and run.poll() is None:
        time.sleep(0.005)
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_every_cell_is_filled_and_a_killed_run_ends_in_the_same_numbers(study):
    whole = finish(study, "whole")
    assert whole["nodes"]["failed"] == whole["nodes"]["not_run"] == 0
    with (study / "whole-out/report.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row for row in csv.DictReader(stream) if row["row"] == "cell"]
    assert {row["status"] for row in cells} == {"ok"}
    assert {row["arm"] for row in cells} == {"none", "nli"}
    assert len({row["target"] for row in cells}) == 4

    kill(study, "killed")
    assert list((study / "killed" / "scratch").glob("*/state-*")), "killed before it had saved a state"
    resumed = finish(study, "killed")
    assert resumed["results"] == whole["results"]
    weights = [{file.parent.name: file.read_bytes() for file in found(study, store)} for store in ("whole", "killed")]
    assert weights[0] == weights[1]
    base = (study / "decoder/model.safetensors").read_bytes()
    assert len({base, *weights[0].values()}) == 1 + len(weights[0]) == 10, "each training moved the weights"


def found(study, store) -> list[Path]:
    return sorted((study / store / "entries").glob("*/*/model.safetensors"))
