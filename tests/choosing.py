"""A small study whose arms choose among their rows, and one that makes more rows of them."""

from __future__ import annotations

import json
from pathlib import Path

import studies
from once import once
from xstilts.runs.running import RunResult

TEXT = """\
name: choosing
model: scratch:tiny
pretraining: {method: masked_lm, text: text/mono, max_tokens: 1000, seed: 1}
intermediate:
  - {name: hard, method: cartography, task: mnli, region: hard, fraction: 0.5, chooser_recipe: {epochs: 2}}
  - {name: filtered, method: aflite, task: mnli, m: 4, t: 0.3, k: 0.2, n: 0.5, warm_up: 0.3}
  - {name: short, method: rule, rule: length, task: mnli, fraction: 0.5}
  - {name: rounds, method: anli_rounds, rounds: [R2]}
  - {name: smoothed, task: mnli, augment: {name: smoothing, copies: 2, among: vocabulary}}
targets: [xnli]
languages: [de]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 96, precision: fp32}
budget: {max_train_examples: 16, max_eval_examples: 4}
"""
NODES = (
    "training dynamics of MultiNLI",
    "cartography.choice hard",
    "cartography hard · seed 11",
    "aflite.choice filtered",
    "aflite filtered · seed 11",
    "rule.choice short",
    "rule short · seed 11",
    "anli_rounds.choice rounds",
    "anli_rounds rounds · seed 11",
    "neighbours of the words of mnli",
)


def write_rounds(folder: Path) -> None:
    """Two rounds in the layout of ANLI's archive."""
    for number, seed in (("R1", 21), ("R2", 22), ("R3", 23)):
        for split in ("train", "dev"):
            lines = [
                json.dumps(
                    {
                        "uid": f"{number}-{split}-{index}",
                        "context": studies.sentence("en", one),
                        "hypothesis": studies.sentence("en", {**one, "what": "a lamp"}),
                        "label": "enc"[index % 3],
                    }
                )
                for index, one in enumerate(studies.clauses("en", 12, seed=seed))
            ]
            file = folder / f"anli/anli_v1.0/{number}/{split}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@once("choosing")
def finished(folder: Path) -> tuple[studies.Study, RunResult]:
    """The study, run once for all tests of a session; nobody may change its store."""
    study = studies.write_study(folder, TEXT)
    write_rounds(study.data)
    return study, study.run()
