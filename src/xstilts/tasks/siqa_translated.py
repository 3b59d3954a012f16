"""Social IQA's translated training sets, for XCOPA's languages: what XTREME-R trains on before XCOPA's own."""

from __future__ import annotations

from dataclasses import replace

from xstilts.reading.published import ids, sizes_of
from xstilts.tasks import siqa
from xstilts.tasks.task import Local

CODES = "et ht id it qu sw ta th tr vi zh"
_FILE = "siqa_translate_train/socialIQa_v1.4_{code}_translate"
assert siqa.TASK.local is not None

TASK = replace(
    siqa.TASK,
    title="Social IQA, translated training sets",
    languages=ids(f"en {CODES}"),
    local=Local(
        # Names as google-research/xtreme reads them: third_party/siqa_data/siqa_data.py.
        patterns={split: (f"{_FILE}_{split}.jsonl", *siqa.TASK.local.patterns[split]) for split in ("train", "dev")},
        read=siqa.read,
    ),
    hub=None,
    # Those of the English original, of which each is a translation.
    sizes=sizes_of("train", {f"en {CODES}": 33_410}) | sizes_of("dev", {f"en {CODES}": 1_954}),
    version=1,
    notes="XTREME-R's translations; English is the original. Dev sets are machine-translated as well",
)
