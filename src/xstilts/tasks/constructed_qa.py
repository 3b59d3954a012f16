"""Microworld QA in four constructed languages that differ in morphology alone."""

from __future__ import annotations

from xstilts.tasks import micro_qa
from xstilts.tasks.series import micro

TASK = micro.in_constructed(micro_qa.TASK, title="Microworld QA in constructed languages")
