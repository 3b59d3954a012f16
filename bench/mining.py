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
from harness import machine, options, turns
from harness.verdicts import Verdict

SIZES = {
    "tiny": {"rounds": 1, "left": 2_000, "right": 500, "width": 64},
    "small": {"rounds": 2, "left": 50_000, "right": 10_000, "width": 384},
    "full": {"rounds": 3, "left": 200_000, "right": 20_000, "width": 384},
}
K = 4
OURS, THEIRS = "xstilts", "faiss, both directions"
TARGET, MOST_GIB = 2.0, 2.0


def ours(given: argparse.Namespace, part: str) -> turns.Found:
    import torch

    from xstilts.heads.mining import mine

    torch.set_num_threads(given.threads)
    left, right = vectors(given)
    pairs, seconds = machine.timed(lambda: mine(left, right, neighbours=K))
    return _result(given, seconds, pairs.left, pairs.right)


def straightforward(given: argparse.Namespace, part: str) -> turns.Found:
    import faiss

    faiss.omp_set_num_threads(given.threads)
    left, right = vectors(given)
    (lefts, rights), seconds = machine.timed(lambda: _faiss(faiss, left, right))
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


def _result(given: argparse.Namespace, seconds: dict[str, float], lefts: np.ndarray, rights: np.ndarray) -> turns.Found:
    np.save(_pairs_file(given, turns.contender_of(given)), np.stack([lefts, rights], axis=1))
    products = 2 * given.left * given.right * given.width / 1e9
    found = {"units": given.left, "pairs": len(lefts), "gflops_of_one_pass": products / seconds["seconds"]}
    return {**seconds, **found, "peak_mib": machine.host_peak_mib()}


def _pairs_file(given: argparse.Namespace, contender: str) -> Path:
    return Path(given.work / f"pairs-{list(CONTENDERS).index(contender)}.npy")


def judge(result: turns.Result, comparison: turns.Comparison, given: argparse.Namespace) -> list[Verdict]:
    """Fails where the contenders find other pairs; a few may differ, where sums in fp32 round differently."""
    for row in result.rows:
        one, other = (set(map(tuple, np.load(_pairs_file(given, name)).tolist())) for name in (OURS, row["contender"]))
        row["same_pairs"] = len(one & other)
        if row["same_pairs"] < 0.999 * max(len(one), len(other)):
            raise SystemExit(f"other pairs by {row['contender']}: {len(one & other)} of {len(one)} and {len(other)}")
    found, mine = turns.ratio(result, comparison, THEIRS, target=TARGET), result.of(OURS)
    if mine:
        value, work = mine["peak_mib"] / 2**10, f"{comparison.work}: peak memory"
        found.append(Verdict(work=work, against="–", value=value, unit="gib", target=MOST_GIB, most=True))
    return found


CONTENDERS = {OURS: ours, THEIRS: straightforward}


def main() -> None:
    given = options.parse(options.parser(__doc__ or ""), SIZES)
    if not given.worker:
        vectors(given)
    sizes = f"{given.left:,} × {given.right:,} × {given.width}"
    comparison = turns.Comparison(work=f"mining {sizes}, exact", unit="left vectors", contenders=CONTENDERS)
    turns.main(given, comparison, lambda result: judge(result, comparison, given))


if __name__ == "__main__":
    main()
