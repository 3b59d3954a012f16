"""MultiCheckList: who is more or less so."""

from __future__ import annotations

from xstilts.tasks import multichecklist

TASK = multichecklist.task("comparisons", "who is more or less so")
