"""Every registered task: complete metadata, and a small fixture in its published layout that reads as it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from once import microworld
from xstilts import languages, registry
from xstilts.data.discovery import discover, read
from xstilts.data.layouts import patterns
from xstilts.data.task_files import TaskFiles
from xstilts.reading.examples import (
    AnswerSentence,
    Bitext,
    Choice,
    Classified,
    ComparableSentence,
    Example,
    Question,
    Tagged,
)
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task, trains

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
NAMES = registry.names("tasks")
SPLITS = {"train", "select", "dev", "test"}


QUICK = ("micro_ner", "micro_pos", "micro_tatoeba")
"""Of the datasets that the package makes, those that are made quickly."""


def _param(name: str) -> object:
    slow = registry.find("tasks", name).made and name not in QUICK
    return pytest.param(name, marks=pytest.mark.slow) if slow else name


@pytest.fixture(params=map(_param, NAMES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def task(name: str) -> Task:
    found: Task = registry.find("tasks", name)
    return found


@pytest.fixture
def found(name: str, task: Task) -> TaskFiles:
    if task.made:
        return discover(task, None, made_in=microworld())
    folder = FIXTURES / name
    assert folder.is_dir(), f"{name} needs a five-row fixture in its published layout below {folder}"
    return discover(task, folder)


def sets(found: TaskFiles) -> list[tuple[str, str, tuple[Path, ...]]]:
    return [
        (split, language, files)
        for split, by_language in found.files.items()
        for language, files in by_language.items()
    ]


def test_metadata_is_complete(name: str, task: Task) -> None:
    assert task.title
    kind = kind_of(task.kind)
    assert not kind.pretraining
    assert task.metric in registry.names("metrics")
    assert task.version >= 1
    assert len(set(task.labels)) == len(task.labels)
    assert (bool(task.labels) or task.labels_at_least > 0) == (kind.labels is not None)
    assert not (task.labels and task.labels_at_least)
    assert task.train_on is None or task.train_on in NAMES
    assert task.train_on != name
    assert 1 <= task.max_length <= 512
    for value in (task.licence, task.paper, task.homepage):
        assert value is None or value.strip() == value != ""
    for url in (task.paper, task.homepage):
        assert url is None or url.startswith("https://")


def test_languages_are_of_the_table(task: Task) -> None:
    assert languages.get(task.source_language)
    assert task.languages
    assert len(set(task.languages)) == len(task.languages)
    for language in task.languages:
        assert languages.get(language).id == language


def test_sizes_name_splits_and_published_languages(task: Task) -> None:
    for key, count in task.sizes.items():
        split, _, language = key.partition("-")
        assert split in SPLITS
        assert not language or language in task.languages
        assert count > 0


def test_a_union_is_of_equal_tasks_and_nothing_else(task: Task) -> None:
    members = [registry.find("tasks", name) for name in task.union]
    assert len(members) != 1
    for member in members:
        assert (member.kind, member.labels, member.source_language) == (task.kind, task.labels, task.source_language)
        assert not member.union
    if members:
        assert task.local is None
        assert task.hub is None
        assert task.version >= sum(member.version for member in members), "a part that reads otherwise is another union"


def test_what_is_trained_on_first_is_of_the_same_kind(task: Task) -> None:
    if task.train_first:
        first: Task = registry.find("tasks", task.train_first)
        assert (first.kind, first.labels) == (task.kind, task.labels)


def test_training_data_is_reachable(task: Task) -> None:
    if task.union:
        return  # its parts are tasks of their own
    trained: Task = registry.find("tasks", task.train_on) if task.train_on else task
    splits = trained.made.splits if trained.made else trained.local.patterns if trained.local else {}
    assert ("train" in splits) == task.trainable
    assert trains(trained, task)


def test_local_layout(task: Task) -> None:
    if task.union or task.made:
        return
    assert task.local is not None
    assert set(task.local.patterns) <= SPLITS
    assert task.select_split == "dev" or task.select_split in task.local.patterns
    assert task.test_split in task.local.patterns
    for split, layouts in task.local.patterns.items():
        assert layouts
        for language in task.languages:
            for path in patterns(task, split, language):
                assert "{" not in path
                assert not Path(path).is_absolute()
                assert ".." not in Path(path).parts


def test_hub_source(task: Task) -> None:
    if task.hub is None:
        return
    assert "/" in task.hub.repository
    assert task.hub.read_row is not None
    assert set(task.hub.splits) <= SPLITS
    assert task.hub.revision is None, "revisions are resolved at the first download and kept in the lock file"


def test_fixture_covers_every_split(task: Task, found: TaskFiles) -> None:
    assert set(found.files) >= {task.test_split}
    if task.pooled or (task.parallel and len(task.languages) > 1):
        assert len(found.languages(task.test_split)) >= 2


def test_typed_rows_are_those_of_a_task_of_the_same_kind(task: Task) -> None:
    if task.typed_from:
        typed: Task = registry.find("tasks", task.typed_from)
        assert (typed.kind, typed.labels, typed.metric) == (task.kind, task.labels, task.metric)
        assert (typed.parallel, typed.test_split) == (task.parallel, task.test_split)
        assert set(task.languages) <= set(typed.languages)


def test_examples(task: Task, found: TaskFiles) -> None:
    assert sets(found)
    for split, language, files in sets(found):
        examples = read(task, files, language)
        assert len(examples) >= 5, (split, language)
        (read_as,) = {type(example) for example in examples}
        assert issubclass(read_as, kind_of(task.kind).example)
        ids = [example.example_id for example in examples]
        assert all(ids)
        assert len(set(ids)) == len(ids)
        assert all(example.cluster_id for example in examples)
        for example in examples:
            check(example, task, hidden=split == "test" != task.test_split)


def check(example: Example, task: Task, *, hidden: bool) -> None:
    match example:
        case Classified():
            assert example.first.strip()
            assert task.kind != "pair_classification" or (example.second or "").strip()
            assert example.label in task.labels or (hidden and example.label is None)
        case Tagged():
            assert len(example.tokens) == len(example.tags or ())
            assert all(token.strip() for token in example.tokens)
            assert set(example.tags or ()) <= set(task.labels) or task.labels_at_least
        case Question():
            assert example.answers is not None
            for answer in example.answers:
                assert example.context[answer.start :].startswith(answer.text)
                assert answer.start >= 0
        case Choice():
            assert len(example.choices) >= 2
            assert hidden or example.label in range(len(example.choices))
        case Bitext():
            assert example.source.strip()
            assert example.target.strip()
        case ComparableSentence():
            assert example.text.strip()
            assert example.language != "eng-Latn" or example.translations == ()
        case AnswerSentence():
            assert len(example.candidates) == len(example.candidate_ids) == len(set(example.candidate_ids))
            assert example.correct in range(len(example.candidates))


def test_parallel_sets_share_ids_and_clusters(task: Task, found: TaskFiles) -> None:
    if not task.parallel:
        return
    by_language = found.files[task.test_split]
    keys = [
        [(example.example_id, example.cluster_id) for example in read(task, files, language)]
        for language, files in by_language.items()
    ]
    assert all(key == keys[0] for key in keys)


def test_reading_twice_gives_the_same(task: Task, found: TaskFiles) -> None:
    _, language, files = sets(found)[0]
    assert read(task, files, language) == read(task, files, language)
