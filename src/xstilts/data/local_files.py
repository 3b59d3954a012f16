"""The files of one task in a data folder, found by layout: whatever language is there is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from xstilts import languages
from xstilts.data.folders import data_folder, inside
from xstilts.data.layouts import Set, expression, language_of, sets
from xstilts.data.task_files import TaskFiles
from xstilts.errors import DataError
from xstilts.tasks.task import Layout, Local, Task


def local_files(task: Task, local: Local, root: Path) -> TaskFiles:
    """The files of ``task`` below ``root``, split by split.

    Raises:
        ConfigError: the folder does not exist, or a file of the task is a link that leaves it.
        DataError: a file without its companion.
    """
    root = data_folder(root)
    splits = {split: _split(task, local, layouts, root) for split, layouts in local.patterns.items()}
    files = {split: by_language for split, (by_language, _) in splits.items() if by_language}
    notes = [note for _, notes in splits.values() for note in notes]
    read = {file for by_language in files.values() for paths in by_language.values() for file in paths}
    return TaskFiles(files=files, notes=(*notes, *_dangling(local, root), *_unread(local, root, read)))


def _dangling(local: Local, root: Path) -> list[str]:
    """A note for each link with the name of a file of the task that leads nowhere or to itself."""
    notes: dict[str, None] = {}
    pieces = [
        piece
        for layouts in local.patterns.values()
        for layout in layouts
        for piece in ((layout,) if isinstance(layout, str) else layout)
    ]
    for piece in pieces:
        folder, fits = root / piece.rpartition("/")[0], expression(piece)
        if "{" in str(folder) or "*" in str(folder) or not folder.is_dir():
            continue
        for entry in folder.iterdir():
            shown = entry.relative_to(root).as_posix()
            if entry.is_symlink() and not entry.exists() and fits.fullmatch(shown):
                notes[f"{shown}: a link that leads nowhere or to itself, so the file is not read"] = None
    return list(notes)


def _unread(local: Local, root: Path, read: Collection[Path]) -> list[str]:
    """A note for each kind of file that is known, is here, and is deliberately not read."""
    notes = []
    for pattern, reason in local.unread.items():
        paths = [path for found, _ in sets(pattern, root)[0] for path in found if path not in read]
        if paths:
            others = f" and {len(paths) - 1} like it" if len(paths) > 1 else ""
            notes.append(f"{paths[0].relative_to(root)}{others}: not read: {reason}")
    return notes


def main_files(task: Task, files: Sequence[Path]) -> list[Path]:
    """Of the files of a task those that are read, without their companions."""
    if task.local is None:
        return list(files)
    if task.local.beside:
        return [file for file in files if file.suffix not in task.local.beside]
    if task.local.companion is None:
        return list(files)
    fits = expression(task.local.companion)
    return [file for file in files if not fits.fullmatch(file.name)] or list(files)


def _split(
    task: Task, local: Local, layouts: Sequence[Layout], root: Path
) -> tuple[dict[str, tuple[Path, ...]], list[str]]:
    """Language → files of a split, and what people should know of others."""
    found: dict[str, tuple[Path, ...]] = {}
    notes: list[str] = []
    for layout in layouts:
        whole, incomplete = sets(layout, root)
        notes += incomplete
        for paths, code in _languages(local, whole):
            shown = paths[0].relative_to(root)
            if code is None:
                language, remark = task.source_language, ""
            elif not languages.is_tag(code):
                notes.append(f"{shown}: {code!r} is not a language code, so the file is not read")
                continue
            else:
                language, remark = language_of(code, local.codes)
            if language in found:
                taken = found[language][0].relative_to(root)
                notes.append(f"{shown}: {language} is read from {taken}, this file is not")
                continue
            if remark:
                notes.append(f"{shown}: {remark}")
            found[language] = tuple(file for path in paths for file in _with_others(local, path, code, root))
    return dict(sorted(found.items())), notes


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
