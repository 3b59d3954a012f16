"""Microworld paraphrase: the same words, and the same meaning or an adversarial swap."""

from __future__ import annotations

from xstilts.microworld.sets import paraphrase
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TASK = micro.task(
    title="Microworld paraphrase",
    kind="pair_classification",
    metric="accuracy",
    labels=paraphrase.LABELS,
    made=Made(
        name="paraphrase",
        rows=micro.paired(paraphrase.make, paraphrase.say, first=lambda item: item.first),
        splits=micro.splits(),
    ),
)
