"""MultiCheckList: profession against nationality."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("professions", "profession against nationality")
