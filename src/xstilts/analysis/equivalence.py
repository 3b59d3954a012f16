"""Equivalence: a gain is *too small to matter* where its whole interval lies within a margin around zero.

"XNLI does not gain" is a claim that results can support. An interval that contains zero does not support it: that may
be for want of seeds or examples. Two one-sided tests do (TOST): the gain is below the margin, and above its negative.
With the 95 % interval each of them errs in at most 2.5 % of studies, and so do both together.

Source: Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach, Journal of
Pharmacokinetics and Biopharmaceutics 15(6), doi:10.1007/BF01068419.

Shapes: M gains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.two_way import TwoWay


def within(low: float | None, high: float | None, margin: float) -> bool:
    """Whether an interval lies inside ± margin (a fraction, above zero); False where there is none."""
    return low is not None and high is not None and -margin < low and high < margin


def equivalent(gains: TwoWay, margin: float) -> NDArray[np.bool_]:
    """[M], whether each gain's 95 % interval lies inside ± margin."""
    low, high = gains.ends()
    return (-margin < low) & (high < margin)
