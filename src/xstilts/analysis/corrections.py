"""Corrections for looking at many tests: which hold (Holm), and which to look into.

How many hold is what partial conjunction asks: with Bonferroni's correction it counts as many as Holm's procedure
names, so counting the names is enough.

Languages share seeds and often examples, so nothing here assumes that tests are independent, except for
Benjamini and Hochberg's, which is for exploring alone.

Shapes: M tests.

Source: Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2);
Benjamini and Heller (2008), Screening for partial conjunction hypotheses, Biometrics 64(4); Dror et al. (2017),
Replicability analysis for natural language processing, TACL 5, arXiv 1709.09500; Benjamini and Hochberg (1995),
Controlling the false discovery rate, Journal of the Royal Statistical Society B 57(1).
"""

from __future__ import annotations

import numpy as np

from xstilts.analysis.cells import Floats


def holm(p_values: Floats) -> Floats:
    """[M] adjusted p-values: those at most α name tests of which none is false, but for a share α of studies.

    Undefined ones (NaN) stay so and count as no test.
    """
    adjusted = np.full(len(p_values), np.nan)
    order = _ascending(p_values)
    steps = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps * p_values[order]), 1.0)
    return adjusted


def benjamini_hochberg(p_values: Floats) -> Floats:
    """[M] adjusted p-values: of the tests with at most q, about a share q is expected to be false.

    For exploring a grid alone: which of them are false it cannot say, and it relies on tests that are independent or
    positively dependent.
    """
    adjusted = np.full(len(p_values), np.nan)
    order = _ascending(p_values)
    steps = len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate((steps * p_values[order])[::-1])[::-1], 1.0)
    return adjusted


def _ascending(p_values: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The places of the defined ones."""
    order = np.argsort(p_values, kind="stable")
    return order[: int((~np.isnan(p_values)).sum())]
