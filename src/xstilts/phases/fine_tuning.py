"""Fine-tuning on a target task's English training set."""

from __future__ import annotations

from xstilts.phases import supervised
from xstilts.phases.phase import Phase

PHASE = Phase(
    title="Fine-tuning on a target task's English training set",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2003.11080",
    version=4,
)
