"""A small study over several languages: a drawn mixture of sources, German fine-tuning, few-shot examples."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

import studies
from xstilts.runs.running import RunResult

TEXT = """\
name: mixing
model: scratch:tiny
intermediate:
  - name: many
    method: multilingual
    task: mnli
    sources:
      - {task: xnli_translated, languages: [de, tr]}
      - task: {files: [own/ru.csv], kind: pair_classification, labels: [e, n, c], language: ru}
        labels: {e: entailment, n: neutral, c: contradiction}
    balance: uniform
    match: english
    budget: {max_train_examples: 12}
targets:
  - xnli
  - {name: few, task: xnli, shots: {k: 2, languages: [de]}}
languages: [de, tr]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 4, epochs: 1, max_steps: 2, max_length: 96, precision: fp32}
budget: {max_train_examples: 16, max_eval_examples: 4}
"""
NODES = (
    "multilingual.draw many · seed 11",
    "shots of xnli (dev) · seed 11",
    "multilingual many · seed 11",
    "fine_tuning MultiNLI with few-shot examples ← many · seed 11",
)
MT = "XNLI-MT-1.0/multinli/multinli.train"


def write(folder: Path, text: str = TEXT) -> studies.Study:
    """The study with its data."""
    study = studies.write_study(folder, text)
    for code, rows in (("de", 18), ("tr", 9)):
        studies.write_xnli(study.data / f"{MT}.{code}.tsv", code, rows, seed=2)
    lines = ["premise,hypothesis,label"]
    lines += [f'"{first}","{second}",{label[0]}' for first, second, label in studies.pairs("ru", 15, seed=31)]
    (study.data / "own/ru.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study


@functools.cache
def finished() -> tuple[studies.Study, RunResult]:
    """The study, run once for all tests of a session; nobody may change its store."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="xstilts-mixing-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    study = write(folder)
    return study, study.run()
