"""Which files are one set: all of them or none, whatever their number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.data.layouts import describe, patterns, sets
from xstilts.tasks.task import Layout, Task


def put(root: Path, *names: str, content: str = "one\ttwo\tneutral\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def found(root: Path, layout: Layout) -> tuple[list[tuple[tuple[str, ...], str | None]], list[str]]:
    whole, notes = sets(layout, root)
    return [(tuple(path.relative_to(root).as_posix() for path in paths), code) for paths, code in whole], notes


def test_a_set_is_taken_whole_and_in_its_order(tmp_path: Path) -> None:
    layout = ("R2/train.jsonl", "R1/train.jsonl")
    put(tmp_path, "R1/train.jsonl")
    assert found(tmp_path, layout) == ([], ["R1/train.jsonl: not read without R2/train.jsonl"])
    put(tmp_path, "R2/train.jsonl")
    assert found(tmp_path, layout) == ([(layout, None)], [])
    assert found(tmp_path / "R1", layout) == ([], [])


def test_a_star_stands_for_any_name_within_its_folder(tmp_path: Path) -> None:
    put(tmp_path, "02/b.auto", "02/a.auto", "02/a.txt", "02/deep/c.auto", "03/d.auto")
    assert found(tmp_path, "02/*.auto") == ([(("02/a.auto", "02/b.auto"), None)], [])
    assert found(tmp_path, ("02/*.auto", "03/*.auto")) == ([(("02/a.auto", "02/b.auto", "03/d.auto"), None)], [])
    sections, notes = found(tmp_path, ("02/*.auto", "04/*.auto"))
    assert sections == []
    assert notes == ["02/a.auto: not read without 04/*.auto"]


def test_a_set_for_each_language(tmp_path: Path) -> None:
    put(tmp_path, "lay-de.tsv", "expert-de.tsv", "lay-sw.tsv")
    sets_, notes = found(tmp_path, ("lay-{code}.tsv", "expert-{code}.tsv"))
    assert sets_ == [(("lay-de.tsv", "expert-de.tsv"), "de")]
    assert notes == ["lay-sw.tsv: not read without expert-{code}.tsv"]


def test_layouts_for_people() -> None:
    assert describe("a-{code}.tsv") == "a-{code}.tsv"
    assert describe(("a", "b", "c")) == "a and b and c"
    assert describe(tuple("abcd")) == "a … d"
    task: Task = registry.find("tasks", "anli")
    assert patterns(task, "train", "eng-Latn")[1] == (
        "anli_v1.0/R1/train.jsonl and anli_v1.0/R2/train.jsonl and anli_v1.0/R3/train.jsonl"
    )


def test_a_set_reads_as_one(tmp_path: Path) -> None:
    xnli: Task = registry.find("tasks", "xnli")
    assert xnli.local is not None
    task = replace(xnli, local=replace(xnli.local, patterns={"test": (("a-{code}.tsv", "b-{code}.tsv"),)}))
    put(tmp_path, "a-sw.tsv", "b-sw.tsv", content="one\ttwo\tneutral\n" * 2)
    files = discover(task, tmp_path).of("test", "swa-Latn")
    assert [file.name for file in files] == ["a-sw.tsv", "b-sw.tsv"]
    assert [example.example_id for example in read(task, files, "swa-Latn")] == ["0", "1", "2", "3"]


def test_the_first_layout_that_is_there_wins(tmp_path: Path) -> None:
    put(tmp_path, "ocnli/data/ocnli/train.3k.json", "ocnli/data/ocnli/train.30k.json", content="{}\n")
    task: Task = registry.find("tasks", "ocnli")
    discovered = discover(task, tmp_path)
    (file,) = discovered.of("train", "zho-Hani")
    assert file.name == "train.30k.json"
    assert "train.3k.json" in discovered.notes[0]


@pytest.mark.parametrize("section", ["02", "21"])
def test_ccgbank_without_a_section_is_not_the_training_set(section: str, tmp_path: Path) -> None:
    task: Task = registry.find("tasks", "ccg")
    put(tmp_path, *(f"ccgbank_1_1/data/AUTO/{number:02d}/wsj_{number:02d}01.auto" for number in range(25)))
    assert len(discover(task, tmp_path).of("train", "eng-Latn")) == 20
    (tmp_path / f"ccgbank_1_1/data/AUTO/{section}/wsj_{section}01.auto").unlink()
    poorer = discover(task, tmp_path)
    assert poorer.languages("train") == ()
    assert poorer.languages("dev") == poorer.languages("test") == ("eng-Latn",)
    assert f"not read without ccgbank_1_1/data/AUTO/{section}/*.auto" in poorer.notes[0]
