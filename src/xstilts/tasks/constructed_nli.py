"""Microworld NLI in four constructed languages that differ in morphology alone."""

from __future__ import annotations

from xstilts.tasks import micro_nli
from xstilts.tasks.series import micro

TASK = micro.in_constructed(micro_nli.TASK, title="Microworld NLI in constructed languages")
