"""Every reader of every task: the same examples in other encodings and with other line ends, one message for damage."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading import notes
from xstilts.reading.examples import Example
from xstilts.tasks.task import Task

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
PARQUET = "*.parquet"
"""Of tables of bytes: there, encodings and line ends are the format's."""
NAMES = [name for name, module in registry.modules("tasks").items() if not module.TASK.made and not module.TASK.union]

Found = dict[tuple[str, str], list[Example]]


def everything(task: Task, folder: Path) -> Found:
    """Every split and language below a folder."""
    found = discover(task, folder).files
    return {
        (split, language): read(task, files, language)
        for split, by_language in found.items()
        for language, files in by_language.items()
    }


def rewritten(name: str, folder: Path, write: Callable[[str], bytes]) -> Path:
    """A copy of a task's fixture, every file written anew."""
    return changed(name, folder, lambda data: write(data.decode()))


def changed(name: str, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """A copy of a task's fixture, every file with other bytes."""
    shutil.copytree(FIXTURES / name, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(change(path.read_bytes()))
    return folder


OTHERWISE: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "line ends of old Macs": lambda text: text.replace("\n", "\r").encode(),
    "packed": lambda text: gzip.compress(text.encode()),
}


@pytest.mark.parametrize("name", [name for name in NAMES if not [*(FIXTURES / name).rglob(PARQUET)]])
def test_other_encodings_and_line_ends_read_alike(name: str, tmp_path: Path) -> None:
    task: Task = registry.find("tasks", name)
    expected = everything(task, FIXTURES / name)
    assert expected
    for what, write in OTHERWISE.items():
        with notes.collected() as said:
            found = everything(task, rewritten(name, tmp_path / what, write))
        if what != "line ends of Windows" or name != "cosmos_qa":  # line ends within quoted cells are left alone
            assert found == expected, what
        spoken = [note for note in said if re.search("UTF-16|gzip|line ends", note)]
        if what in ("UTF-16", "UTF-16 without a mark", "packed"):
            assert spoken, what


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "Latin-1": lambda data: b"\xe9" + data,
    "NUL": lambda data: data[:20] + b"\0" + data[20:],
    "a pointer": lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "a spreadsheet": lambda data: b"PK\x03\x04" + data,
    "a web page": lambda data: b"<!DOCTYPE html>\n" + data,
    "damaged gzip": lambda data: gzip.compress(data)[:-12],
    "nothing": lambda data: b"",
}


def refused(task: Task, folder: Path) -> str:
    """The message; of a file that no longer tells its languages, which are then found in none, its folder."""
    try:
        return "read" if everything(task, folder) else f"{folder}: no language"
    except DataError as error:
        return str(error)


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_one_message_with_the_file(name: str, tmp_path: Path) -> None:
    task: Task = registry.find("tasks", name)
    for what, change in DAMAGED.items():
        folder = changed(name, tmp_path / what, change)
        message = refused(task, folder)
        assert message.startswith(str(folder)), what
        assert "\n" not in message, what


JSON = [name for name in NAMES if any(path.suffix in (".json", ".jsonl") for path in (FIXTURES / name).rglob("*"))]


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("value", ['"\\ud83d"', "[" * 5_000 + "]" * 5_000, "9" * 4_301], ids=["half", "deep", "long"])
def test_values_that_json_may_hold_and_nobody_can_read(name: str, value: str, tmp_path: Path) -> None:
    task: Task = registry.find("tasks", name)

    def write(text: str) -> bytes:
        return re.sub(r"\{", lambda _: f'{{"odd": {value}, ', text, count=1).encode()

    with pytest.raises(DataError, match=r"half of a character|nested too deep|more than 4,300 digits"):
        everything(task, rewritten(name, tmp_path / "data", write))
