"""Names that no file can have, links that lead to themselves, numbers without end: exit code 2 and one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts.cli import main

LONG = "n" * 300
DIGITS = "9" * 4_301
EXPERIMENT = """
name: mine
model: scratch:tiny
seeds: [1]
profile: tiny
targets: [{name: mine, task: {files: [a.csv], kind: single_classification, test: {de: a.csv}}}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e.yaml").write_text(EXPERIMENT)
    (tmp_path / "a.csv").write_text("text,label\ngut,pos\nschlecht,neg\n")
    (tmp_path / "empty").mkdir()
    for name in ("loop.csv", "loop.yaml", "loop"):
        (tmp_path / name).symlink_to(tmp_path / name)
    return tmp_path


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    (message,) = capsys.readouterr().err.strip().splitlines()
    assert message.startswith("error: ")
    assert len(message) < 700
    return message


PLAN = ["plan", "e.yaml", "--quick", "--store", "s"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", LONG],
        ["plan", f"{LONG}.yaml"],
        ["plan", "e.yaml", "--data", LONG],
        ["plan", "e.yaml", "--quick", "--store", LONG],
        ["run", "e.yaml", "--store", "s", "--out", LONG],
        ["report", LONG],
        ["score", "--predictions", LONG, "--labels", "empty", "--benchmark", "xtreme"],
        ["submit", LONG, "out"],
        ["store", "ls", "--store", LONG],
        ["data", "check", "--data", LONG],
        [*PLAN, "--set", f"targets.0.task.files={LONG}.csv"],
        [*PLAN, "--set", f"targets.0.task.test={LONG}.csv"],
        [*PLAN, "--set", f"targets.0.task.dev={LONG}.csv"],
        [*PLAN, "--set", f'targets.0.task.test={{de: "{LONG}/{{code}}.csv"}}'],
        [*PLAN, "--set", f"pretraining={{text: {LONG}, max_tokens: 1000}}"],
        [*PLAN, "--set", f"model=./{LONG}"],
    ],
    ids=lambda arguments: " ".join(arguments).replace(LONG, "LONG"),
)
def test_names_that_no_file_can_have(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "too long" in refused(arguments, capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "e.yaml", "--store", "s", "--out", "a.csv"], "a.csv is a file; it must be a directory"),
        (["run", "e.yaml", "--store", "s", "--out", "loop"], "loop: Too many levels of symbolic links"),
        (["plan", "loop.yaml"], "leads nowhere or to itself"),
        (["plan", "e.yaml", "--data", "loop"], "leads nowhere or to itself"),
        (["data", "check", "--data", "loop"], "leads nowhere or to itself"),
        ([*PLAN, "--set", "targets.0.task.files=loop.csv"], "leads to itself"),
        ([*PLAN, "--set", "targets.0.task.test=loop.csv"], "leads to itself"),
        ([*PLAN, "--set", "targets.0.task.files=empty"], "is a folder; a file is expected"),
    ],
)
def test_links_and_folders_in_the_place_of_files(
    arguments: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(arguments, capsys)


@pytest.mark.parametrize(
    "setting",
    [
        *(f"{key}={DIGITS}" for key in ("targets.0.recipe.epochs", "budget.max_eval_examples", "seeds", "model")),
        *(f"seeds=[{number}]" for number in (DIGITS, f"-{DIGITS}", "0x" + "f" * 290, "1e400", ".inf", "²", "--1")),
        *(f"{DIGITS}=1", f"targets.{DIGITS}=1", "targets.².x=1", "targets.٣=1", "targets.-1=1"),
        *(f"targets.0.task.columns={{label: {column}}}" for column in (DIGITS, "²", "--1")),
        *(f"targets.0.task.labels=[{DIGITS}, 1]", 'name="\\ud83d"', 'targets.0.task.labels=["\\udc00", a]'),
    ],
    ids=lambda setting: setting.replace(DIGITS, "DIGITS"),
)
def test_numbers_and_characters_that_are_none(setting: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused([*PLAN, "--set", setting], capsys)
