"""MultiCheckList: animal against vehicle, two people."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("animals_v2", "animal against vehicle, two people")
