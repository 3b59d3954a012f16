"""The collector of cycles rests while rows are made, and is as before afterwards."""

from __future__ import annotations

import gc

import pytest

from xstilts.heads import rows
from xstilts.heads.collector import paused_collector


@pytest.fixture(autouse=True)
def _as_before():
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


@pytest.mark.parametrize("before", [True, False])
def test_it_is_as_before_afterwards(before):
    (gc.enable if before else gc.disable)()

    def fail():
        with paused_collector():
            assert not gc.isenabled()
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert gc.isenabled() == before


def test_it_rests_while_rows_are_written(tmp_path):
    gc.enable()
    seen = []

    def made():
        for number in range(rows.CHUNK + 2):
            seen.append(gc.isenabled())
            yield {"input_ids": [number], "example": number}

    assert rows.write(made(), tmp_path / "rows.arrow", columns={}) == rows.CHUNK + 2
    assert not any(seen[rows.CHUNK :])
    assert gc.isenabled()
