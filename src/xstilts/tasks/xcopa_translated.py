"""XCOPA's translated training sets: COPA's, machine-translated into each of its languages for XTREME-R."""

from __future__ import annotations

from dataclasses import replace

from xstilts.reading import copa as reading
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks import copa, xcopa
from xstilts.tasks.task import Local

CODES = "et ht id it qu sw ta th tr vi zh"
_FOLDER = "xcopa_translate_train/xcopa_{code}_translate"
assert xcopa.TASK.local is not None
assert copa.TASK.local is not None

TASK = replace(
    xcopa.TASK,
    title="XCOPA, translated training sets",
    train_on=None,
    train_first=None,
    languages=ids(CODES),
    local=Local(
        # Names as google-research/xtreme reads them: third_party/xcopa_data/xcopa_data.py.
        patterns={"train": (f"{_FOLDER}_train.jsonl", *copa.TASK.local.patterns["train"]), **xcopa.TASK.local.patterns},
        read=reading.read,
        unread={f"{_FOLDER}_val.jsonl": "a machine-translated dev set: XCOPA's own is by people"},
    ),
    hub=None,
    # Of train: that of the English original, of which each is a translation.
    sizes={"train": 400, **sizes_of("train", {CODES: 400}), **xcopa.TASK.sizes},
    version=1,
    notes="XTREME-R's translations of COPA; English is the original; dev and test are XCOPA's",
)
