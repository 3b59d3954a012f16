"""MultiCheckList: who is more or less so."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("comparisons", "who is more or less so")
