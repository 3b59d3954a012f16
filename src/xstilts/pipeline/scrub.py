"""Reading entries again that nothing asks for, so that damage is found while it can still be repaired.

A run reads with its SHA-256 whatever it computes from and whatever it reports. The other entries of its graph it knows
by their stamps, which a failing disk leaves as they are. Each run therefore reads some of them anew, those first that
were not read for longest. A small store is read whole that way, a large one bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterable

from xstilts.pipeline.entry import CorruptEntry, read_manifest
from xstilts.pipeline.store import Store
from xstilts.pipeline.verified import Verified

MOST = 256_000_000
"""Bytes that are read in one run: a quarter of a second of a processor that knows SHA-256. An entry that is larger by
itself is left to whoever computes from it, and to ``store verify``."""


def scrub(store: Store, keys: Iterable[str], *, most: int = MOST) -> dict[str, str]:
    """Read some entries anew; key and problem of those that are damaged."""
    verified, left = Verified(store.root / "verified"), most
    problems = {}
    for key in verified.longest_unread(keys):
        size = _bytes(store, key)
        if size > most:
            continue
        if size > left:
            break
        left -= size
        problem = store.check(key, anew=True)
        if problem:
            problems[key] = problem
        else:
            verified.touch(key)
    return problems


def _bytes(store: Store, key: str) -> int:
    try:
        return sum(int(file["bytes"]) for file in read_manifest(store.directory(key))["files"].values())
    except CorruptEntry:
        return 0
