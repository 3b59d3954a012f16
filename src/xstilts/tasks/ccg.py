"""CCG supertagging: which role a word plays in its sentence, as one of some 400 categories; an intermediate task."""

from __future__ import annotations

from xstilts.reading import supertags
from xstilts.tasks.task import Layout, Local, Task

SECTIONS = {"train": range(2, 22), "dev": (0,), "test": (23,)}
"""CCGbank's standard split, by sections of the Wall Street Journal."""


def _layouts(split: str) -> tuple[Layout, ...]:
    """CCGbank as the LDC ships it, alone or in its folder; or one file made of it."""
    bank = tuple(
        tuple(f"{folder}data/AUTO/{section:02d}/*.auto" for section in SECTIONS[split])
        for folder in ("ccgbank_1_1/", "ccg/ccgbank_1_1/", "ccgbank/")
    )
    made = (f"ccg/{split}.auto", f"ccg/{split}.tag", f"ccg/{split}.stagged", f"ccg/ccg.{split}", f"ccg/{split}.tsv")
    return (*bank, *made)


TASK = Task(
    title="CCG supertagging",
    kind="tagging",
    metric="token_accuracy",
    labels_at_least=10,
    languages=("eng-Latn",),
    local=Local(patterns={split: _layouts(split) for split in SECTIONS}, read=supertags.read),
    licence="as the LDC licenses LDC2005T13",
    paper="https://aclanthology.org/J07-3004",
    homepage="https://catalog.ldc.upenn.edu/LDC2005T13",
    notes=(
        "CCGbank is licensed by the LDC: put your copy into the data folder. Categories that occur less than ten "
        "times in train are one label, `rare`; elsewhere accuracy is counted on the 425 frequent ones alone"
    ),
)
