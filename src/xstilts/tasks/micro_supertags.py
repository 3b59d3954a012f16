"""Microworld supertags: part of speech with the role that a word plays in its clause (as CCG supertags do)."""

from __future__ import annotations

from xstilts.microworld.sets import tags
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TASK = micro.task(
    title="Microworld supertags",
    kind="tagging",
    metric="token_accuracy",
    labels=tags.SUPERTAGS,
    made=Made(name="supertags", rows=micro.tagged(tags.make, tags.supertags), splits=micro.splits()),
)
