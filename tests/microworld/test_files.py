"""Language files that extend another."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts.errors import ConfigError, UnknownName
from xstilts.microworld import files


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "own.yaml"


def test_entries_go_over_those_of_the_extended_file(tmp_path: Path) -> None:
    base = "vowels: aeiou\nnouns: {dog: katim, cat: sulor}\nverbs: {go: {word: mulit, like: go}}"
    own = "extends: base\nlanguage: qis-Latn\nnouns: {dog: pabel}\nverbs: {go: tarin}\njoins: []"
    assert files.contents(written(tmp_path, base=base, own=own)) == {
        "vowels": "aeiou",
        "nouns": {"dog": "pabel", "cat": "sulor"},
        "verbs": {"go": "tarin"},
        "language": "qis-Latn",
        "joins": [],
    }


def test_a_file_that_there_is_not_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, shared="nouns: {}", own="extends: sharde")
    with pytest.raises(UnknownName, match=r"own\.yaml: unknown file to extend 'sharde'; did you mean 'shared'\?"):
        files.contents(path)


def test_what_is_extended_extends_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, base="extends: further", further="nouns: {}", own="extends: base")
    with pytest.raises(ConfigError, match=r"own\.yaml: base extends a further file"):
        files.contents(path)


def test_a_file_without_a_script_in_its_name_is_no_language() -> None:
    assert "shared" not in files.in_folder(files.CONSTRUCTED)
    assert len(files.in_folder(files.CONSTRUCTED)) == 4
