"""MultiCheckList: very and somewhat."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("intensifiers", "very and somewhat")
