"""From an experiment that asks what goes with its gains to the regression in the report."""

import json

import pytest

from xstilts.experiments.loading import load_experiment
from xstilts.runs.running import run

TEXT = """\
name: divergent
model: scratch:tiny
intermediate: [micro_supertags]
targets: [micro_pos]
languages: [en, ar, zh, fi, de, id, ja, sw, tr]
seeds: [11]
explain:
  gain: [premium, pretraining_size]
  text: text
  pretraining: cc100
recipe: {learning_rate: 1.0e-3, batch_size: 4, epochs: 1, max_steps: 2, max_length: 96, precision: fp32}
budget: {max_train_examples: 16, max_eval_examples: 4}
"""


LINES = {
    "en": "We go home before the rain comes",
    "ar": "نعود إلى البيت قبل أن يأتي المطر",
    "zh": "下雨之前我们回家",
    "fi": "Menemme kotiin ennen kuin sade tulee",
    "de": "Wir gehen nach Hause, bevor der Regen kommt",
    "id": "Kami pulang sebelum hujan datang",
    "ja": "雨が降る前に家に帰ります",
    "sw": "Tunarudi nyumbani kabla ya mvua kunyesha",
    "tr": "Yağmur gelmeden eve gidiyoruz",
}


@pytest.mark.full
def test_gains_are_regressed_on_what_the_languages_are_like(tmp_path):
    (tmp_path / "divergent.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "text").mkdir()
    for code, line in LINES.items():
        (tmp_path / "text" / f"own.{code}.txt").write_text(line + "\n", encoding="utf-8")
    out = tmp_path / "out"
    found = run(load_experiment(str(tmp_path / "divergent.yaml")), store=tmp_path / "store", out=out, cores=1)
    (arm,) = found.table.explained.arms
    assert arm.arm == "micro_supertags"
    assert arm.observations == 8
    assert len(arm.families) >= 5
    assert [effect.predictor for effect in arm.effects] == ["premium", "pretraining_size"]
    for effect in arm.effects:
        assert effect.jointly.low < effect.jointly.value < effect.jointly.high
    said = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert said["explain"]["languages"]["eng-Latn"]["premium"] == 1.0
    assert said["explained"]
    assert "Points of gain a standard deviation" in (out / "report.md").read_text(encoding="utf-8")
