"""MultiCheckList: size, shape, age, colour, material."""

from __future__ import annotations

from xstilts.tasks.series import multichecklist

TASK = multichecklist.task("properties", "size, shape, age, colour, material")
