"""Files are found from the layout: every language that lies there, and nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.data.folders import resolve_files
from xstilts.data.layouts import patterns
from xstilts.data.task_files import TaskFiles
from xstilts.data.text_folders import discover_text
from xstilts.errors import ConfigError

PAIR = "one\ttwo\tneutral\n"


def put(root: Path, *names: str, content: str = PAIR) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_any_language_of_the_layout(tmp_path: Path) -> None:
    put(tmp_path, "xnli/test-sw.tsv", "xnli/test-en.tsv", "xnli/dev-en.tsv", "xnli/test-qq.tsv", "xnli/README")
    found = discover(registry.find("tasks", "xnli"), tmp_path)
    assert found.languages("test") == ("eng-Latn", "qq-Zzzz", "swa-Latn")
    assert found.languages("dev") == ("eng-Latn",)
    assert found.languages("train") == ()
    assert found.of("test", "swa-Latn") == (tmp_path / "xnli" / "test-sw.tsv",)
    assert found.of("test", "fra-Latn") == ()
    (note,) = found.notes
    assert "'qq' is not in the table" in note
    assert read(registry.find("tasks", "xnli"), found.of("test", "qq-Zzzz"), "qq-Zzzz")


def test_what_is_not_taken_is_said(tmp_path: Path) -> None:
    put(tmp_path, "xcopa/test-id.jsonl", "xcopa/test.id.jsonl", "xcopa/test-id-backup.jsonl")
    found = discover(registry.find("tasks", "xcopa"), tmp_path)
    assert found.of("test", "ind-Latn") == (tmp_path / "xcopa" / "test-id.jsonl",)
    assert any("test.id.jsonl: ind-Latn is read from xcopa/test-id.jsonl" in note for note in found.notes)
    assert any("'id-backup' is not a language code" in note for note in found.notes)


def test_repeated_codes_must_agree(tmp_path: Path) -> None:
    base = "mlqa/MLQA_V1/test/test-context-{}-question-{}.json"
    put(tmp_path, base.format("de", "de"), base.format("de", "en"), content="{}")
    found = discover(registry.find("tasks", "mlqa"), tmp_path)
    assert found.of("test", "deu-Latn") == (tmp_path / base.format("de", "de"),)
    assert found.languages("test") == ("deu-Latn",)
    (note,) = found.notes
    assert note.startswith(base.format("de", "en") + ": not read: ")


def test_nothing_there(tmp_path: Path) -> None:
    task = registry.find("tasks", "xnli")
    assert discover(task, tmp_path) == TaskFiles()
    assert discover(task, None) == TaskFiles()
    assert patterns(task, "test", "swa-Latn")[:2] == ("xnli/test-sw.tsv", "XNLI-1.0/xnli.test.tsv")
    assert patterns(task, "train", "swa-Latn") == ()
    assert patterns(registry.find("tasks", "tatoeba"), "test", "swa-Latn")[0] == "tatoeba/tatoeba.swh-eng.swh"


def test_missing_data_folder_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    with pytest.raises(ConfigError, match=r"download does not exist \(did you mean .*downloads\?\)"):
        discover(registry.find("tasks", "xnli"), tmp_path / "download")
    put(tmp_path, "file")
    with pytest.raises(ConfigError, match="is not a folder"):
        discover(registry.find("tasks", "xnli"), tmp_path / "file")


def test_links_must_not_leave_the_folder(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/test-en.tsv", "data/xnli/test-de.tsv")
    (tmp_path / "data" / "xnli" / "test-en.tsv").symlink_to(tmp_path / "elsewhere" / "test-en.tsv")
    with pytest.raises(ConfigError, match="escapes its folder"):
        discover(registry.find("tasks", "xnli"), tmp_path / "data")


def test_links_within_the_folder_are_fine(tmp_path: Path) -> None:
    put(tmp_path, "data/xnli/test-de.tsv")
    (tmp_path / "data" / "xnli" / "test-en.tsv").symlink_to("test-de.tsv")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    found = discover(registry.find("tasks", "xnli"), tmp_path / "link")
    assert found.languages("test") == ("deu-Latn", "eng-Latn")


def test_data_comes_before_the_experiments_folder(tmp_path: Path) -> None:
    data, beside = tmp_path / "data", tmp_path / "experiment"
    put(data, "a/x.csv")
    put(beside, "a/x.csv", "y.csv")
    assert resolve_files(["a/x.csv", "y.csv"], data, beside) == [data / "a/x.csv", beside / "y.csv"]
    assert resolve_files(["a/x.csv"], None, beside) == [beside / "a/x.csv"]
    assert resolve_files(["a"], data, beside, folders=True) == [data / "a"]


@pytest.mark.parametrize("name", ["../secret.csv", "a/../../secret.csv", "link.csv", "{tmp}/secret.csv"])
def test_escaping_paths(tmp_path: Path, name: str) -> None:
    data, beside = tmp_path / "data", tmp_path / "experiment"
    put(tmp_path, "secret.csv", "data/a/x.csv", "experiment/e.yaml")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    given = name.format(tmp=tmp_path)
    with pytest.raises(ConfigError, match=r"e\.yaml: the path .* escapes its folder"):
        resolve_files([given], data, beside, where="e.yaml")


def test_escaping_paths_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="escapes"):
        resolve_files(["../nothing.csv"], tmp_path, tmp_path)


def test_missing_files_name_both_places_and_the_nearest(tmp_path: Path) -> None:
    data, beside = tmp_path / "data", tmp_path / "experiment"
    put(data, "nli/train.csv")
    put(beside, "e.yaml")
    with pytest.raises(ConfigError) as caught:
        resolve_files(["nli/trian.csv"], data, beside)
    message = str(caught.value)
    assert str(data / "nli/trian.csv") in message
    assert str(beside / "nli/trian.csv") in message
    assert "did you mean nli/train.csv?" in message
    with pytest.raises(ConfigError, match=r"no folder .*nlu.*did you mean nli\?"):
        resolve_files(["nlu"], None, data, folders=True)


def test_text_folders(tmp_path: Path) -> None:
    put(tmp_path, "mono/en.txt", "mono/sw.txt", "mono/notes.md", "mono/.hidden")
    mono = discover_text(tmp_path / "mono")
    assert mono.sets == {"": {"eng-Latn": tmp_path / "mono/en.txt", "swa-Latn": tmp_path / "mono/sw.txt"}}
    assert [language for language, _ in mono.files()] == ["eng-Latn", "swa-Latn"]
    assert mono.notes == ("notes.md: not named xx.txt or name.xx.txt, so the file is not read",)
    put(tmp_path, "par/a.en.txt", "par/a.deu.txt", "par/b.en.txt", "par/b.qq.txt")
    parallel = discover_text(tmp_path / "par")
    assert {name: tuple(found) for name, found in parallel.sets.items()} == {
        "a": ("deu-Latn", "eng-Latn"),
        "b": ("eng-Latn", "qq-Zzzz"),
    }
    assert len(parallel.files()) == 4
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds no"):
        discover_text(tmp_path / "empty")
    with pytest.raises(ConfigError, match="does not exist"):
        discover_text(tmp_path / "nothing")
