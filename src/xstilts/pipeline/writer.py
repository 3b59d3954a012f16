"""How a result gets into the store: files first, the manifest last."""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xstilts.errors import StoreFull, XstiltsError
from xstilts.pipeline.entry import MANIFEST, MANIFEST_SCHEMA, PARTIAL_MANIFEST, checked_name, digest
from xstilts.pipeline.fingerprint import Stamp, remember, sha256, stamp
from xstilts.pipeline.locks import locked
from xstilts.pipeline.node import JSON, Node

_TICK_NS = 20_000_000  # longer than the clock tick of a local file system (10 ms at most)
_FULL = ("No space left on device", "Disk quota exceeded")


@dataclass
class Writer:
    """A result on its way into the store; nobody sees it before it is whole."""

    directory: Path
    """A temporary folder on the store's file system; all that lies in it at the end becomes the entry."""
    facts: dict[str, JSON] = field(default_factory=dict)
    """What the manifest records beside the key: tokens, seconds, threads, library versions."""

    def path(self, name: str) -> Path:
        """Where to write the file ``name`` (``/`` for folders, which are made)."""
        path = self.directory / checked_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_json(self, name: str, value: JSON) -> Path:
        """Write a JSON file: UTF-8, keys in the order given.

        Raises:
            XstiltsError: NaN, infinity, or a type that JSON does not have; missing is ``None``.
        """
        path = self.path(name)
        path.write_text(as_json(value, what=name), "utf-8")
        return path


@contextlib.contextmanager
def folder_for_writing(root: Path, key: str) -> Iterator[Path]:
    """An empty folder for the result of ``key`` on its way; it is locked, and gone after an exception."""
    folder = root / "writing"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        # Made and locked in one step, so that nobody takes it for a dead writer's.
        with locked(folder / ".lock"):
            directory = folder / f"{key}.{secrets.token_hex(4)}"
            directory.mkdir()
            stack.enter_context(locked(directory))
        try:
            yield directory
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise


def as_json(value: JSON, *, what: str) -> str:
    """``value`` as JSON text.

    Raises:
        XstiltsError: it is not JSON; the message names ``what``.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    except (ValueError, TypeError) as error:
        raise XstiltsError(f"{what}: not JSON: {error}") from error


def commit(
    writer: Writer, node: Node, *, target: Path, derived: bool, copy: Callable[[Path], None] | None = None
) -> dict[str, Stamp]:
    """Put what was written in its place, the manifest last; stamps of the files as they then are.

    Args:
        writer: what was written.
        node: whose result it is.
        target: the entry's folder.
        derived: see ``Store.derive``.
        copy: called with the whole entry before it appears; if it raises, the entry does not.
    """
    files, stamps = _seal(writer.directory)
    manifest: dict[str, JSON] = {
        "schema": MANIFEST_SCHEMA,
        "key": node.key,
        "kind": node.kind,
        "label": node.label,
        "identity": node.identity,
        "parents": {role: parent.key for role, parent in node.parents.items()},
        "files": files,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "derived": derived,
        "facts": writer.facts,
    }
    # The digest is that of the manifest as it will be read: tuples are lists by then, keys are strings.
    manifest = json.loads(as_json(manifest, what=f"facts of {node.label or node.key}"))
    manifest["digest"] = digest(manifest)
    partial = writer.directory / PARTIAL_MANIFEST
    partial.write_text(as_json(manifest, what=MANIFEST), "utf-8")
    _sync(partial)
    _sync(writer.directory)
    if copy is not None:
        copy(writer.directory)
    if not place(writer.directory, target):
        return {}
    for name, described in files.items():
        remember(target / name, described["sha256"])
    return {**stamps, MANIFEST: stamp(target / MANIFEST)}


def place(directory: Path, target: Path) -> bool:
    """Move a sealed folder to its place and let the entry appear.

    Where another process committed the same key meanwhile, its entry stays, ours is dropped, and the answer is False.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if (target / MANIFEST).exists():
        shutil.rmtree(directory)
        return False
    if target.exists():  # left by a commit that was killed before its manifest
        shutil.rmtree(target)
    directory.rename(target)
    _sync(target.parent)
    publish(target)
    return True


def publish(target: Path) -> None:
    """The moment from which an entry exists: its manifest gets its name."""
    (target / PARTIAL_MANIFEST).rename(target / MANIFEST)
    _sync(target)


def _seal(directory: Path) -> tuple[dict[str, dict[str, JSON]], dict[str, Stamp]]:
    """Bring every file to the disk and hash it."""
    files: dict[str, dict[str, JSON]] = {}
    stamps: dict[str, Stamp] = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise XstiltsError(f"{name}: a store entry holds plain files only")
        _sync(path)
        if path.is_dir():
            continue
        files[checked_name(name)] = {"sha256": sha256(path), "bytes": path.stat().st_size}
        # A write within the clock's tick of the last one would leave the time as it is: a time one tick back
        # makes every later write visible in the stamp.
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - _TICK_NS))
        stamps[name] = stamp(path)
    return files, stamps


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def store_full(root: Path) -> Iterator[None]:
    """Turn *no space left* from whatever library into ``StoreFull``."""
    try:
        yield
    except StoreFull:
        raise
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise StoreFull(f"no space left on the disk of the store ({root}): {error}") from error


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is the disk's or the quota's end."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, StoreFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        # Libraries written in Rust or C++ pass the system's words on, not its number.
        if any(words in str(error) for words in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False
