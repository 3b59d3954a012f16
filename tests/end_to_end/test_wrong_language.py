"""A file that is not in the language of its name: what `data check`, `plan`, a run and its record say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import studies
from xstilts.cli import main
from xstilts.pipeline.store import Store

EXPERIMENT = """
name: languages
model: scratch:tiny
seeds: [1]
targets: [udpos]
recipe: {epochs: 1, batch_size: 8}
"""


def tagged(code: str, count: int, seed: int) -> str:
    """Sentences as XTREME writes them for UD POS."""
    sentences = []
    for clause in studies.clauses(code, count, seed=seed):
        words = [(word, studies.TAGS[role]) for role, text in clause.items() for word in text.split()]
        sentences.append("\n".join(f"{word}\t{tag}" for word, tag in words))
    return "\n\n".join(sentences) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    put("train-en.tsv", tagged("en", 40, 1))
    put("dev-en.tsv", tagged("en", 10, 2))
    for code in ("en", "de", "tr", "ru"):
        put(f"test-{code}.tsv", tagged(code, 12, 3))
    Path("e.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return tmp_path


def put(name: str, text: str) -> None:
    file = Path("data/udpos", name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main([*arguments])
    found = capsys.readouterr()
    return code, found.out + found.err


PLAN = ("plan", "e.yaml", "--data", "data", "--store", "store", "--quick")
CHECK = ("data", "check", "udpos", "--data", "data")


def test_files_in_their_own_languages_are_passed_over_in_silence(folder, capsys):
    for arguments in (CHECK, PLAN):
        code, text = said(capsys, *arguments)
        assert code == 0
        assert "script" not in text
        assert "word for word" not in text


def test_english_under_the_name_of_burmese_is_refused_before_anything_trains(folder, capsys):
    put("test-my.tsv", tagged("en", 12, 3))
    for arguments in (CHECK, PLAN, ("run", "e.yaml", "--data", "data", "--store", "store", "--quiet")):
        code, text = said(capsys, *arguments)
        assert code == 2
        assert "test-my.tsv: none of" in text
        assert "of the script of mya-Mymr" in text
    assert not list(Store(Path("store")).ls()), "nothing was trained"


def test_a_copy_in_the_same_script_is_named_with_the_file_that_it_copies(folder, capsys):
    put("test-fi.tsv", tagged("en", 12, 3))
    line = "test-fi.tsv: 100% of the rows in fin-Latn are word for word those of test-en.tsv (eng-Latn)"
    for arguments in (CHECK, PLAN, PLAN):  # the second plan reads what the first one remembered
        code, text = said(capsys, *arguments)
        assert code == 0
        assert line in " ".join(text.split())


def test_codes_of_other_people_are_read_and_said(folder, capsys):
    put("test-ru.tsv", tagged("ru", 12, 4))
    Path("data/udpos/test-de.tsv").rename("data/udpos/test-de_AT.tsv")
    code, text = said(capsys, *CHECK)
    assert code == 0
    assert "the language code 'de_AT' is read as deu-Latn" in text
    assert main([*PLAN, "--set", "languages=[de-CH, en-GB]", "--json"]) == 0
    labels = [row["label"] for row in json.loads(capsys.readouterr().out)["nodes"] if row["kind"] == "zero_shot"]
    assert [label.split(" ←")[0].split()[-1] for label in labels] == ["deu-Latn", "eng-Latn"]


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_the_report_repeats_the_warning(folder, capsys):
    put("test-fi.tsv", tagged("en", 12, 3))
    code, _ = said(capsys, "run", "e.yaml", "--data", "data", "--store", "store", "--out", "out", "--quiet")
    assert code == 0
    for name in ("report.md", "report.html"):
        assert "word for word those of test-en.tsv" in Path("out", name).read_text(encoding="utf-8")
