"""Paths that a user names: looked up in order, and never outside the folder in which they were found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xstilts.errors import ConfigError, NotFound, nearest
from xstilts.pipeline.writable import shortened


def data_folder(root: Path) -> Path:
    """``root`` itself.

    Raises:
        ConfigError: it does not exist or is not a folder; names the nearest that does.
    """
    try:
        if root.is_dir():
            return root
        there = root.exists()
    except OSError as error:
        raise ConfigError(f"the data folder {shortened(root)} cannot be used: {error.strerror}") from None
    if there:
        raise ConfigError(f"the data folder {root} is not a folder")
    if root.is_symlink():
        raise ConfigError(f"the data folder {root} is a link that leads nowhere or to itself")
    close = nearest(root.name, _names(root.parent))
    hint = f"did you mean {root.parent / close}?" if close else ""
    raise ConfigError(f"the data folder {root} does not exist", hint=hint)


def inside(path: Path, folder: Path, *, given: str = "", where: str | Path = "") -> Path:
    """``path``, which must be inside ``folder`` once links are followed.

    Raises:
        ConfigError: it escapes.
    """
    try:
        escapes = not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:  # links that lead to each other are a RuntimeError before Python 3.13
        reason = getattr(error, "strerror", None) or "it is a link that leads to itself"
        raise ConfigError(f"{shortened(given or path)} cannot be read: {reason}", where=where) from None
    if escapes:
        raise ConfigError(
            f"the path {given or path} escapes its folder {folder}",
            where=where,
            hint="put the file, not a link to it, into the data folder",
        )
    return path


def resolve_files(
    names: Sequence[str], root: Path | None, beside: Path, *, where: str | Path = "", folders: bool = False
) -> list[Path]:
    """The files that an experiment names, looked up below ``root`` (``--data``) first, then in ``beside``.

    Args:
        names: relative paths, as written.
        root: the data folder, or None if there is none.
        beside: the folder of the experiment file.
        where: the experiment file and key, for messages.
        folders: True where the names are those of folders (``pretraining.text``).

    Raises:
        ConfigError: the data folder does not exist; a path that escapes the folder in which it was found; a file
            that is in neither, with both places and the nearest existing name.
    """
    places = [data_folder(root)] if root is not None else []
    places += [beside] if beside not in places else []
    return [_resolve(str(name), places, root, where=where, folders=folders) for name in names]


def _resolve(name: str, places: list[Path], root: Path | None, *, where: str | Path, folders: bool) -> Path:
    for place in places:
        path = place / name
        try:
            found = path.is_dir() if folders else path.is_file()
        except OSError as error:  # a name that no file can have
            raise ConfigError(f"{shortened(name)} cannot be read: {error.strerror}", where=where) from None
        if found:
            return inside(path, place, given=name, where=where)
        if path.exists():
            inside(path, place, given=name, where=where)
            wanted, it_is = ("folder", "a file") if folders else ("file", "a folder")
            raise NotFound(f"{shortened(path)} is {it_is}; a {wanted} is expected", where=where)
    for place in places:  # an escaping path is reported as such even if nothing is there
        inside(place / name, place, given=name, where=where)
    close = next(filter(None, (_nearest(place / name, place) for place in places)), None)
    looked = " nor ".join(str(place / name) for place in places)
    noun = "folder" if folders else "file"
    raise NotFound(
        f"no {noun} {name}: neither {looked} exists" if len(places) > 1 else f"no {noun} {looked}",
        where=where,
        hint=f"did you mean {close}?" if close else _DATA_HINT if root is None else "",
    )


_DATA_HINT = "--data DIR names the folder that holds the data"


def _nearest(path: Path, place: Path) -> str | None:
    """The existing path closest to ``path``, following the part of it that does exist."""
    found = place
    for part in path.relative_to(place).parts:
        if (found / part).exists():
            found = found / part
            continue
        close = nearest(part, _names(found)) if found.is_dir() else None
        return str((found / close).relative_to(place)) if close else None
    return None


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []
