"""Microworld mining: two texts of which three sentences in ten are translations, among near-duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from xstilts.microworld.sets import bitext
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import ComparableSentence
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made

TEXTS = {"dev": 300, "test": 500}
"""Sentences of each of the two texts."""
SHARE = 0.3


def rows(split: str, language: str) -> Iterator[ComparableSentence]:
    """The text of a language, then the English one."""
    left, right, gold = _texts(split)
    translations: defaultdict[int, list[str]] = defaultdict(list)
    for one, other in gold:
        translations[one].append(f"en-{other}")
    for code, name, meanings in (("xx", language, left), ("en", "eng-Latn", right)):
        for number, meaning in enumerate(meanings):
            yield ComparableSentence(
                example_id=f"{code}-{number}",
                cluster_id="",
                text=speaker(name).say(meaning).text,
                language=name,
                translations=tuple(translations[number]) if code == "xx" else (),
            )


@lru_cache(maxsize=2)
def _texts(split: str) -> tuple[list[bitext.Meaning], list[bitext.Meaning], list[tuple[int, int]]]:
    return bitext.make_mining(split, TEXTS[split], seed=micro.SEED, difficulty=micro.DIFFICULTY, share=SHARE)


TASK = micro.parallel(
    title="Microworld mining",
    kind="bitext_mining",
    metric="mining_f1",
    languages=micro.OTHERS,
    trainable=False,
    made=Made(name="bucc", rows=rows, splits={"dev": micro.OTHERS, "test": micro.OTHERS}),
    sizes={split: 2 * count for split, count in TEXTS.items()},
)
