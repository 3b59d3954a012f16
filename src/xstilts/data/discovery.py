"""Finds a task's files in a data folder, by layout: whatever language lies there is found; and reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xstilts import languages
from xstilts.data.folders import data_folder, inside
from xstilts.data.layouts import Set, describe, expression, sets
from xstilts.errors import DataError, UnknownName
from xstilts.reading.examples import Example
from xstilts.reading.identify import identify
from xstilts.tasks.task import Layout, Local, Task

Files = Mapping[str, Mapping[str, tuple[Path, ...]]]
"""split → language → files, the companion files included."""

_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a data folder holds of a task.

    Attributes:
        files: split → language → files; languages in the order of their ids.
        notes: what people should know: unknown codes, files that look like the task's and were not taken.
    """

    files: Files = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def languages(self, split: str) -> tuple[str, ...]:
        """The languages of a split; empty if it has none."""
        return tuple(self.files.get(split, {}))

    def of(self, split: str, language: str) -> tuple[Path, ...]:
        """The files of a split and language; empty if there are none."""
        return self.files.get(split, {}).get(language, ())


def discover(task: Task, root: Path | None, *, made_in: Path | None = None) -> Found:
    """The files of ``task`` below ``root``; those of a dataset that the package makes, below ``made_in``.

    Raises:
        ConfigError: the folder does not exist, or a file of the task is a link that leaves it.
        DataError: a file without its companion.
    """
    if isinstance(own := getattr(task, "found", None), Found):
        return own
    if task.made is not None:
        from xstilts.data import made

        return Found(files=made.files(task.made, made_in or made.default_folder()))
    if task.union:
        from xstilts.data import union

        return union.found(task, root)
    if root is None or task.local is None:
        return Found()
    root = data_folder(root)
    notes: list[str] = []
    files = {split: _split(task, task.local, layouts, root, notes) for split, layouts in task.local.patterns.items()}
    return Found(files={split: found for split, found in files.items() if found}, notes=tuple(notes))


def read(task: Task, files: Iterable[Path], language: str) -> list[Example]:
    """The examples of the files of one split and language, in file order, with ids and clusters.

    Companion files are read with the file that they belong to. Copies of hub datasets (``sources.download``) are
    read by the task's hub reader.

    Raises:
        DataError: a file that cannot be read, with file and line; a file set without any example.
    """
    files = [Path(file) for file in files]
    if task.union:
        from xstilts.data import union

        return union.read(task, files, language)
    examples: list[Example] = []
    for file in _main(task, files):
        if file.name.endswith(MADE):
            from xstilts.data import made

            examples.extend(made.read(file))
        elif file.name.endswith(COPY):
            from xstilts.data.downloads import read_copy

            examples.extend(read_copy(task, file, language))
        elif task.local is None:
            raise DataError(f"{task.title} has no reader for local files", file=file)
        else:
            examples.extend(task.local.read(file, language))
    if not examples:
        raise DataError(f"no examples of {task.title} in {language}", file=files[0] if files else "(no file)")
    return identify(examples, parallel=task.parallel)


COPY = ".hub.jsonl"
"""How the local copies of hub datasets end."""
MADE = ".made.jsonl"
"""How the files of datasets end that the package makes itself."""


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


def language_of(code: str, system: str) -> tuple[str, bool]:
    """The language id of a code, and whether the code is known; ``xx-Zzzz`` where it is not."""
    try:
        return languages.from_code(code, system).id, True
    except UnknownName:
        return f"{code}-Zzzz", False


def _split(
    task: Task, local: Local, layouts: Sequence[Layout], root: Path, notes: list[str]
) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    for layout in layouts:
        for paths, code in _languages(local, sets(layout, root, notes)):
            shown = paths[0].relative_to(root)
            if code is None:
                language, known = task.source_language, True
            elif not _CODE.fullmatch(code):
                notes.append(f"{shown}: {code!r} is not a language code, the file is not read")
                continue
            else:
                language, known = language_of(code, local.codes)
            if language in found:
                taken = found[language][0].relative_to(root)
                notes.append(f"{shown}: {language} is read from {taken}, this file is not")
                continue
            if not known:
                notes.append(f"{shown}: the language code {code!r} is not in the table; it runs as {language}")
            found[language] = tuple(file for path in paths for file in _with_others(local, path, code, root))
    return dict(sorted(found.items()))


def _languages(local: Local, found: Iterable[Set]) -> Iterable[Set]:
    """The sets, one for each language that is within its files where these hold several."""
    for paths, code in found:
        if code is None and local.within is not None:
            yield from (
                (paths, within) for within in dict.fromkeys(its for path in paths for its in local.within(path))
            )
        else:
            yield paths, code


def _with_others(local: Local, path: Path, code: str | None, root: Path) -> tuple[Path, ...]:
    """A file and those that belong to it."""
    return (inside(path, root), *_companion(local, path, code, root), *_beside(local, path, root))


def _companion(local: Local, path: Path, code: str | None, root: Path) -> tuple[Path, ...]:
    if local.companion is None:
        return ()
    other = path.with_name(local.companion.replace("{code}", code or ""))
    if not other.is_file():
        raise DataError(f"its other half {other.name} is missing", file=path)
    return (inside(other, root),)


def _beside(local: Local, path: Path, root: Path) -> list[Path]:
    """The further files of one found, as far as they are there: whether it can be read without is the reader's."""
    return [inside(other, root) for ending in local.beside if (other := path.with_suffix(ending)).is_file()]


def _main(task: Task, files: Sequence[Path]) -> list[Path]:
    """The files without their companions."""
    if task.local is None:
        return list(files)
    if task.local.beside:
        return [file for file in files if file.suffix not in task.local.beside]
    if task.local.companion is None:
        return list(files)
    fits = expression(task.local.companion)
    return [file for file in files if not fits.fullmatch(file.name)] or list(files)
