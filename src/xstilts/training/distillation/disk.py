"""How much disk the lessons of a run take, and up to where they are kept. Never imports torch: plans ask it, too."""

from __future__ import annotations

MOST = 8 * 2**30
"""Bytes up to which the lessons of a stream of rows are kept."""


def size_of(spans: int, rows: int, *, width: int, parts: int) -> int:
    """Bytes that lessons take in fp16: of every span so many parts of a width, of every row a vector of that width."""
    return 2 * width * (spans * parts + rows)
