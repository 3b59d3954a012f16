"""Of every task: few-shot examples are of a split that is not evaluated, and none of them is a test row."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.data.sources import Source
from xstilts.errors import XstiltsError
from xstilts.experiments.few_shot import place
from xstilts.phases.examples import Located
from xstilts.phases.shots import drawn
from xstilts.reading.examples import texts
from xstilts.tasks.task import Task

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "tasks"
NAMES = registry.names("tasks")


@pytest.mark.parametrize("name", NAMES)
def test_no_evaluated_split_is_drawn_from(name):
    task: Task = registry.find("tasks", name)
    trained: Task = registry.find("tasks", task.train_on) if task.train_on else task
    source, own = Source(name=name, task=task), Source(name=task.train_on or name, task=trained)
    for language in task.languages:
        found = place(source, own, language, published=True)
        assert found is None or found[1] in ("train", "dev")
        assert found is None or found[1] != task.test_split


@pytest.mark.parametrize("name", [name for name in NAMES if (FIXTURES / name).is_dir()])
def test_a_test_row_among_the_rows_is_never_drawn(name):
    task: Task = registry.find("tasks", name)
    found = discover(task, FIXTURES / name)
    for language, files in found.files[task.test_split].items():
        tests = [Located(language, one) for one in read(task, files, language)]
        others = [
            Located(language, one)
            for split, by_language in found.files.items()
            if split != task.test_split and language in by_language
            for one in read(task, by_language[language], language)
        ]
        evaluated = {tuple(texts(one.example)) for one in tests}
        shared = {one.example.repeated for one in tests} - {None}
        free = [
            one for one in others if tuple(texts(one.example)) not in evaluated and one.example.repeated not in shared
        ]
        with pytest.raises(XstiltsError, match=f"examples of {language} are to be drawn"):
            drawn([*tests, *others], tests, len(free) + 1, seed=1)
        if free:
            chosen = drawn([*tests, *others], tests, len(free), seed=1)
            assert chosen == free
