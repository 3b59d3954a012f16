"""Microworld NLI: does the premise entail the hypothesis? Decided by the scene."""

from __future__ import annotations

from xstilts.microworld.sets import nli
from xstilts.microworld.truth import LABELS
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TASK = micro.task(
    title="Microworld NLI",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    made=Made(name="nli", rows=micro.paired(nli.make, nli.say, first=lambda item: item.premise), splits=micro.splits()),
)
