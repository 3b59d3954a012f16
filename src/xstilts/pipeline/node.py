"""One cached step of a run, and the key under which its result is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import rfc8785

from xstilts.errors import XstiltsError

SCHEMA = 1
LARGEST_WHOLE = 2**53 - 1
"""Above, not every whole number is one of a double: RFC 8785 refuses them."""
JSON = Any
"""What RFC 8785 can write: str, int, finite float, bool, None, and lists and string-keyed dicts of them."""


class Shared(dict[str, JSON]):
    """A mapping that many nodes have in common, and nobody changes: its canonical JSON is written once.

    The rows of a test set, for one, are described alike under every arm and seed.
    """

    @cached_property
    def canonical(self) -> bytes:
        """Its canonical JSON."""
        return _written(self)


@dataclass(frozen=True, kw_only=True)
class Node:
    """One cached step; equal keys mean the same computation.

    What stands under *outside the key* may differ between two runs of the same node.
    """

    kind: str
    """The phase that runs it."""
    params: Mapping[str, JSON] = field(default_factory=dict)
    """All that can change the numbers."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """``room.name`` → version, of every registered module that it uses."""
    data: Mapping[str, str] = field(default_factory=dict)
    """role → fingerprint of a file that it reads."""
    parents: Mapping[str, Node] = field(default_factory=dict)
    """role → node whose result it reads."""

    # Outside the key.
    label: str = field(default="", compare=False)
    """What people read: ``fine_tuning xnli ← qamr · seed 11``."""
    paths: Mapping[str, str] = field(default_factory=dict, compare=False)
    """role → where the file of that role lies now."""
    group: str = field(default="", compare=False)
    """Ready nodes of one group are handed to the phase together (evaluation: one pass over all languages)."""
    threads: int = field(default=1, compare=False)
    """Cores that it takes; fixed by the run, never by the executor; the manifest records it."""
    estimate: Mapping[str, JSON] = field(default_factory=dict, compare=False)
    """What ``plan`` shows: tokens, FLOPs, whether measured or estimated."""

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785) of everything that can change the result; 64 hex digits."""
        return hashlib.sha256(canonical(self.identity)).hexdigest()

    @property
    def identity(self) -> dict[str, JSON]:
        """What the key hashes."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "params": _plain(self.params),
            "versions": _plain(self.versions),
            "data": _plain(self.data),
            "parents": {role: parent.key for role, parent in self.parents.items()},
        }

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.key == other.key


def canonical(value: JSON) -> bytes:
    """Canonical JSON (RFC 8785).

    Raises:
        XstiltsError: NaN, infinity, or a type that JSON does not have.
    """
    try:
        return _written(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise XstiltsError(f"not canonical JSON: {error}") from error


def _written(value: JSON) -> bytes:
    """As `rfc8785.dumps` writes it, which is left what is rare, and never sees what is `Shared`."""
    kind = type(value)
    if kind is str:
        # Printable ASCII is written as it is (section 3.2.2.2).
        plain = value.isascii() and value.isprintable() and '"' not in value and "\\" not in value
        return b'"' + value.encode() + b'"' if plain else rfc8785.dumps(value)
    if kind is int:
        return b"%d" % value if -LARGEST_WHOLE <= value <= LARGEST_WHOLE else rfc8785.dumps(value)
    if isinstance(value, dict) and set(map(type, value)) <= {str}:
        return b"{" + b",".join([_name(key) + b":" + _member(value[key]) for key in _in_order(value)]) + b"}"
    if isinstance(value, list | tuple):
        return b"[" + b",".join(map(_member, value)) + b"]"
    return rfc8785.dumps(value)


def _in_order(names: Collection[str]) -> list[str]:
    """By their units of UTF-16 (section 3.2.3), which in ASCII are the characters."""
    if all(map(str.isascii, names)):
        return sorted(names)
    return sorted(names, key=lambda name: name.encode("utf-16be"))


def _member(value: JSON) -> bytes:
    return value.canonical if isinstance(value, Shared) else _written(value)


def _plain(value: Mapping[str, JSON]) -> dict[str, JSON]:
    return value if isinstance(value, Shared) else dict(value)


@lru_cache(maxsize=4096)
def _name(key: str) -> bytes:
    """Few names are written over and over."""
    return rfc8785.dumps(key)
