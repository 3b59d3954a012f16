"""Finds unlabeled text: a folder of ``xx.txt``, or of line-aligned ``name.xx.txt``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xstilts.data.folders import data_folder, inside
from xstilts.data.layouts import language_of
from xstilts.errors import ConfigError

_FILE = re.compile(r"(?:(?P<name>.+)\.)?(?P<code>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\.txt(?:\.gz)?")


@dataclass(frozen=True, kw_only=True)
class TextFolder:
    """Text by language.

    Attributes:
        sets: name of the set (empty for ``xx.txt``) → language → file; the files of one named set are aligned.
        notes: unknown codes and files that were not taken.
    """

    sets: dict[str, dict[str, Path]]
    notes: tuple[str, ...] = ()

    def files(self) -> list[tuple[str, Path]]:
        """Every (language, file), in the order of languages, then sets."""
        pairs = [(language, name, path) for name, found in self.sets.items() for language, path in found.items()]
        return [(language, path) for language, _, path in sorted(pairs)]


def discover_text(folder: Path) -> TextFolder:
    """The text files of a folder.

    Raises:
        ConfigError: it does not exist, it holds no text file, or one of them is a link that leaves it.
    """
    folder = data_folder(folder)
    sets: dict[str, dict[str, Path]] = {}
    notes: list[str] = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        match = _FILE.fullmatch(path.name)
        if match is None:
            notes.append(f"{path.name}: not named xx.txt or name.xx.txt, so the file is not read")
            continue
        language, remark = language_of(match["code"], "xtreme" if len(match["code"]) == 2 else "iso639_3")
        if remark:
            notes.append(f"{path.name}: {remark}")
        found = sets.setdefault(match["name"] or "", {})
        if language in found:
            notes.append(f"{path.name}: {language} is read from {found[language].name}, this file is not")
            continue
        found[language] = inside(path, folder)
    if not sets:
        raise ConfigError(f"the folder {folder} holds no xx.txt or name.xx.txt")
    return TextFolder(sets={name: dict(sorted(found.items())) for name, found in sets.items()}, notes=tuple(notes))
