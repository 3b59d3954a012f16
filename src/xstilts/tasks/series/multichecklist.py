"""What the tests of MultiCheckList share: XTREME-R's diagnostic of question answering, in 50 languages.

Upstream publishes the test cases as dill pickles, which run code when they are opened, and beside them as JSON
without answers; the package opens no pickles. `docs/tasks.md` says how to write the lines that are read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from xstilts.errors import DataError, UnknownName
from xstilts.reading.examples import Answer, Question
from xstilts.reading.jsonl import field, objects
from xstilts.reading.published import ids
from xstilts.tasks.task import Local, Task

TESTS = {
    "comparisons": "A is COMP than B. Who is more / less COMP?",
    "intensifiers": "Intensifiers (very, super, extremely) and reducers (somewhat, kinda, etc)?",
    "properties": "size, shape, age, color",
    "professions": "Profession vs nationality",
    "animals": "Animal vs Vehicle",
    "animals_v2": "Animal vs Vehicle v2",
}
"""Ours → what upstream's suites call the test (``generate_test_utils.py``)."""


def read(file: Path, language: str, *, test: str) -> Iterator[Question]:
    """The questions of one test in one file; the questions of a case are a cluster.

    Raises:
        DataError: a field that is missing or empty, a test that is none of upstream's; with the line.
    """
    asked: dict[str, int] = {}
    for line, row in objects(file):
        found, context, question, answer = (_text(row, name, file, line) for name in _FIELDS)
        if found not in TESTS.values():
            unknown = UnknownName("test", found, TESTS.values())
            raise DataError(str(unknown), file=file, line=line)
        case = str(field(row, "case", file=file, line=line))
        if found != test:
            continue
        number = asked[case] = asked.get(case, -1) + 1
        yield Question(
            example_id=f"{case}:{number}",
            cluster_id=case,
            question=question,
            context=context,
            answers=(Answer(text=answer, start=context.find(answer)),),
        )


_FIELDS = ("test", "context", "question", "answer")


def _text(row: dict[str, Any], name: str, file: Path, line: int) -> str:
    value = field(row, name, file=file, line=line)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{name} is {value!r}; a text is expected", file=file, line=line)
    return value


def task(name: str, what: str) -> Task:
    """The task of one test."""
    return Task(
        title=f"MultiCheckList: {what}",
        kind="extractive_qa",
        metric="checklist",
        # The columns of upstream's templates; its README lists ro, of which there are none, and not ha.
        languages=ids(
            "en af ar az bg bn de el es et eu fa fi fr gu ha he hi ht hu id it ja jv ka kk ko lt ml mr ms my nl pa pl "
            "pt qu ru sw ta te th tl tr uk ur vi wo yo zh"
        ),
        train_on="squad_v1",
        select_on_train=True,
        local=Local(patterns={"test": ("multichecklist/{code}.jsonl",)}, read=partial(read, test=TESTS[name])),
        max_length=384,
        paper="https://arxiv.org/abs/2104.07412",
        homepage="https://github.com/google-research/xtreme/tree/master/multichecklist",
        notes="a diagnostic, no part of the benchmark's score; upstream's test cases are pickles: see docs/tasks.md",
    )
