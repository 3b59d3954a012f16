"""Measures the coverage of the cluster jackknife over few, unequal families: the table of docs/morphology.md.

python bench/explaining.py [SIMULATIONS]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from xstilts import languages
from xstilts.analysis.cells import Floats
from xstilts.analysis.cluster_jackknife import fitted

TARGETS, TESTED = 3, 0.7
"""Every target tests so large a share of the languages, drawn anew."""
EFFECT = 0.8
Random = np.random.Generator


def main() -> None:
    """One row a set of families."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rng = np.random.default_rng(1)
    print("| families | languages | coverage, no effect | coverage, effect | effect seen |\n|---|---|---|---|---|")
    for title, families in sets():
        rows = [simulated(families, effect, simulations, rng) for effect in (0.0, EFFECT)]
        (none, _), (covered, seen) = rows
        print(f"| {title} | {len(families)} | {none:.1%} | {covered:.1%} | {seen:.0%} |", flush=True)


def sets() -> list[tuple[str, list[str]]]:
    """Families of equal size, those of two benchmarks, and one large family among small ones."""
    equal = [(f"{n}, equal", [str(i % n) for i in range(max(2 * n, 16))]) for n in (4, 5, 6, 8, 12, 20)]
    real = [(f"{len(set(of))}, of {name}", of) for name in ("xtreme", "xtreme-r") for of in [_benchmark(name)]]
    large = [
        (f"{n}, one with 12 languages", [*["0"] * 12, *map(str, range(1, n)), *map(str, range(1, max(2, n // 2)))])
        for n in (5, 6, 8, 12)
    ]
    return [*equal, *real, *large]


def _benchmark(name: str) -> list[str]:
    known = [one for one in languages.all_languages() if name in one.benchmarks and one.fusion is not None]
    return [one.family for one in known if one.family is not None and one.id != "eng-Latn"]


def simulated(families: Sequence[str], effect: float, simulations: int, rng: Random) -> tuple[float, float]:
    """How often the interval of the first of three predictors contains its effect, and excludes zero."""
    names = sorted(set(families))
    of = np.array([names.index(one) for one in families])
    covered = seen = fits = 0
    for _ in range(simulations):
        predictors = np.column_stack([_mixed(of, *spread, rng) for spread in ((0.8, 0.6), (0.5, 0.8), (0.3, 0.95))])
        gain = effect * predictors[:, 0] + 0.3 * predictors[:, 2] + _mixed(of, 0.5, 0.75**0.5, rng)
        spread = predictors.std(axis=0)
        places = [(target, language) for target in range(TARGETS) for language in range(len(of))]
        places = [place for place in places if rng.random() < TESTED]
        rows = np.array([language for _, language in places])
        fit = fitted(
            gain[rows] + rng.normal(0, 0.5, len(rows)),
            ((predictors - predictors.mean(axis=0)) / spread)[rows],
            groups=[str(target) for target, _ in places],
            clusters=[families[language] for language in rows],
            weights=1 / np.bincount(rows, minlength=len(of))[rows],
        )
        if fit is not None:
            low, high = fit.interval(0)
            covered += low <= effect * spread[0] <= high
            seen += not low <= 0 <= high
            fits += 1
    return covered / fits, seen / fits


def _mixed(of: np.ndarray, shared: float, own: float, rng: Random) -> Floats:
    """A number for every language, in part that of its family."""
    found: Floats = rng.normal(0, shared, of.max() + 1)[of] + rng.normal(0, own, len(of))
    return found


if __name__ == "__main__":
    main()
