"""Measures the coverage of the intervals of gains and prints the table of docs/intervals.md.

python bench/coverage.py [SIMULATIONS]
"""

from __future__ import annotations

import sys
import time

from xstilts.analysis.coverage import World, as_markdown, simulate


def main() -> None:
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    started = time.perf_counter()
    results = [
        simulate(World(seeds=seeds, examples=examples, seed_sd=seed_sd), simulations=simulations)
        for examples in (150, 600)
        for seed_sd in (0.0, 0.05, 0.15)
        for seeds in (1, 2, 3, 5)
    ]
    print(as_markdown(results))
    print(f"{simulations} simulations per row, {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
