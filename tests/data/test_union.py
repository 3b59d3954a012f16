"""ANLI+: each part read by its own task, all of them or none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data import downloads as sources
from xstilts.data import union
from xstilts.data.discovery import discover, read
from xstilts.data.task_files import TaskFiles
from xstilts.errors import DataError, UnknownName
from xstilts.reading.examples import Classified
from xstilts.tasks.task import Task

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "tasks" / "anli_plus"
TASK: Task = registry.find("tasks", "anli_plus")


def test_every_part_is_read_by_its_own_task() -> None:
    files = discover(TASK, FIXTURE).of("train", "eng-Latn")
    assert [file.name for file in files] == ["train.jsonl"] * 3 + ["train-en.tsv", "snli_1.0_train.jsonl"]
    examples = read(TASK, files, "eng-Latn")
    assert [example.example_id.split(":")[0] for example in examples] == ["anli"] * 3 + ["mnli"] * 2 + ["snli"] * 2
    assert [example.example_id.split(":")[1] for example in examples[:3]] == ["R1", "R2", "R3"]
    assert all(isinstance(example, Classified) and example.label in TASK.labels for example in examples)


def test_a_part_that_is_missing_takes_the_whole_split(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "data")
    (tmp_path / "data" / "snli_1.0" / "snli_1.0_train.jsonl").unlink()
    found = discover(TASK, tmp_path / "data")
    assert found.languages("train") == ()
    assert found.languages("dev") == ("eng-Latn",)
    assert "ANLI+ has no train in eng-Latn: there are no files of snli" in found.notes
    assert discover(TASK, None) == TaskFiles()


def test_a_file_of_no_part_is_refused(tmp_path: Path) -> None:
    stray = tmp_path / "mine.tsv"
    stray.write_text("a\tb\tneutral\n")
    with pytest.raises(DataError, match=r"union of anli, mnli, snli.*this file belongs to none of them"):
        read(TASK, [stray], "eng-Latn")
    with pytest.raises(UnknownName):
        union.members(replace(TASK, union=("anli", "nsli")))


def test_copies_of_the_hub_are_told_by_their_repository(tmp_path: Path) -> None:
    rows = {
        "facebook--anli/0123/plain_text": (
            '{"uid": "u", "premise": "a", "hypothesis": "b", "label": 2, "split": "train_r2"}'
        ),
        "nyu-mll--multi_nli/0123/default": '{"premise": "a", "hypothesis": "c", "label": 0}',
        "stanfordnlp--snli/0123/plain_text": '{"premise": "a", "hypothesis": "d", "label": -1}',
    }
    files = []
    for folder, row in rows.items():
        file = tmp_path / folder / f"train{sources.COPY}"
        file.parent.mkdir(parents=True)
        file.write_text(f"{row}\n" + ('{"premise": "e", "hypothesis": "f", "label": 1}\n' if "snli" in folder else ""))
        files.append(file)
    examples = read(TASK, files, "eng-Latn")
    assert [(e.example_id, e.label) for e in examples] == [  # type: ignore[attr-defined]
        ("anli:R2:u", "contradiction"),
        ("mnli:0", "entailment"),
        ("snli:0", "neutral"),
    ]


def test_sizes_and_version_follow_the_parts() -> None:
    parts = [registry.find("tasks", name) for name in TASK.union]
    # The paper's Table 1 has the same number.
    assert TASK.sizes["train"] == 1_104_934 == sum(part.sizes["train"] for part in parts)
    assert TASK.version == sum(part.version for part in parts)
