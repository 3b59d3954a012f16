"""Reading entries again that nothing asks for, so that damage is found while it can still be repaired.

A run reads with its SHA-256 whatever it computes from and whatever it reports. The other entries of its graph it knows
by their stamps, which a failing disk leaves as they are. Each run therefore reads some of them anew, those first that
were not read for longest. A small store is read whole that way, a large one bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from xstilts.pipeline.entry import CorruptEntry, read_manifest
from xstilts.pipeline.store import Store
from xstilts.pipeline.verified import Verified

MOST = 512_000_000
"""Bytes that are read in one run: about 0.6 seconds of one core, shared by several. An entry that is larger by itself
is left to whoever computes from it, and to ``store verify``."""
_AT_ONCE = 4


def scrub(store: Store, keys: Iterable[str], *, most: int = MOST) -> dict[str, str]:
    """Read some entries anew; key and problem of those that are damaged."""
    verified = Verified(store.root / "verified")
    chosen = list(_chosen(store, verified.longest_unread(keys), most))
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # hashing lets the interpreter go
        problems = dict(zip(chosen, pool.map(lambda key: store.check(key, anew=True), chosen), strict=True))
    for key in chosen:
        if not problems[key]:
            verified.touch(key)
    return {key: problem for key, problem in problems.items() if problem}


def _chosen(store: Store, keys: Iterable[str], most: int) -> Iterator[str]:
    """The first of ``keys`` that together have at most so many bytes, without those that are larger by themselves."""
    left = most
    for key in keys:
        size = _bytes(store, key)
        if size > most:
            continue
        left -= size
        if left < 0:
            return
        yield key


def _bytes(store: Store, key: str) -> int:
    try:
        return sum(int(file["bytes"]) for file in read_manifest(store.directory(key))["files"].values())
    except CorruptEntry:
        return 0
