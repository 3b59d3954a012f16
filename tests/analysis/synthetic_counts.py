"""Synthetic counts for the tests of analysis and reports."""

import zlib
from dataclasses import replace

import numpy as np

from xstilts.analysis.cells import Counts, Failed


def accuracy(totals):
    right, count = totals[..., 0], totals[..., 1]
    return {"accuracy": np.divide(right, count, out=np.full_like(right, np.nan), where=count > 0)}


def f1(totals):
    tp, fp, fn = (totals[..., i] for i in range(3))

    def ratio(a, b):
        return np.divide(a, b, out=np.full_like(a, np.nan), where=b > 0)

    return {"f1": ratio(2 * tp, 2 * tp + fp + fn), "precision": ratio(tp, tp + fp)}


def rng_of(*parts):
    return np.random.default_rng(zlib.crc32("|".join(map(str, parts)).encode()))


def cell(arm, target, language, seed, *, rate=0.6, n=60, per_cluster=2, metric="accuracy", counts=None):
    """One cell; the counts depend on its names alone."""
    names = ("accuracy",) if metric == "accuracy" else ("f1", "precision")
    if counts is None:
        rng = rng_of(arm, target, language, seed, metric)
        if metric == "accuracy":
            counts = np.stack([(rng.random(n) < rate).astype(float), np.ones(n)], axis=1)
        else:
            counts = rng.poisson([2 * rate, 1 - rate, 1 - rate], (n, 3)).astype(float)
    n = len(counts)
    return Counts(
        arm=arm,
        target=target,
        language=language,
        seed=seed,
        metric=metric,
        score_names=names,
        counts=counts,
        example_ids=[f"e{i}" for i in range(n)],
        cluster_ids=[f"c{i // per_cluster}" for i in range(n)],
        node=f"{zlib.crc32(f'{arm}{target}{language}{seed}'.encode()):08x}" * 8,
        scores=accuracy if metric == "accuracy" else f1,
    )


def with_leak(cells):
    """Cells of direct fine-tuning, and of two arms that have the first twenty examples right, else the same."""
    found = list(cells)
    for one in cells:
        counts = one.counts.copy()
        counts[:20, 0] = 1
        found += [replace(one, arm=arm, counts=counts) for arm in ("leaky", "honest")]
    return found


def failure(arm, target, language, seed, message="out of memory"):
    return Failed(arm=arm, target=target, language=language, seed=seed, message=message, node="f" * 64)
