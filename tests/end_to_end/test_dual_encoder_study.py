"""Dual-encoder training through the whole command on the microworld: an encoder, and the encoder of a tiny mT5."""

from __future__ import annotations

import csv
import json

import pytest

from once import share_microworld
from xstilts.cli import main

EXPERIMENT = """\
name: dual
model: {model}
intermediate: [{{name: nli, task: micro_nli}}]
targets: [micro_lareqa, micro_lareqa_trained]
languages: [eng-Latn, deu-Latn, swa-Latn]
seeds: [1]
recipe: {{learning_rate: 1.0e-3, batch_size: 32, epochs: {epochs}, precision: fp32, max_length: 128}}
budget: {{max_train_examples: {examples}}}
"""


@pytest.fixture
def run(tmp_path, at_once, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def call(**values):
        return finish(tmp_path, capfd, **values)

    return call


def finish(folder, capfd, **values):
    (folder / "dual.yaml").write_text(EXPERIMENT.format(**values), encoding="utf-8")
    share_microworld(folder / "store", "micro_nli", "micro_qa", "micro_lareqa", "micro_lareqa_trained")
    code = main(["run", "dual.yaml", "--store", "store", "--out", "out", "--cores", "1", "--json"])
    assert code == 0, capfd.readouterr().err
    with (folder / "out/report.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row for row in csv.DictReader(stream) if row["row"] == "cell"]
    assert {row["status"] for row in cells} == {"ok"}
    files = [json.loads(one.read_text()) for one in (folder / "store").rglob("training.json")]
    return {(row["arm"], row["target"], row["language"]): float(row["mean"]) for row in cells}, files


@pytest.mark.slow
def test_it_finds_more_than_the_untrained_in_english(run):
    scores, trained = run(model="scratch:tiny", epochs=2, examples=1000)
    assert len(scores) == 2 * 2 * 3
    assert scores["none", "micro_lareqa_trained", "eng-Latn"] > scores["none", "micro_lareqa", "eng-Latn"]
    dual = [one for one in trained if one["dev"]]
    assert any(one["losses"][-1] < one["losses"][0] / 2 for one in dual)


@pytest.mark.slow
def test_a_text_to_text_model_trains_its_encoder(run):
    scores, trained = run(model="scratch_text_to_text:tiny", epochs=1, examples=64)
    assert len(scores) == 2 * 2 * 3
    assert all(one["losses"] for one in trained)
