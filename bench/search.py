"""Simulates searches by successive halving and prints the table of docs/recommend.md.

python bench/search.py [ROUNDS]
"""

from __future__ import annotations

import sys

from xstilts.analysis.halving_simulation import Setting, as_markdown, simulate


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    settings = [
        Setting(arms=arms, lead=lead, noise=noise, budget=budget)
        for arms in (4, 8, 16)
        for lead, noise in ((1.0, 0.5), (1.0, 1.5), (3.0, 1.5))
        for budget in (0.4, 0.6)
    ]
    for place, setting in enumerate(settings):
        lines = as_markdown([simulate(setting, rounds=rounds)]).splitlines()
        print("\n".join(lines if place == 0 else lines[2:]), flush=True)


if __name__ == "__main__":
    main()
