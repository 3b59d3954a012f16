"""Damages the fixtures of every task and files of a user's own, and reads them: examples or one message, nothing else.

python tools/fuzz_readers.py [--count 5000] [--seed 0]

Each input follows from its number alone: what is found is repeated by ``--seed NUMBER --count 1``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "fuzz"))
from damage import one


def main() -> int:
    """Tries every input; the number of those that ended otherwise is the exit code, at most 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first input")
    given = parser.parse_args()
    warnings.simplefilter("error")
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        for seed in range(given.seed, given.seed + given.count):
            try:
                found = one(seed, Path(place) / "data")
            except Exception:
                outcomes["neither"] += 1
                print(f"--- {seed}\n{traceback.format_exc()}")
                continue
            outcomes[found.partition(":")[0]] += 1
            if given.count == 1:
                print(found)
    print(", ".join(f"{name}: {count}" for name, count in sorted(outcomes.items())))
    return min(outcomes["neither"], 1)


if __name__ == "__main__":
    sys.exit(main())
