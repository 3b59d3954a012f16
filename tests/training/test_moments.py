"""What may be recorded at the named moments of a run, and that recording changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import tiny_runs as runs
from tiny_objectives import Consistent, Dynamics

from xstilts.training.moments import Moments

KIND = "pair_classification"


@pytest.mark.parametrize("kinds", [(KIND,), ("tagging", "multiple_choice"), ("masked_lm", "extractive_qa")])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_recording_changes_no_bit(kinds, precision, tmp_path):
    options = {"dropout": 0.2, "weight_decay": 0.1, "precision": precision}
    plain, found = runs.run(kinds, tmp_path / "plain", **options)
    seen = Dynamics()
    recorded, other = runs.run(kinds, tmp_path / "recorded", moments=seen, **options)
    runs.assert_same(runs.weights(plain), runs.weights(recorded))
    assert found == other
    assert seen.rows


def test_every_example_is_recorded_once_an_epoch(tmp_path):
    seen = Dynamics()
    _, found = runs.run((KIND,), tmp_path, moments=seen, epochs=3)
    examples = [int(row[1]) for row in seen.rows]
    assert sorted(examples) == sorted(3 * list(range(len(tiny.examples_of(KIND)[0]))))
    assert {row[0] for row in seen.rows} == set(range(1, found.steps + 1))


def test_what_is_recorded_is_the_loss_of_the_step(tmp_path):
    """Dropout included: it is the forward pass that trains."""
    seen = Dynamics()
    _, found = runs.run((KIND,), tmp_path, moments=seen, epochs=2, dropout=0.3)
    for step, loss in enumerate(found.losses, start=1):
        mean = np.mean([-np.log(p) for number, _, p in seen.rows if number == step])
        assert mean == pytest.approx(loss, rel=1e-5)


def test_of_several_passes_the_first_is_recorded(tmp_path):
    seen = Dynamics()
    runs.run((KIND,), tmp_path, moments=seen, epochs=1, objective=Consistent())
    assert len(seen.rows) == len(tiny.examples_of(KIND)[0])


def test_who_asks_for_no_outputs_gets_none(tmp_path):
    steps = []

    class Watching(Moments):
        def on_step(self, step):
            steps.append(step)

    _, found = runs.run((KIND,), tmp_path, moments=Watching(), epochs=1)
    assert [step.loss for step in steps] == found.losses
    assert all((step.outputs, step.task, step.total) == ((), KIND, found.steps) for step in steps)


def test_candidates_are_seen_with_their_score(tmp_path):
    seen, scores = Dynamics(), iter([0.5, 0.9, 0.4])
    _, found = runs.run((KIND,), tmp_path, moments=seen, epochs=3, validate=lambda model: next(scores))
    assert seen.candidates == found.dev
    assert [score for _, score in found.dev] == [0.5, 0.9, 0.4]


@pytest.mark.parametrize("stops", [(1,), (2, 4)])
def test_a_resumed_run_has_recorded_all_of_it(stops, tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    whole, resumed = Dynamics(), Dynamics()
    runs.run((KIND,), tmp_path / "whole", moments=whole, dropout=0.1)
    for stop in stops:
        with pytest.raises(runs.Stopped):
            runs.run(
                (KIND,), tmp_path / "stopped", moments=Dynamics(), dropout=0.1, report=runs.Report(stop_after=stop)
            )
    runs.run((KIND,), tmp_path / "stopped", moments=resumed, dropout=0.1)
    assert resumed.rows == whole.rows
