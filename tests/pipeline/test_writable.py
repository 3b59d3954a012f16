"""Where no folder can be is said before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts.cli import main
from xstilts.errors import ConfigError
from xstilts.pipeline.store import Store
from xstilts.pipeline.writable import obstacle


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "file").touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone" / "away")
    (tmp_path / "linked").symlink_to(tmp_path / "there")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["there", "there/new/one", "new", "linked", "linked/new"])
def test_a_folder_can_be_there(name: str, folder: Path) -> None:
    assert obstacle(folder / name) == ""
    assert list(Store(folder / name).ls()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file", "file is a file"),
        ("file/below/it", "file is a file"),
        ("loop", "Too many levels of symbolic links"),
        ("loop/below", "Too many levels of symbolic links"),
        ("nowhere", "nowhere is a link that leads nowhere"),
        ("n" * 300, "File name too long"),
        (f"there/{'n' * 300}/x", "File name too long"),
    ],
)
def test_no_folder_can_be_there(name: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in obstacle(folder / name)
    with pytest.raises(ConfigError, match=said):
        Store(folder / name)
    for arguments in (
        ["plan", "real-small", "--quick", "--store", name],
        ["store", "verify", "--store", name],
        ["run", "real-small", "--out", name, "--quiet"],
    ):
        assert main(arguments) == 2
        message = capsys.readouterr().err
        assert said in message
        assert message.count("\n") == 1
