"""Fixtures of the report tests; the synthetic counts lie with the tests of the analysis."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "analysis"))

from small_report import small_table

from xstilts.analysis.provenance import RunInfo


@pytest.fixture(scope="session")
def table():
    return small_table()


@pytest.fixture(scope="session")
def info():
    return RunInfo(
        name="small",
        experiment="name: small\nseeds: [11, 12]\n",
        created="2025-01-02T03:04:05Z",
        command="xstilts run small.yaml",
        model="scratch:small",
        version="0.1.0",
        stand_ins=["xquad trains on English TyDiQA"],
        warnings=["a flipped byte was recomputed"],
        machines=[{"threads": 1, "torch": "2.6"}, {"threads": 2, "torch": "2.6"}],
        ran=12,
        cached=3,
        failed=2,
        not_run=1,
        tokens=1_234_567,
        seconds=3723.4,
    )
