"""Datasets that the package makes: the same bytes every time, whole or not at all, and read like any other."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import threading
import time
from pathlib import Path

import pytest

from damaging import flip_unseen
from once import microworld
from xstilts import registry
from xstilts.data import made
from xstilts.data.checking import check
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.microworld import grammar, text
from xstilts.reading.examples import (
    Answer,
    AnswerSentence,
    Bitext,
    Choice,
    Classified,
    ComparableSentence,
    Example,
    Question,
    Tagged,
)
from xstilts.tasks.task import Made, Task

IDS = {"example_id": "1", "cluster_id": "2"}
ROWS = (
    Classified(**IDS, first="a", second="b", label="yes"),
    Classified(**IDS, first="ა", second=None, label=None),
    Tagged(**IDS, tokens=("a", "b"), tags=("X", "Y")),
    Question(**IDS, question="q", context="ab", answers=(Answer(text="b", start=1),)),
    Question(**IDS, question="q", context="ab", answers=None),
    Question(**IDS, question="q", context="ab", answers=()),
    Choice(**IDS, prompt="p", choices=("a", "b", "c"), label=2),
    Bitext(**IDS, source="s", target="t"),
    ComparableSentence(**IDS, text="t", language="x", translations=("a", "b")),
    AnswerSentence(**IDS, question="q", language="x", candidates=("a",), candidate_ids=("i",), correct=0),
)


def own(rows=ROWS, splits=None) -> Made:
    return Made(name="own", rows=lambda split, language: rows, splits=splits or {"test": ("eng-Latn",)})


def everything(given: Made, root: Path) -> dict[str, dict[str, tuple[Path, ...]]]:
    """Its files, all of them made."""
    return {split: dict(by_language) for split, by_language in made.files(given, root).items()}


def contents(folder: Path) -> dict[str, bytes]:
    """Of its files, but what is kept to check them."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".sha256"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    ((file,),) = made.files(own(), tmp_path)["test"].values()
    assert file.name == f"test-eng-Latn{made.MADE}"
    assert tuple(made.read(file)) == ROWS


def test_every_type_of_example_is_among_them() -> None:
    kinds = {kind.__name__ for kind in Example.__subclasses__()} - {"Text"}
    assert {type(row).__name__ for row in ROWS} == kinds


@pytest.mark.slow
def test_the_same_bytes_twice(tmp_path: Path) -> None:
    """Here, and by whichever process of this session needed them first."""
    found = {}
    for name in ("micro_copa", "micro_lareqa"):
        task = registry.find("tasks", name)
        for folder in (tmp_path, microworld()):
            everything(task.made, folder)
            found[name, folder] = contents(folder / made._version() / task.made.name)
        assert found[name, tmp_path] == found[name, microworld()]
    assert sum(map(len, found.values())) == 2 * (2 + 2 * len(grammar.known()))


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    first = everything(own(), tmp_path)
    again = everything(own(rows=()), tmp_path)
    assert first == again
    assert tuple(made.read(first["test"]["eng-Latn"][0])) == ROWS


def test_languages_that_nobody_asks_for_are_not_made(tmp_path: Path) -> None:
    splits = {"train": ("eng-Latn",), "test": ("tur-Latn", "deu-Latn", "eng-Latn")}
    found = made.files(own(splits=splits), tmp_path)
    assert list(found["test"]) == ["deu-Latn", "eng-Latn", "tur-Latn"]
    assert ("deu-Latn" in found["test"], "fra-Latn" in found["test"], len(found["test"])) == (True, False, 3)
    assert found["test"].get("fra-Latn") is None
    assert contents(tmp_path) == {}
    ((file,), again) = found["test"]["deu-Latn"], found["test"]["deu-Latn"]
    assert again == (file,)
    assert [Path(name).name for name in contents(tmp_path)] == [f"test-deu-Latn{made.MADE}"]


def test_another_version_of_the_world_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(own(), tmp_path)
    monkeypatch.setattr(made, "_version", lambda: "another")
    after = everything(own(rows=ROWS[:1]), tmp_path)
    assert before != after
    assert tuple(made.read(after["test"]["eng-Latn"][0])) == ROWS[:1]


def test_the_version_is_that_of_every_file_of_the_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import resources

    def version() -> str:
        return made._version.__wrapped__()

    now = version()
    assert now == made._version() == version()
    world = ("microworld/a.py", "microworld/languages/x.yaml", "microworld/sets/y.py")
    tasks = ("tasks/micro_z.py", "tasks/series/micro.py", "reading/copa.py")
    for name in (*world, *tasks, "tasks/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"a: b")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    seen = {now, version()}
    for name in (*world, *tasks):
        (tmp_path / name).write_bytes(b"changed")
        seen.add(version())
    (tmp_path / "microworld/languages/z.yaml").write_bytes(b"")
    seen.add(version())
    assert len(seen) == 2 + len(world) + len(tasks) + 1
    (tmp_path / "microworld/a.pyc").write_bytes(b"no source")
    (tmp_path / "tasks/other.py").write_bytes(b"changed")
    assert version() in seen


class Killed(BaseException):
    """What ends a process in the middle."""


def test_killed_while_writing_leaves_nothing_half(tmp_path: Path) -> None:
    def rows(split, language):
        yield ROWS[0]
        raise Killed

    with pytest.raises(Killed):
        everything(Made(name="own", rows=rows, splits={"test": ("eng-Latn",)}), tmp_path)
    assert contents(tmp_path) == {}
    assert tuple(made.read(made.files(own(), tmp_path)["test"]["eng-Latn"][0])) == ROWS


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world of two languages and little text."""
    monkeypatch.setattr(made, "TEXT_LINES", 20)
    monkeypatch.setattr(made, "PAIRS", 12)
    monkeypatch.setattr(grammar, "known", lambda: ("eng-Latn", "tur-Latn"))


@pytest.mark.parametrize("aligned", [False, True])
def test_killed_while_writing_text_leaves_no_folder(
    aligned: bool, short: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = contents(made.text_folder(tmp_path / "whole", aligned=aligned))
    assert len(whole) == 2

    def write(folder: Path, language: str, name: str, *rest: object, **options: object) -> None:
        (folder / name).write_text("half")
        if language == "tur-Latn":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(text, "write", write)
        with pytest.raises(Killed):
            made.text_folder(tmp_path / "killed", aligned=aligned)
    folder = made.text_folder(tmp_path / "killed", aligned=aligned)
    assert contents(folder) == whole


def test_what_a_killed_process_left_is_removed_in_the_end(short: None, tmp_path: Path) -> None:
    folder = made.text_folder(tmp_path, aligned=True)
    old, fresh = (folder.parent / f".text-{name}.partial" for name in ("old", "fresh"))
    for partial in (old, fresh):
        partial.mkdir()
        (partial / "en.txt").write_text("half")
    past = time.time() - 2 * made._ABANDONED
    os.utime(old, (past, past))
    made.text_folder(tmp_path, aligned=False)
    assert not old.exists()
    assert fresh.exists(), "another process may be writing it"


def test_two_processes_at_once_both_find_it_whole(short: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    barrier, found, before = threading.Barrier(2), [], text.write

    def write(folder: Path, language: str, *rest: object, **options: object) -> None:
        if language == "eng-Latn":
            barrier.wait(30)
        before(folder, language, *rest, **options)

    monkeypatch.setattr(text, "write", write)
    threads = [
        threading.Thread(target=lambda: found.append(contents(made.text_folder(tmp_path, aligned=True))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert {entry.name for entry in (tmp_path / made._version()).iterdir()} == {"parallel", "parallel.sums.json"}


@pytest.mark.parametrize("aligned", [False, True])
def test_text_whose_bytes_changed_is_made_again(
    aligned: bool, short: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = made.text_folder(tmp_path, aligned=aligned)
    whole = contents(folder)
    file = folder / next(iter(whole))
    flip_unseen(file)
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert contents(made.text_folder(tmp_path, aligned=aligned)) == whole
    assert f"{file} is damaged" in caplog.text
    file.unlink()
    assert contents(made.text_folder(tmp_path, aligned=aligned)) == whole


def test_a_dataset_whose_bytes_changed_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = made.files(own(), tmp_path)["test"]["eng-Latn"][0]
    flip_unseen(file)
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert tuple(made.read(made.files(own(), tmp_path)["test"]["eng-Latn"][0])) == ROWS
    assert f"{file} is damaged" in caplog.text


def test_text_is_of_every_language_and_aligned_where_it_is_to_be(short: None, tmp_path: Path) -> None:
    plain = contents(made.text_folder(tmp_path, aligned=False))
    aligned = contents(made.text_folder(tmp_path, aligned=True))
    assert list(plain) == ["en.txt", "tr.txt"]
    assert list(aligned) == ["microworld.en.txt", "microworld.tr.txt"]
    assert {len(content.splitlines()) for content in plain.values()} == {20}
    assert {len(content.splitlines()) for content in aligned.values()} == {12}


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1, 2]",
        "{}",
        '{"type": "Classified"}',
        '{"type": "Nothing", "example_id": "1"}',
        '{"type": "dataclass", "example_id": "1", "cluster_id": "2"}',
        '{"type": "Classified", "example_id": "1", "cluster_id": "2", "first": "a", "colour": "red"}',
        '{"type": "Question", "example_id": "1", "cluster_id": "1", "question": "", "context": "", "answers": [3]}',
        '{"type": 3}',
    ],
)
def test_a_broken_file_is_a_data_error_with_its_line(line: str, tmp_path: Path) -> None:
    file = tmp_path / f"test-eng-Latn{made.MADE}"
    good = json.dumps({"type": "Classified", **dataclasses.asdict(ROWS[0])})
    file.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError) as found:
        list(made.read(file))
    assert str(found.value).startswith(f"{file}:2")
    with pytest.raises(DataError):
        read(registry.find("tasks", "micro_nli"), [file], "eng-Latn")


def test_a_file_cut_short_is_a_data_error(tmp_path: Path) -> None:
    ((file,),) = made.files(own(), tmp_path)["test"].values()
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DataError):
        list(made.read(file))


def test_discovery_makes_them_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    task = Task(title="Own", kind="pair_classification", metric="accuracy", labels=("yes",), made=own(ROWS[:1]))
    here = discover(task, None, made_in=tmp_path / "here")
    assert here.languages("test") == ("eng-Latn",)
    assert all(file.is_relative_to(tmp_path / "here") for file in here.of("test", "eng-Latn"))
    default = discover(task, None)
    assert all(file.is_relative_to(tmp_path / "cache" / "xstilts" / "made") for file in default.of("test", "eng-Latn"))
    assert [row.first for row in read(task, here.of("test", "eng-Latn"), "eng-Latn")] == ["a"]


def test_checking_counts_them_against_their_sizes() -> None:
    rows = check(registry.find("tasks", "micro_copa"), None)
    assert {(row.split, row.count) for row in rows} == {("train", 4_000), ("dev", 400), ("test", 500)}
    assert {row.status for row in rows} == {"ok"}
    assert {row.language for row in rows if row.split == "test"} == set(grammar.known())
    assert all(not row.notes for row in rows)


@pytest.mark.parametrize("name", ["micro_nli", "micro_qa", "micro_boolq"])
def test_rows_of_one_text_are_one_cluster(name: str) -> None:
    """The bootstrap draws clusters: what shares a premise or a passage is drawn together."""
    task = registry.find("tasks", name)
    rows = list(task.made.rows("test", "eng-Latn"))
    told: dict[str, set[str]] = {}
    for row in rows:
        told.setdefault(row.context if isinstance(row, Question) else row.first, set()).add(row.cluster_id)
    assert all(len(clusters) == 1 for clusters in told.values())
    assert [row.example_id for row in rows] == [f"eng-Latn:{number}" for number in range(500)]
