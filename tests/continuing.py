"""A small study of a text-to-text model that goes on reading before it learns a task."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

import studies
from xstilts.runs.running import RunResult

TEXT = """\
name: continuing
model: scratch_text_to_text:tiny
intermediate:
  - name: text
    method: continued_pretraining
    text: text/mono
    languages: [de, tr]
    lines: 12
    recipe: {max_length: 64, batch_size: 8}
  - {name: nli, task: mnli, after: text}
targets: [xnli]
languages: [de]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 96, precision: fp32}
budget: {max_train_examples: 16, max_eval_examples: 4}
"""
NODES = ("continued_pretraining text",)


@functools.cache
def finished() -> tuple[studies.Study, RunResult]:
    """The study, run once for all tests of a session; nobody may change its store."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="xstilts-continuing-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    study = studies.write_study(folder, TEXT)
    return study, study.run()
