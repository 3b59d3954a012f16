"""The plain text that an experiment names: folders, single files of them, or the microworld's."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from xstilts.data import made
from xstilts.data.folders import resolve_files
from xstilts.data.text_folders import TextFolder, discover_text
from xstilts.errors import ConfigError

MICROWORLD, CONSTRUCTED = "microworld", "constructed"
"""Names of the built-in text, where the data hold no folder of that name: of the languages that the microworld speaks,
and of its constructed languages."""


def text_of(names: Sequence[str], data: Path | None, beside: Path, *, made_in: Path, where: str) -> TextFolder:
    """The text of all names together, its sets told apart.

    Args:
        names: as written.
        data: the ``--data`` folder, or None.
        beside: the experiment file's folder.
        made_in: where the microworld's text is kept.
        where: the key that names the text; aligned text where it ends in ``parallel``.

    Raises:
        NotFound: a name is neither a folder nor a file.
        ConfigError: a folder without text, or a file whose name does not give its language.
    """
    found = [_one_text(name, data, beside, made_in, where) for name in names]
    sets: dict[str, dict[str, Path]] = {}
    called: dict[tuple[Path, str], str] = {}
    for name, folder in zip(names, found, strict=True):
        for of_folder, files in folder.sets.items():
            # single files of one folder are one set, as they are where the folder is named
            place = (next(iter(files.values())).parent, of_folder)
            chosen = called.setdefault(place, _unused(of_folder, Path(name).name, sets))
            sets[chosen] = dict(sorted({**sets.get(chosen, {}), **files}.items()))
    return TextFolder(sets=sets, notes=tuple(note for folder in found for note in folder.notes))


def _one_text(name: str, data: Path | None, beside: Path, made_in: Path, where: str) -> TextFolder:
    places = [place for place in (data, beside) if place is not None]
    if any((place / name).is_file() for place in places):
        return _one_file(resolve_files([name], data, beside, where=where)[0], where=where)
    if name in (MICROWORLD, CONSTRUCTED) and not any((place / name).exists() for place in places):
        aligned = where.endswith("parallel")
        return discover_text(made.text_folder(made_in, aligned=aligned, constructed=name == CONSTRUCTED))
    return discover_text(resolve_files([name], data, beside, where=where, folders=True)[0])


def _one_file(file: Path, *, where: str) -> TextFolder:
    for name, found in discover_text(file.parent).sets.items():
        for language, path in found.items():
            if path == file:
                return TextFolder(sets={name: {language: path}})
    raise ConfigError(f"the name of {file} does not give its language", where=where, hint="xx.txt or name.xx.txt")


def _unused(name: str, folder: str, sets: Mapping[str, object]) -> str:
    """A name for a set: the first of a name keeps it, those of further folders are named after theirs."""
    plain = f"{folder}-{name}".strip("-")
    names = itertools.chain((name, plain), (f"{plain}-{number}" for number in itertools.count(2)))
    # where aligned files have no name, the set is called text
    return next(one for one in names if one not in sets and not (one == "text" and "" in sets))
