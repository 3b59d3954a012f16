"""Measures how often variance components and the statistics of many comparisons err: the tables of docs/intervals.md.

python bench/comparisons.py one [SIMULATIONS]     one gain: coverage and width of the interval
python bench/comparisons.py many [SIMULATIONS]    families of languages and of arms: how often each method errs
python bench/comparisons.py power [SIMULATIONS]   how often the planned smallest gain is seen
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from xstilts.analysis.calibration import ARMS, LANGUAGES, Family, many_gains, one_gain, power_as_planned
from xstilts.analysis.coverage import World

SEEDS = (2, 3, 5, 10)
SPREADS = (0.0, 0.05, 0.15)
NO_GAIN, GAIN = (0.3, 0.3), (0.3, 0.45)
LARGER = (0.3, 0.6)
"""A gain of about 8 points, so that families have members that are named."""
METHODS = ("single", "crossed max-T", "max-T", "chosen", "chosen, max-T", "Holm", "Benjamini-Hochberg", "equivalence")


def one(simulations: int) -> Iterator[str]:
    yield "| seeds | examples | sd over seeds (points) | no gain | gain of about 4 points |"
    yield "|---|---|---|---|---|"
    for examples in (50, 150, 600):
        for seed_sd in SPREADS:
            for seeds in SEEDS:
                worlds = [World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=m) for m in (NO_GAIN, GAIN)]
                found = [one_gain(world, simulations=simulations) for world in worlds]
                cells = [f"{100 * f['coverage']:.1f} % ({100 * f['median']:.1f})" for f in found]
                yield f"| {seeds} | {examples} | {worlds[0].seed_points:.1f} | {' | '.join(cells)} |"


def many(simulations: int) -> Iterator[str]:
    yield f"| family | seeds | examples | sd over seeds (points) | with a gain | {' | '.join(METHODS)} | named |"
    yield "|---" * (6 + len(METHODS)) + "|"
    for kind, members in ((LANGUAGES, 15), (ARMS, 5)):
        for examples in (150, 600):
            for seed_sd in SPREADS:
                for seeds in SEEDS:
                    for helped in (0, members // 2):
                        world = World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=LARGER)
                        family = Family(world=world, kind=kind, members=members, helped=helped)
                        found = many_gains(family, simulations=simulations)
                        cells = [f"{100 * found[name]:.1f}" for name in METHODS]
                        cells += [f"{100 * found['named']:.0f}" if helped else "–"]
                        place = f"{members} {kind} | {seeds} | {examples} | {world.seed_points:.1f} | {helped}"
                        yield f"| {place} | {' | '.join(cells)} |"


def power(simulations: int) -> Iterator[str]:
    yield "| seeds | examples | sd over seeds (points) | smallest gain (points) | seen |"
    yield "|---|---|---|---|---|"
    for examples in (150, 600):
        for seed_sd in SPREADS:
            for seeds in (1, *SEEDS):
                world = World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=NO_GAIN)
                smallest, seen = power_as_planned(world, simulations=simulations)
                cells = f"{100 * smallest:.1f} | {100 * seen:.1f} %"
                yield f"| {seeds} | {examples} | {world.seed_points:.1f} | {cells} |"


def main() -> None:
    which = sys.argv[1] if len(sys.argv) > 1 else "one"
    simulations = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    started = time.process_time()
    for line in {"one": one, "many": many, "power": power}[which](simulations):
        print(line, flush=True)
    print(f"{simulations} simulations per row, {time.process_time() - started:.0f} s of one core", file=sys.stderr)


if __name__ == "__main__":
    main()
