"""MultiCheckList: animal against vehicle."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("animals", "animal against vehicle")
