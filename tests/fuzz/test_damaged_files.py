"""Damaged files end in examples or in one message; `tools/fuzz_readers.py` tries thousands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from damage import one

FIRST = 1_000_000


@pytest.mark.parametrize("part", range(4))
def test_damaged_files_are_read_or_refused(part: int, tmp_path: Path) -> None:
    outcomes = {one(FIRST + seed, tmp_path / "data").partition(":")[0] for seed in range(part, 200, 4)}
    assert outcomes == {"read", "refused"}
