"""Intermediate training on one task (STILTs)."""

from __future__ import annotations

from xstilts.phases import supervised
from xstilts.phases.phase import Phase

PHASE = Phase(
    title="Intermediate training on one task (STILTs)",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/1811.01088",
    version=4,
)
