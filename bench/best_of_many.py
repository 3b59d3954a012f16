"""How much the largest of several gains promises too much, before and after its correction: docs/claims.md's table.

    python bench/best_of_many.py [SIMULATIONS]

Arms have independent gains that are known to within one point (a standard error); one of them may truly lead.
"""

from __future__ import annotations

import sys

import numpy as np

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import Floats
from xstilts.analysis.claims.measured import best_of
from xstilts.analysis.percentiles import interval

POINT, REPLICATES = 0.01, 500


def main(simulations: int) -> None:
    rng = np.random.default_rng(1)
    print(
        "| arms | true lead of one (points) | bias, uncorrected | bias, corrected | coverage, uncorrected | corrected |"
    )
    print("|---|---|---|---|---|---|")
    for arms in (2, 5, 20):
        for lead in (0, 1, 3):
            bias, covered = simulate(rng, arms, lead * POINT, simulations)
            numbers = [f"{100 * one:+.1f}" for one in bias] + [f"{100 * one:.1f} %" for one in covered]
            print(f"| {arms} | {lead} | {' | '.join(numbers)} |")


def simulate(rng: np.random.Generator, arms: int, lead: float, simulations: int) -> tuple[Floats, Floats]:
    """Mean of estimate less truth, and how often the interval holds the truth; of the chosen arm, in both ways."""
    bias, covered = np.zeros(2), np.zeros(2)
    true = np.zeros(arms)
    true[0] = lead
    for _ in range(simulations):
        points = rng.normal(true, POINT)
        gains = [known(point, rng.normal(point, POINT, REPLICATES)) for point in points]
        chosen = int(points.argmax())
        for way, one in enumerate((gains[chosen], best_of(gains))):
            low, high = interval(one.crossed)
            bias[way] += one.mean - true[chosen]
            covered[way] += low <= true[chosen] <= high
    return bias / simulations, covered / simulations


def known(mean: float, crossed: Floats) -> Sampled:
    return Sampled(mean=mean, by_seed={1: mean}, fewest=1, clusters=9, crossed=crossed, fixed=crossed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
