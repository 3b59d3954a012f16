"""Microworld POS: universal part-of-speech tags."""

from __future__ import annotations

from xstilts.microworld.sets import tags
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TASK = micro.task(
    title="Microworld POS",
    kind="tagging",
    metric="pos",
    labels=tags.POS,
    made=Made(name="pos", rows=micro.tagged(tags.make, tags.pos), splits=micro.splits()),
)
