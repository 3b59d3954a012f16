"""How often the interval of a regret holds the true one, and how often a harmless choice is told: docs/predictors.md.

    python bench/regret.py [ROUNDS]

Four arms are trained under five seeds, tested on 80 examples that they share, and chosen among by lot.
"""

from __future__ import annotations

import sys

import numpy as np

from xstilts.analysis.bootstrap import sampled
from xstilts.analysis.regret import Differences

SEEDS, EXAMPLES, REPLICATES = 5, 80, 300
OF_SEED, OF_EXAMPLE, OF_REST = 0.02, 0.125, 0.25
"""Standard deviations of a gain."""
TRUTHS = ((0.0, 0.0, 0.0, 0.0), (0.03, 0.02, 0.0, -0.02), (0.08, 0.0, 0.0, 0.0))


def measured(truth: tuple[float, ...], rng: np.random.Generator) -> Differences:
    """The gains of one study."""
    example = rng.normal(0, OF_EXAMPLE, EXAMPLES)
    drawn = rng.integers(0, EXAMPLES, (REPLICATES, EXAMPLES))
    weights = np.stack([np.bincount(one, minlength=EXAMPLES) for one in drawn]) / EXAMPLES
    found = {}
    for arm, gain in enumerate(truth):
        of_seed = rng.normal(0, OF_SEED, SEEDS)
        values = gain + of_seed[:, None] + example + rng.normal(0, OF_REST, (SEEDS, EXAMPLES))
        found[str(arm)] = sampled(values.mean(axis=1), weights @ values.T, seeds=range(SEEDS), clusters=EXAMPLES)
    return Differences(found)


def main(rounds: int) -> None:
    rng = np.random.default_rng(5)
    print("| true gains (points) | k | coverage | told although it costs nothing |")
    print("|---|---|---|---|")
    for truth in TRUTHS:
        for k in (1, 2):
            held = costs_nothing = told = 0
            for _ in range(rounds):
                scores = {str(arm): float(rng.random()) for arm in range(len(truth))}
                regret = measured(truth, rng).regret(scores, k)
                chosen = sorted(scores, key=scores.__getitem__)[-k:]
                true = max(truth) - max(truth[int(arm)] for arm in chosen)
                low, high = regret.interval
                held += low - 1e-12 <= true <= high + 1e-12
                costs_nothing += true == 0
                told += regret.told and true == 0
            points = ", ".join(f"{100 * gain:g}" for gain in truth)
            shares = f"{100 * held / rounds:.1f} % | {100 * told / max(costs_nothing, 1):.1f} %"
            print(f"| {points} | {k} | {shares} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
