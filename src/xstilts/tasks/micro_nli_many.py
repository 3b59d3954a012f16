"""Microworld NLI with a training set in every language, each of scenes of its own."""

from __future__ import annotations

import dataclasses

from xstilts.microworld import grammar
from xstilts.tasks import micro_nli
from xstilts.tasks.series import micro

_MADE = micro_nli.TASK.made
assert _MADE is not None

TASK = dataclasses.replace(
    micro_nli.TASK,
    title="Microworld NLI, trained in every language",
    made=dataclasses.replace(_MADE, splits={**micro.splits(), "train": grammar.known()}),
    notes=f"{micro_nli.TASK.notes}; the training sets of other languages are not translations of the English one",
)
