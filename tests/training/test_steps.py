"""Batches drawn ahead are the batches drawn on the spot."""

from __future__ import annotations

from functools import partial

import pytest
import tiny_runs as runs

from xstilts.training import loop
from xstilts.training.steps import Ahead

KINDS = ("pair_classification", "masked_lm")


def test_a_run_that_draws_ahead_gives_the_same_numbers(tmp_path, monkeypatch):
    one, found = runs.run(KINDS, tmp_path / "one", dropout=0.1)
    monkeypatch.setattr(loop, "Ahead", partial(Ahead, always=True))
    other, again = runs.run(KINDS, tmp_path / "other", dropout=0.1)
    assert found.losses == again.losses
    runs.assert_same(runs.weights(one), runs.weights(other))


def test_it_may_start_anywhere_and_repeat(tmp_path, monkeypatch):
    seen = []

    class Spy(Ahead):
        def draw(self, step):
            seen.append((self, step))
            return super().draw(step)

    monkeypatch.setattr(loop, "Ahead", partial(Spy, always=True))
    with pytest.raises(runs.Stopped):
        runs.run(KINDS, tmp_path / "cut", report=runs.Report(stop_after=2))
    batching = seen[0][0].batching
    with Ahead(batching, always=True) as ahead:
        for step in (2, 0, 0, len(batching.plan) - 1):
            drawn, plain = ahead.draw(step), batching.draw(step)
            pairs = list(zip(drawn.batches, plain.batches, strict=True))
            assert pairs
            for one, other in pairs:
                assert one["input_ids"].equal(other["input_ids"])
