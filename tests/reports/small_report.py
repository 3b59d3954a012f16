"""The small synthetic table that every format is tested on."""

from dataclasses import replace

from synthetic_counts import cell, failure

from xstilts.analysis.degenerate import Degenerate
from xstilts.analysis.gain_matrix import gain_matrix

SOURCES = {"xnli": "eng-Latn", "panx": "eng-Latn"}
RATES = {"none": 0.45, "nli": 0.85, "squad_v1": 0.5, "worse": 0.2}


def small_table(*, seeds=(11, 12), replicates=200):
    """Three arms, three targets, one failed and one missing cell, a constant baseline."""
    cells = []
    for arm in ("none", "nli", "squad_v1"):
        for seed in seeds:
            for language in ("eng-Latn", "swa-Latn", "zho-Hans"):
                if (arm, language) != ("squad_v1", "zho-Hans"):
                    cells.append(cell(arm, "xnli", language, seed, rate=RATES[arm]))
            if arm != "squad_v1":
                cells.append(cell(arm, "panx", "swa-Latn", seed, rate=RATES[arm], metric="span_f1"))
            if arm != "none":
                cells.append(cell(arm, "tatoeba", "swa-Latn", seed, rate=RATES[arm]))
    cells.append(cell("none", "tatoeba", "swa-Latn", None, rate=RATES["none"]))
    failed = [failure("squad_v1", "xnli", "zho-Hans", seed) for seed in seeds]
    stand_ins = {"xnli": "trained on 2,000 rows of SNLI"}
    return gain_matrix(cells, failed, source_languages=SOURCES, replicates=replicates, stand_ins=stand_ins)


def degenerate(table):
    """The same table with two trainings that came out near nothing."""
    found = (
        ("nli", None, 11, "half-degenerate", "its training loss fell"),
        ("nli", "xnli", 12, "degenerate", "answers “neutral” for 97.0 % of 150 items"),
    )
    names = ("arm", "target", "seed", "level", "evidence")
    return replace(table, degenerate=tuple(Degenerate(**dict(zip(names, one, strict=True))) for one in found))
