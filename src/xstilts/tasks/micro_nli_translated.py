"""Microworld NLI with the English training set said in five other languages: translations without a mistake."""

from __future__ import annotations

import dataclasses

from xstilts.microworld.sets import nli
from xstilts.tasks import micro_nli, micro_nli_many
from xstilts.tasks.series import micro

_MADE = micro_nli.TASK.made
assert _MADE is not None

TASK = dataclasses.replace(
    micro_nli.TASK,
    title="Microworld NLI, the training set translated",
    made=dataclasses.replace(
        _MADE,
        name="nli_translated",
        rows=micro.paired(nli.make, nli.say, first=lambda item: item.premise, translated=True),
        splits={**micro.splits(), "train": micro_nli_many.TRAINED},
    ),
    version=1,
    notes=f"{micro_nli.TASK.notes}; the training sets are the English one, said in each language",
)
