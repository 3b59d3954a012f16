"""Mining translations: xstilts against a straightforward faiss script (IndexFlatIP in both directions, then margins).

python bench/mining.py [--left 200000] [--right 20000] [--width 384] [--rounds 3] [--threads N] [--json FILE]

Vectors are drawn: all near one direction, as sentence vectors are, and a tenth of the right ones near a left one.
Both find the same pairs, or the script says so and fails.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import turns

K = 4


def ours(given: argparse.Namespace) -> dict[str, float]:
    import torch

    from xstilts.heads.mining import mine

    torch.set_num_threads(given.threads)
    left, right = vectors(given)
    pairs, seconds = turns.timed(lambda: mine(left, right, neighbours=K))
    return _result(given, seconds, pairs.left, pairs.right)


def straightforward(given: argparse.Namespace) -> dict[str, float]:
    import faiss

    faiss.omp_set_num_threads(given.threads)
    left, right = vectors(given)
    (lefts, rights), seconds = turns.timed(lambda: _faiss(faiss, left, right))
    return _result(given, seconds, lefts, rights)


def _faiss(faiss: Any, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN401
    """As LASER's and XTREME's scripts do it."""
    forth, forth_index = _search(faiss, right, left)
    back, back_index = _search(faiss, left, right)
    left_mean, right_mean = forth.mean(axis=1), back.mean(axis=1)
    forth_margin = forth / ((left_mean[:, None] + right_mean[forth_index]) / 2)
    back_margin = back / ((right_mean[:, None] + left_mean[back_index]) / 2)
    forth_best = forth_index[np.arange(len(left)), forth_margin.argmax(axis=1)]
    back_best = back_index[np.arange(len(right)), back_margin.argmax(axis=1)]
    sources = np.concatenate([np.arange(len(left)), back_best])
    targets = np.concatenate([forth_best, np.arange(len(right))])
    scores = np.concatenate([forth_margin.max(axis=1), back_margin.max(axis=1)])
    seen_left, seen_right, kept = set(), set(), []
    for place in np.argsort(-scores, kind="stable"):
        one, other = int(sources[place]), int(targets[place])
        if one not in seen_left and other not in seen_right:
            seen_left.add(one)
            seen_right.add(other)
            kept.append(place)
    return sources[kept], targets[kept]


def _search(faiss: Any, index: np.ndarray, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN401
    built = faiss.IndexFlatIP(index.shape[1])
    built.add(index)
    found: tuple[np.ndarray, np.ndarray] = built.search(queries, K)
    return found


def vectors(given: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Both sides, drawn once and kept."""
    files = [given.work / f"vectors-{given.left}-{given.right}-{given.width}.{side}.npy" for side in ("left", "right")]
    if not files[1].exists():
        given.work.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(1)
        common = draw.standard_normal(given.width, dtype=np.float32)
        left = common + draw.standard_normal((given.left, given.width), dtype=np.float32)
        right = common + draw.standard_normal((given.right, given.width), dtype=np.float32)
        same = draw.permutation(given.left)[: given.right // 10]
        right[: len(same)] = left[same] + 0.5 * (right[: len(same)] - common)
        for side, file in zip((left, right), files, strict=True):
            np.save(file, side / np.linalg.norm(side, axis=1, keepdims=True))
    left, right = (np.load(file) for file in files)
    return left, right


def _result(
    given: argparse.Namespace, seconds: dict[str, float], lefts: np.ndarray, rights: np.ndarray
) -> dict[str, float]:
    order = np.argsort(lefts)
    # What both contenders must agree on; a pair may differ where float32 sums round differently.
    numbers = (lefts[order] * 1_000_003 + rights[order]) % 1_000_000_007
    np.save(_pairs_file(given, given.worker), numbers)
    products = 2 * given.left * given.right * given.width / 1e9
    return {**seconds, "pairs": len(lefts), "gflops_of_one_pass": products / seconds["seconds"]}


def _pairs_file(given: argparse.Namespace, name: str) -> Path:
    return Path(given.work / f"pairs-{name.split(',')[0]}.npy")


CONTENDERS = {"xstilts": ours, "faiss, both directions": straightforward}


def main() -> None:
    parser = turns.parser(__doc__ or "")
    parser.add_argument("--left", type=int, default=200_000)
    parser.add_argument("--right", type=int, default=20_000)
    parser.add_argument("--width", type=int, default=384)
    given = parser.parse_args()
    if not given.worker:
        vectors(given)
    turns.main(given, CONTENDERS)
    if not given.worker:
        one, other = (set(np.load(_pairs_file(given, name)).tolist()) for name in CONTENDERS)
        print(f"pairs of both: {len(one & other)} of {len(one)} and {len(other)}")
        if len(one & other) < 0.999 * max(len(one), len(other)):
            raise SystemExit("the contenders found other pairs")


if __name__ == "__main__":
    main()
