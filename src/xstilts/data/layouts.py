"""Layouts: which files of a folder fit a pattern such as ``xnli/test-{code}.tsv``, and which of them are one set.

A code in a file's name stands for a language; what is missing is named by the pattern that it would have to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from xstilts import languages
from xstilts.errors import UnknownName
from xstilts.languages.tags import UNKNOWN_SCRIPT
from xstilts.tasks.task import Layout, Task

CODE = "{code}"
SHOWN = 3
"""How many files of a set are named to people."""

Set = tuple[tuple[Path, ...], str | None]
"""Files that are read as one, and their code; None where the layout has none."""


def describe(layout: Layout) -> str:
    """A layout for people; a long set is named by its first and last file."""
    if isinstance(layout, str):
        return layout
    return " and ".join(layout) if len(layout) <= SHOWN else f"{layout[0]} … {layout[-1]}"


def expression(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression; repeated ``{code}``s must agree, ``*`` ends with the folder."""
    first, *rest = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split(CODE))
    if not rest:
        return re.compile(first)
    return re.compile(f"{first}(?P<code>[^/]+?)" + "(?P=code)".join(rest))


def sets(layout: Layout, root: Path) -> tuple[list[Set], list[str]]:
    """The sets of files below ``root`` that fit a layout, by code in the order of their names.

    Returns:
        the sets, and a note for each of which a part is missing: it is not taken.
    """
    whole: list[Set] = []
    notes: list[str] = []
    pieces = (layout,) if isinstance(layout, str) else layout
    matches = [_matches(root, piece) for piece in pieces]
    for code in dict.fromkeys(code for found in matches for _, code in found):
        parts = [[path for path, its in found if its == code] for found in matches]
        paths = tuple(path for part in parts for path in part)
        if missing := tuple(piece for piece, part in zip(pieces, parts, strict=True) if not part):
            notes.append(f"{paths[0].relative_to(root)}: not read without {describe(missing)}")
        else:
            whole.append((paths, code))
    return whole, notes


def patterns(task: Task, split: str, language: str) -> tuple[str, ...]:
    """Where a file of this split and language is looked for below the data folder."""
    if task.local is None:
        return ()
    try:
        code = languages.get(language).code(task.local.codes)
    except UnknownName:
        code = language.partition("-")[0]
    shown = map(describe, task.local.patterns.get(split, ()))
    return tuple(
        pattern.replace("{code}", code)
        for pattern in shown
        if "{code}" in pattern or language == task.source_language or task.local.within
    )


def language_of(code: str, system: str) -> tuple[str, str]:
    """The language id of a code, and what people should know of it; ``xx-Zzzz`` where nobody knows the code."""
    try:
        return languages.from_code(code, system).id, ""
    except UnknownName:
        pass
    if found := languages.understood(code):
        return found.id, found.remark(code)
    id_ = f"{code}-{UNKNOWN_SCRIPT}"
    return id_, f"the language code {code!r} is not in the table; it runs as {id_}"


def _matches(root: Path, pattern: str) -> list[tuple[Path, str | None]]:
    """The files that fit a pattern, with their code, in alphabetical order."""
    varying = [place for mark in (CODE, "*") if (place := pattern.find(mark)) >= 0]
    if not varying:
        path = root / pattern
        return [(path, None)] if path.is_file() else []
    fixed = pattern[: min(varying)].rpartition("/")[0]
    depth = pattern.removeprefix(fixed).strip("/").count("/") + 1
    fits = expression(pattern)
    found: list[tuple[Path, str | None]] = []
    for path in sorted(_below(root / fixed, depth)):
        if match := fits.fullmatch(path.relative_to(root).as_posix()):
            found.append((path, match.groupdict().get("code")))
    return found


def _below(base: Path, depth: int) -> Iterable[Path]:
    """The files exactly ``depth`` levels below a folder."""
    if not base.is_dir():
        return
    for entry in base.iterdir():
        if depth == 1 and entry.is_file():
            yield entry
        elif depth > 1 and entry.is_dir():
            yield from _below(entry, depth - 1)
