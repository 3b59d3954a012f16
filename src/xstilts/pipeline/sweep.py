"""What a store removes: entries nobody wants, and what killed runs left."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.pipeline.entry import MANIFEST, CorruptEntry, read_manifest
from xstilts.pipeline.fingerprints import Fingerprints
from xstilts.pipeline.locks import locked, locked_if_free
from xstilts.pipeline.verified import Verified

if TYPE_CHECKING:
    from xstilts.pipeline.store import Store


def entry_directories(root: Path) -> list[Path]:
    """The folders of all entries, whole or not, by key."""
    return sorted((root / "entries").glob("??/*"), key=lambda path: path.name)


@contextlib.contextmanager
def announced(root: Path, keys: Iterable[str]) -> Iterator[None]:
    """Say in ``<root>/runs`` which keys a living run uses: a file that lists them, locked while it lives."""
    folder = root / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        with locked(folder / ".lock"):
            path = folder / f"run-{secrets.token_hex(8)}"
            path.write_text(json.dumps(sorted(keys)), "utf-8")
            stack.enter_context(locked(path))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def sweep_writing(root: Path, key: str = "") -> int:
    """Remove what dead writers (of ``key``, or of all) left; bytes freed."""
    freed = 0
    folder = root / "writing"
    for directory in folder.glob(f"{key}*.*"):
        if directory.name == ".lock":
            continue
        with contextlib.ExitStack() as stack:
            with locked(folder / ".lock"):
                free = stack.enter_context(locked_if_free(directory))
            if free:
                freed += _remove(directory)
    return freed


def collect(store: Store, keep: set[str], *, dry_run: bool) -> tuple[int, int]:
    """See ``Store.gc``."""
    used, any_run = keys_in_use(store.root)
    keep = keep | used
    removed = freed = 0
    for directory in entry_directories(store.root):
        whole = (directory / MANIFEST).exists()
        if whole and (directory.name in keep or (any_run and is_derived(directory))):
            continue
        with free_of_writers(store, directory.name) as free:
            if free and whole == (directory / MANIFEST).exists():
                removed += whole
                freed += size(directory)
                if not dry_run:
                    store.discard(directory.name)
    freed += _collect_scratch(store, keep, dry_run=dry_run)
    if not dry_run:
        freed += sweep_writing(store.root)
        _forget(store, keep)
    return removed, freed


def size(path: Path) -> int:
    """Bytes of all files under ``path``."""
    return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())


def _collect_scratch(store: Store, keep: set[str], *, dry_run: bool) -> int:
    """Scratch of nodes that nobody wants, or that are finished."""
    freed = 0
    for directory in sorted((store.root / "scratch").glob("*")):
        if directory.name in keep and not store.has(directory.name):
            continue
        with free_of_writers(store, directory.name) as free:
            if free:
                freed += size(directory) if dry_run else _remove(directory)
    return freed


def _forget(store: Store, keep: set[str]) -> None:
    """Remove small records of what is gone."""
    root = store.root
    verified = Verified(root / "verified")
    for key in list(verified.keys()):
        if not store.has(key):
            verified.forget(key)
    for path in (root / "failures").glob("*.txt"):
        if path.stem not in keep:
            path.unlink(missing_ok=True)
    Fingerprints(root / "fingerprints").sweep()
    for path in (root / "locks").glob("*"):
        with locked_if_free(path) as free:
            if free:
                path.unlink(missing_ok=True)


def keys_in_use(root: Path) -> tuple[set[str], bool]:
    """Keys that living runs use, and whether there is a living run; removes the notes of dead ones."""
    used: set[str] = set()
    alive = False
    folder = root / "runs"
    if not folder.is_dir():
        return used, alive
    with locked(folder / ".lock"):
        for path in folder.glob("run-*"):
            with locked_if_free(path) as free, contextlib.suppress(FileNotFoundError):
                if free:
                    path.unlink()
                else:
                    used.update(json.loads(path.read_bytes()))
                    alive = True
    return used, alive


@contextlib.contextmanager
def free_of_writers(store: Store, key: str) -> Iterator[bool]:
    """Whether nobody is computing ``key``; nobody starts to inside the block."""
    path = store.root / "locks" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked_if_free(path) as free:
        yield free


def is_derived(directory: Path) -> bool:
    """Whether an entry is not a node's result but made from one (see ``Store.derive``)."""
    try:
        return bool(read_manifest(directory).get("derived"))
    except CorruptEntry:
        return False


def _remove(directory: Path) -> int:
    freed = size(directory)
    shutil.rmtree(directory, ignore_errors=True)
    return freed
