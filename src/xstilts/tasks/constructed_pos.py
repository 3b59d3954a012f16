"""Microworld POS in four constructed languages that differ in morphology alone."""

from __future__ import annotations

from xstilts.tasks import micro_pos
from xstilts.tasks.series import micro

TASK = micro.in_constructed(micro_pos.TASK, title="Microworld POS in constructed languages")
