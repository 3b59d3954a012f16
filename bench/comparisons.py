"""Measures how often variance components and the statistics of many comparisons err: the tables of docs/intervals.md.

python bench/comparisons.py one [SIMULATIONS]     one gain: coverage and width of the interval
python bench/comparisons.py many [SIMULATIONS]    families of languages and of arms: how often each method errs, in %
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
NOBODY = ("single", "chosen", "crossed max-T", "max-T", "chosen, max-T", "Holm")
"""What is counted where no member has a gain, which is where most is named in error."""
HALF = ("Holm", "Benjamini-Hochberg", "equivalence", "named")
"""What is counted where half of the members have one."""


def one(simulations: int) -> Iterator[str]:
    """Coverage in per cent without a gain and with one; in parentheses the median width in points."""
    yield f"| examples | sd over seeds (points) | {' | '.join(f'{seeds} seeds' for seeds in SEEDS)} |"
    yield "|---" * (2 + len(SEEDS)) + "|"
    for examples in (50, 150, 600):
        for seed_sd in SPREADS:
            cells = []
            for seeds in SEEDS:
                worlds = [World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=m) for m in (NO_GAIN, GAIN)]
                none, some = (one_gain(world, simulations=simulations) for world in worlds)
                cells.append(f"{100 * none['coverage']:.1f}, {100 * some['coverage']:.1f} ({100 * none['median']:.1f})")
            yield f"| {examples} | {worlds[0].seed_points:.1f} | {' | '.join(cells)} |"


def many(simulations: int) -> Iterator[str]:
    half = [f"{name} (half)" for name in HALF]
    yield f"| family | seeds | examples | sd over seeds (points) | {' | '.join([*NOBODY, *half])} |"
    yield "|---" * (4 + len(NOBODY) + len(HALF)) + "|"
    for examples in (150, 600):
        for kind, members in ((LANGUAGES, 15), (ARMS, 5)):
            for seed_sd in SPREADS:
                for seeds in SEEDS:
                    world = World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=LARGER)
                    cells = [
                        f"{100 * found[name]:.1f}"
                        for helped, names in ((0, NOBODY), (members // 2, HALF))
                        for found in [many_gains(_family(world, kind, members, helped), simulations=simulations)]
                        for name in names
                    ]
                    place = f"{members} {kind} | {seeds} | {examples} | {world.seed_points:.1f}"
                    yield f"| {place} | {' | '.join(cells)} |"


def _family(world: World, kind: str, members: int, helped: int) -> Family:
    return Family(world=world, kind=kind, members=members, helped=helped)


def power(simulations: int) -> Iterator[str]:
    """The smallest gain in points, as planned, and in parentheses how often it is seen if it is true, in per cent."""
    counts = (1, *SEEDS)
    heads = [f"{seeds} seed{'s' if seeds > 1 else ''}" for seeds in counts]
    yield f"| examples | sd over seeds (points) | {' | '.join(heads)} |"
    yield "|---" * (2 + len(counts)) + "|"
    for examples in (150, 600):
        for seed_sd in SPREADS:
            cells = []
            for seeds in counts:
                world = World(seeds=seeds, examples=examples, seed_sd=seed_sd, means=NO_GAIN)
                smallest, seen = power_as_planned(world, simulations=simulations)
                cells.append(f"{100 * smallest:.1f} ({100 * seen:.0f})")
            yield f"| {examples} | {world.seed_points:.1f} | {' | '.join(cells)} |"


def main() -> None:
    which = sys.argv[1] if len(sys.argv) > 1 else "one"
    simulations = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    started = time.process_time()
    for line in {"one": one, "many": many, "power": power}[which](simulations):
        print(line, flush=True)
    print(f"{simulations} simulations per row, {time.process_time() - started:.0f} s of one core", file=sys.stderr)


if __name__ == "__main__":
    main()
