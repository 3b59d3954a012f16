"""Microworld NLI with a training set in six languages of different types, each of scenes of its own."""

from __future__ import annotations

import dataclasses

from xstilts.tasks import micro_nli
from xstilts.tasks.series import micro

TRAINED = (micro.ENGLISH, "deu-Latn", "rus-Cyrl", "tur-Latn", "fin-Latn", "swa-Latn")
_MADE = micro_nli.TASK.made
assert _MADE is not None

TASK = dataclasses.replace(
    micro_nli.TASK,
    title="Microworld NLI, trained in six languages",
    made=dataclasses.replace(_MADE, splits={**micro.splits(), "train": TRAINED}),
    notes=f"{micro_nli.TASK.notes}; the training sets of other languages are not translations of the English one",
)
