"""A task beside others: its share of the steps, on top of theirs, drawn by seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.training.sampling import schedule, steps_beside
from xstilts.training.streams import Plan, plan_beside


def plan_of(steps: int, tasks: int = 2, seed: int = 3) -> Plan:
    shares = np.full(tasks, 1 / tasks)
    drawn, positions = schedule(shares, steps, seed=seed)
    return Plan(tasks=drawn, positions=positions)


@given(st.integers(1, 400), st.floats(0.01, 0.95), st.integers(0, 5))
def test_the_steps_of_the_others_stay_in_their_order(steps, share, seed):
    own = plan_of(steps)
    whole = plan_beside(own, task=2, share=share, seed=seed)
    others = whole.tasks != 2
    assert whole.tasks[others].tolist() == own.tasks.tolist()
    assert whole.positions[others].tolist() == own.positions.tolist()
    assert whole.positions[~others].tolist() == list(range(steps_beside(steps, share)))


@pytest.mark.parametrize(("steps", "share", "added"), [(8, 0.2, 2), (80, 0.2, 20), (1, 0.2, 1), (100, 0.5, 100)])
def test_the_share_is_of_all_steps(steps, share, added):
    whole = plan_beside(plan_of(steps), task=2, share=share, seed=1)
    assert len(whole) == steps + added
    assert int((whole.tasks == 2).sum()) == added
    if steps > 1:
        assert added / len(whole) == pytest.approx(share)


def test_where_they_stand_is_drawn_by_seed():
    own = plan_of(80)
    one, same, other = (plan_beside(own, task=2, share=0.2, seed=seed).tasks.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_task_without_a_step_keeps_its_place():
    own = plan_of(1, tasks=3)
    assert set(plan_beside(own, task=3, share=0.5, seed=1).tasks.tolist()) == {int(own.tasks[0]), 3}
