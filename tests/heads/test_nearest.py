"""Nearest neighbours against brute force: tiles, precisions, threads, ties, collapsed vectors, error bound, memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xstilts.heads import nearest, screening
from xstilts.heads.nearest import nearest_of_all
from xstilts.heads.screening import Screen, product

NEVER, ALWAYS = 0, 1 << 40
"""Values of DENSE."""
PRECISIONS = [torch.bfloat16, torch.float32]
TILES = [(1, 1), (3, 5), (32, 64), (1024, 4096)]


@pytest.fixture(params=[1, 3], autouse=True)
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    assert torch.get_num_threads() == request.param, "left as it was"
    torch.set_num_threads(before)


def found(left, right, most, *, tiles=(1024, 4096), dense=nearest.DENSE, precision=None):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "ROWS", tiles[0])
        patch.setattr(nearest, "COLUMNS", tiles[1])
        patch.setattr(nearest, "DENSE", dense)
        if precision is not None:
            patch.setattr(screening, "fastest", lambda: precision)
        return nearest_of_all(left, right, most=most)


def check(left, right, most, **how):
    """Both directions, index for index and bit for bit."""
    for mine, others, near in zip((left, right), (right, left), found(left, right, most, **how), strict=True):
        exact = (mine.astype("f8")[:, None] * others).sum(axis=2).astype("f4")
        expected = np.argsort(-exact, axis=1, kind="stable")[:, :most]  # the first of equal ones goes before
        assert near.index.tolist() == expected.tolist()
        assert near.similarity.tolist() == np.take_along_axis(exact, expected, axis=1).tolist()


def unit(rows, width=32, seed=0, common=0.0, spread=1.0):
    draw = np.random.default_rng(seed)
    found = spread * draw.normal(size=(rows, width)) + common * np.random.default_rng(99).normal(size=width)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype("f4")


WHOLE = st.integers(-3, 3).map(float)
"""Many ties."""


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4)).flatmap(
        lambda shape: st.tuples(*(arrays(np.float32, (count, shape[2]), elements=WHOLE) for count in shape[:2]))
    ),
    st.integers(1, 5),
    st.sampled_from(TILES),
    st.sampled_from([NEVER, nearest.DENSE, ALWAYS]),
    st.sampled_from(PRECISIONS),
)
def test_ties(both, most, tiles, dense, precision):
    check(*both, most, tiles=tiles, dense=dense, precision=precision)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("tiles", [(13, 21), *TILES[2:]])
@pytest.mark.parametrize("shape", [(300, 90), (90, 300)])
@pytest.mark.parametrize(("common", "spread"), [(0, 1), (1, 0.1), (1, 1e-3), (1, 0)])
def test_vectors_that_lie_close_and_vectors_that_do_not(precision, tiles, shape, common, spread):
    left, right = (unit(rows, seed=seed, common=common, spread=spread) for seed, rows in enumerate(shape))
    right[7:60:5] = right[3]  # equal ones
    left[5] = 0
    check(left, right, 4, tiles=tiles, precision=precision)


@pytest.mark.parametrize("scale", [1e-3, 1, 300])
def test_vectors_of_any_length(scale):
    check(scale * unit(200), scale * unit(150, seed=1), 20, tiles=(64, 64))


def test_where_all_point_away_from_one_another():
    check(unit(70, common=1, spread=0.2), -unit(60, common=1, spread=0.2), 4, tiles=(16, 32), dense=NEVER)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("width", [4, 384, 1024])
@pytest.mark.parametrize("common", [0, 1, 30])
def test_products_keep_to_the_bound(precision, width, common):
    left, right = unit(64, width, common=common), 3 * unit(96, width, seed=1, common=-common)
    left[3] = right[5] / 3
    screen = Screen(left, right, rows=64, columns=96, precision=precision)
    rows, ((_, columns),) = screen.rows(0, 64), screen.columns
    tile = product(rows, columns).double().numpy()
    rounding = np.abs(tile) * torch.finfo(precision).eps
    error = np.abs(tile + screen.constant - left.astype("f8") @ right.T.astype("f8")) - rounding
    assert (error <= rows.error(columns)[:, None]).all()
    assert (error <= columns.error(rows)).all()
    assert np.median(rows.error(columns)) < 0.03 / (1 + common), "and the bound is of use"


@pytest.mark.parametrize("common", [0, 1, 30])
def test_few_similarities_are_computed_in_float64(common, monkeypatch):
    counts = []
    monkeypatch.setattr(
        nearest, "_similarity", lambda a, i, b, j, real=nearest._similarity: counts.append(len(i)) or real(a, i, b, j)
    )
    monkeypatch.setattr(nearest, "_take_all", None)
    left, right = unit(3000, 64, common=common), unit(2000, 64, seed=1, common=common)
    found(left, right, 4, tiles=(256, 1024))
    assert sum(counts) < len(left) * len(right) / 50


def test_a_vector_that_is_no_number():
    left, right = unit(40), unit(30, seed=1)
    left[3] = np.nan
    of_left, of_right = found(left, right, 2, tiles=(8, 16))
    kept = np.delete(np.arange(40), 3)
    assert of_left.index[kept].tolist() == found(left[kept], right, 2)[0].index.tolist()
    assert of_right.index.tolist() == kept[found(left[kept], right, 2)[1].index].tolist()


def test_nothing_on_a_side():
    for near in found(unit(3), unit(3)[:0], 4):
        assert near.index.shape[1] == 0 or not len(near.index)


@pytest.mark.parametrize("equal", [False, True])
def test_memory_does_not_grow_with_the_product_of_the_texts(equal):
    rows, columns = 6_000, 5_000
    left, right = unit(rows, width=4), unit(columns, width=4, seed=1)
    if equal:  # the worst case: no bound tells them apart
        left[:], right[:] = left[0], left[0]
    tracemalloc.start()
    try:
        near, _ = found(left, right, 4, tiles=(256, 512))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < rows * columns * 4 / 3
    assert not equal or near.index.tolist() == [[0, 1, 2, 3]] * rows
