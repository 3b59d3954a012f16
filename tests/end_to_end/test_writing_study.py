"""A tiny mT5 through all three phases on the microworld: every kind of task, two arms, one of them a mixture."""

from __future__ import annotations

import csv
import json

import pytest

from once import share_microworld
from xstilts.cli import main

TARGETS = (
    *("micro_paraphrase", "micro_ner", "micro_pos", "micro_qa", "micro_copa"),
    *("micro_tatoeba", "micro_lareqa", "micro_bucc"),
)
EXPERIMENT = f"""\
name: written
model: scratch_text_to_text:tiny
intermediate:
  - {{name: nli, task: micro_nli}}
  - {{name: multi, method: multi_task, tasks: [nli, micro_qa]}}
targets: [{", ".join(TARGETS)}]
languages: [eng-Latn, deu-Latn]
seeds: [1]
recipe: {{batch_size: 8, epochs: 1, max_steps: 2, precision: fp32, max_length: 128}}
budget: {{max_train_examples: 16, max_eval_examples: 4}}
"""


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_every_cell_is_filled(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    share_microworld(tmp_path / "store", "micro_nli", *TARGETS)
    (tmp_path / "written.yaml").write_text(EXPERIMENT, encoding="utf-8")
    code = main(["run", "written.yaml", "--store", "store", "--out", "out", "--cores", "1", "--json"])
    assert code == 0, capfd.readouterr().err
    with (tmp_path / "out/report.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row for row in csv.DictReader(stream) if row["row"] == "cell"]
    # precision has no value where a model that was hardly trained marks no name at all
    assert {row["status"] for row in cells if row["metric"] != "precision"} == {"ok"}
    assert {row["arm"] for row in cells} == {"none", "nli", "multi"}
    assert len({row["target"] for row in cells}) == 8
    manifests = [json.loads(file.read_text(encoding="utf-8")) for file in (tmp_path / "store").rglob("manifest.json")]
    assert {"single_task", "multi_task", "fine_tuning", "zero_shot"} <= {manifest["kind"] for manifest in manifests}


def test_a_distillation_is_the_encoders(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    text = EXPERIMENT + "pretraining: {method: distillation, teacher: mini, text: t, max_tokens: 1000}\n"
    (tmp_path / "written.yaml").write_text(text, encoding="utf-8")
    assert main(["plan", "written.yaml", "--store", "store"]) == 2
    assert "is not an encoder (text_to_text)" in capfd.readouterr().err
