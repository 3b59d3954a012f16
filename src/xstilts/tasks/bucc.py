"""BUCC 2018: which sentences of two comparable texts are translations of each other; no training data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xstilts.reading import comparable
from xstilts.reading.examples import ComparableSentence
from xstilts.reading.published import ids
from xstilts.tasks.task import Local, Task


def read(file: Path, language: str) -> Iterator[ComparableSentence]:
    """Both texts of a pair of languages. The gold of test may be missing: XTREME's download removes it."""
    return comparable.read(file, language, hidden=".test." in file.name)


TASK = Task(
    title="BUCC 2018",
    kind="bitext_mining",
    metric="mining_f1",
    languages=ids("de fr ru zh"),
    trainable=False,
    local=Local(
        patterns={
            "dev": ("bucc2018/{code}-en.dev.{code}", "bucc2018/{code}-en/{code}-en.sample.{code}"),
            "test": ("bucc2018/{code}-en.test.{code}", "bucc2018/{code}-en/{code}-en.training.{code}"),
        },
        read=read,
        beside=comparable.ENDINGS,
    ),
    max_length=512,
    paper="https://aclanthology.org/W17-2512/",
    homepage="https://comparable.limsi.fr/bucc2018/bucc2018-task.html",
    notes=(
        "As in XTREME, test is the shared task's training set and dev its sample: the gold of its test is not public. "
        "Pairs in the gold (card of google/xtreme): dev de 1,038, fr 929, ru 2,374, zh 257; test de 9,580, fr 9,086, "
        "ru 14,435, zh 1,899. The hub holds these pairs alone, not the texts that they are mined from. The gold is "
        "incomplete by design (only inserted pairs are known), so precision is a lower bound. XTREME's download "
        "removes the gold of test; put upstream's training.gold beside it as {code}-en.test.gold"
    ),
)
