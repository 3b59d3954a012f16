"""Intermediate training on several tasks, mixed in proportion to their capped sizes."""

from __future__ import annotations

from xstilts.phases import supervised
from xstilts.phases.phase import Phase

PHASE = Phase(
    title="Intermediate training on several tasks, mixed in proportion to their capped sizes",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2005.13013",
    version=4,
)
