"""Microworld paraphrase in four constructed languages that differ in morphology alone."""

from __future__ import annotations

from xstilts.tasks import micro_paraphrase
from xstilts.tasks.series import micro

TASK = micro.in_constructed(micro_paraphrase.TASK, title="Microworld paraphrase in constructed languages")
