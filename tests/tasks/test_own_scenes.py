"""Which tasks of the microworld have test scenes of their own in every language, and which the same ones."""

from __future__ import annotations

import dataclasses

import pytest

from xstilts import registry
from xstilts.languages import get
from xstilts.microworld.sets import tags
from xstilts.tasks.series import micro
from xstilts.tasks.task import Task

SAME = {"micro_tatoeba", "micro_bucc", "micro_lareqa", "micro_lareqa_trained"}
"""They need a sentence in several languages."""
TASKS = {name: registry.find("tasks", name) for name in registry.names("tasks") if name.startswith("micro_")}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_only_what_needs_the_same_scenes_has_them(name: str) -> None:
    task: Task = TASKS[name]
    assert task.parallel == (name in SAME)
    assert (micro.SAME_SCENES if task.parallel else micro.OWN_SCENES) in task.notes


@pytest.mark.parametrize("name", sorted(set(TASKS) - SAME))
def test_no_two_languages_share_a_cluster_or_an_item(name: str) -> None:
    made = TASKS[name].made
    assert made is not None
    english, finnish, swahili = (list(made.rows("test", language)) for language in ("eng-Latn", "fin-Latn", "swa-Latn"))
    assert len(english) == len(finnish) == len(swahili)
    clusters = [{example.cluster_id for example in rows} for rows in (english, finnish, swahili)]
    assert len(set.union(*clusters)) == sum(map(len, clusters))
    assert {get(example.example_id.partition(":")[0]).id for example in finnish} == {"fin-Latn"}


def test_the_scenes_are_others_and_not_the_ids_alone() -> None:
    english, finnish = (
        [meaning for _, meaning in micro.own_items(tags.make, "test", language)]
        for language in ("eng-Latn", "fin-Latn")
    )
    alike = len(set(map(repr, english)) & set(map(repr, finnish)))
    assert alike < 0.05 * len(english)


def test_a_language_has_the_same_scenes_each_time() -> None:
    made = TASKS["micro_nli"].made
    assert made is not None
    once, again = (list(map(dataclasses.asdict, made.rows("test", "tur-Latn"))) for _ in range(2))
    assert once == again
