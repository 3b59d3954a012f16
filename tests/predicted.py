"""A tiny study with all predictors of the best intermediate task: three arms, three targets."""

from __future__ import annotations

from pathlib import Path

import studies
from once import once
from xstilts.runs.running import RunResult

TEXT = """\
name: predicted
model: scratch:tiny
pretraining: {method: masked_lm, text: text/mono, max_tokens: 1000, seed: 1}
intermediate:
  - name: nli
    task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}
  - {name: tags, task: panx}
  - {name: mnli, task: mnli, budget: {max_train_examples: 8}}
targets: [xnli, udpos, tatoeba]
languages: [de, ru]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 96, precision: fp32}
budget: {max_train_examples: 16, max_eval_examples: 8}
predictors: {examples: 12, steps: 2, always: nli}
contamination: false
profile: tiny
"""
NODES = (
    "predictor_features udpos ← tags",
    "predictor_features xnli ← nli",
    "predictor_features nli ← no training",
    "task_embedding nli",
    "task_embedding udpos",
    "few_shot_proxy xnli ← tags",
)


@once("predicted")
def finished(folder: Path) -> tuple[studies.Study, RunResult]:
    """The study, run once for all tests of a session; nobody may change its store."""
    study = studies.write_study(folder, TEXT)
    return study, study.run()
