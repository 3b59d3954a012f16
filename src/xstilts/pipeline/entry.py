"""A finished result in the store: its files, and the manifest that vouches for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xstilts.errors import XstiltsError
from xstilts.pipeline.fingerprint import Stamp, sha256_once, stamp
from xstilts.pipeline.node import JSON

MANIFEST = "manifest.json"
PARTIAL_MANIFEST = f"{MANIFEST}.partial"
MANIFEST_SCHEMA = 1


class CorruptEntry(XstiltsError):
    """An entry of the store whose bytes are not those that were written; names the entry and the file."""

    def __init__(self, directory: Path, problem: str) -> None:
        self.directory, self.problem = directory, problem
        super().__init__(f"store entry {directory}: {problem}")

    def __reduce__(self) -> tuple[type[CorruptEntry], tuple[Path, str]]:
        return CorruptEntry, (self.directory, self.problem)


@dataclass(frozen=True)
class Entry:
    """A finished result, verified when it was opened."""

    directory: Path
    manifest: Mapping[str, JSON]

    def path(self, name: str) -> Path:
        """A file of the entry, or a folder of it.

        Raises:
            XstiltsError: the entry holds no such file; the message lists those that it holds.
        """
        files = self.manifest["files"]
        if name not in files and not any(file.startswith(f"{name}/") for file in files):
            held = ", ".join(files) or "none"
            raise XstiltsError(f"store entry {self.directory} holds no file {name!r}; it holds {held}")
        return self.directory / name

    def json(self, name: str) -> JSON:
        """A JSON file of the entry, read."""
        return json.loads(self.path(name).read_text("utf-8"))


def read_manifest(directory: Path) -> dict[str, JSON]:
    """The manifest of an entry.

    Raises:
        CorruptEntry: there is none, or it is not as it was written.
    """
    try:
        data = (directory / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise CorruptEntry(directory, f"{MANIFEST} is missing") from None
    except OSError as error:
        raise CorruptEntry(directory, f"{MANIFEST} cannot be read: {error.strerror}") from error
    return parse_manifest(directory, data)


def parse_manifest(directory: Path, data: bytes) -> dict[str, JSON]:
    """The manifest of the entry in ``directory``, from its bytes.

    Raises:
        CorruptEntry: it is not as it was written, or belongs to another entry.
    """
    try:
        manifest = json.loads(data)
    except ValueError:
        raise CorruptEntry(directory, f"{MANIFEST} is damaged: not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("digest") != digest(manifest):
        raise CorruptEntry(directory, f"{MANIFEST} is damaged: its digest does not match")
    if manifest["key"] != directory.name:
        raise CorruptEntry(directory, f"{MANIFEST} belongs to {manifest['key']}")
    return manifest


def digest(manifest: Mapping[str, JSON]) -> str:
    """SHA-256 over the manifest without this field itself; 64 hex digits."""
    rest = {name: value for name, value in manifest.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def damage(
    directory: Path, manifest: Mapping[str, JSON], *, known: Mapping[str, Stamp], anew: bool = False
) -> tuple[str | None, dict[str, Stamp]]:
    """What is wrong with the files of an entry, and their stamps as they are now.

    Args:
        directory: where the files lie.
        manifest: what they must be.
        known: stamps under which a file's hash was found right; such a file is not read again.
        anew: read every other file even if this process has hashed it before.
    """
    stamps: dict[str, Stamp] = {}
    for name, expected in manifest["files"].items():
        path = directory / name
        try:
            stamps[name] = stamp(path)
            if stamps[name] == known.get(name):
                continue
            if stamps[name][0] != expected["bytes"]:
                return f"{name} has {stamps[name][0]} bytes, its manifest says {expected['bytes']}", stamps
            found = sha256_once(path, anew=anew)
        except FileNotFoundError:
            return f"{name} is missing", stamps
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}", stamps
        if found != expected["sha256"]:
            return f"{name} is damaged: its SHA-256 is not the one in its manifest", stamps
    return None, stamps


def intact(directory: Path, manifest: Mapping[str, JSON], name: str, data: bytes | None = None) -> bytes:
    """The bytes of one file of an entry, read where they are not given.

    Raises:
        CorruptEntry: the entry has no such file, or its bytes are not those that were written.
    """
    described = manifest["files"].get(name)
    if described is None:
        raise CorruptEntry(directory, f"it holds no file {name!r}")
    if data is None:
        try:
            data = (directory / name).read_bytes()
        except OSError as error:
            raise CorruptEntry(directory, f"{name} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != described["sha256"]:
        raise CorruptEntry(directory, f"{name} is damaged: its SHA-256 is not the one in its manifest")
    return data


def checked_name(name: str) -> str:
    """``name`` if it stays inside an entry and is not the manifest's own.

    Raises:
        XstiltsError: it does not.
    """
    pure = PurePosixPath(name)
    if not name or pure.is_absolute() or ".." in pure.parts or str(pure) in (MANIFEST, PARTIAL_MANIFEST):
        raise XstiltsError(f"{name!r} cannot be the name of a file in a store entry")
    return str(pure)
