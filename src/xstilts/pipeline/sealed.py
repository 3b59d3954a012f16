"""Files that carry their own SHA-256: small JSON that a store keeps beside its entries, and files made once.

A disk that fails changes bytes and leaves size and time as they are; JSON with another digit in it is still JSON.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from xstilts.errors import XstiltsError
from xstilts.pipeline.fingerprint import sha256, write_atomically
from xstilts.pipeline.node import JSON

_LOG = logging.getLogger("xstilts")


class Damaged(XstiltsError):
    """A file that carries its SHA-256 does not hold what was written; what it held can be found out anew."""


_DIGEST, _VALUE = "sha256", "value"


def sealed(value: JSON) -> str:
    """``value`` as JSON text with its SHA-256."""
    value = json.loads(json.dumps(value, allow_nan=False))  # as it will be read: tuples are lists, keys are strings
    return json.dumps({_DIGEST: _digest(value), _VALUE: value}, ensure_ascii=True)


def unsealed(data: bytes) -> JSON:
    """What ``sealed`` was given.

    Raises:
        Damaged: these are not the bytes that it wrote.
    """
    try:
        found = json.loads(data)
    except ValueError:
        raise Damaged("not JSON") from None
    if not isinstance(found, dict) or set(found) != {_DIGEST, _VALUE}:
        raise Damaged("it carries no SHA-256")
    if found[_DIGEST] != _digest(found[_VALUE]):
        raise Damaged("its SHA-256 is not the one that it carries")
    return found[_VALUE]


def keep(path: Path, value: JSON) -> None:
    """Write a sealed file, whole or not at all."""
    write_atomically(path, sealed(value))


def kept(path: Path) -> JSON:
    """What a sealed file holds; None where there is none, or where it is damaged, which is warned about."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    try:
        return unsealed(data)
    except Damaged as error:
        if b'"sha256"' in data or not _is_json(data):  # else an earlier version wrote it, and it is only stale
            _LOG.warning("%s is damaged: %s; what it held is found out anew", path, error)
        return None


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """A file that takes long to make: found again, or made; one that is not what was made is warned about.

    Args:
        path: the file; its SHA-256 lies beside it.
        make: writes the file that it is given, in the same folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    seal = path.with_name(f"{path.name}.sha256")
    if path.exists() and seal.exists():
        if sha256(path) == seal.read_text("utf-8", errors="replace"):
            return path
        _LOG.warning("%s is damaged: its SHA-256 is not the one beside it; making it again", path)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
    try:
        make(partial)
        digest = sha256(partial)
        seal.unlink(missing_ok=True)  # killed after the next line, the file has no seal, rather than a wrong one
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    write_atomically(seal, digest)
    return path


def _digest(value: JSON) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
