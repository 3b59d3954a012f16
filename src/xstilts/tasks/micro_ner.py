"""Microworld NER: people, places and organisations."""

from __future__ import annotations

from xstilts.microworld.sets import tags
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TASK = micro.task(
    title="Microworld NER",
    kind="tagging",
    metric="span_f1",
    labels=tags.ENTITIES,
    made=Made(name="ner", rows=micro.tagged(tags.make_named, tags.entities), splits=micro.splits()),
)
