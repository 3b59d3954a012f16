"""What is known of a machine's speed, and what is guessed."""

from __future__ import annotations

import subprocess

import pytest

from xstilts.models.family import Shape
from xstilts.pipeline.store import Store
from xstilts.runs import speed
from xstilts.runs.speed import Speed, faster, rough, speed_of

TINY = Shape(layers=2, hidden=32, intermediate=64, heads=2, vocabulary=300, gated=True)
LARGE = Shape(layers=24, hidden=1024, intermediate=4096, heads=16, vocabulary=250_002)


def ask(store, shape=LARGE, **options):
    return speed_of(shape, store, **{"precision": "bf16", "pretraining": True, **options})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def answers(monkeypatch):
    """Stands in for the measuring process: what it was asked, and what it says."""
    asked = []

    def measured(spec):
        asked.append(spec)
        return Speed(step=0.1, token=0.001, predicted_token=0.0005, pretraining_token=0.002)

    monkeypatch.setattr(speed, "_measured", measured)
    return asked


def test_a_machine_is_measured_once(store, answers):
    told = []
    first = ask(store, tell=told.append)
    assert ask(store, tell=told.append) == first
    assert told == ["measuring how fast this machine trains a model of this width: some seconds, once"]
    assert len(answers) == 1
    assert first.measured
    ask(store, precision="fp32")
    assert len(answers) == 2


def test_another_machine_is_measured_anew(store, answers, monkeypatch):
    ask(store)
    monkeypatch.setattr(speed, "processor", lambda: "another")
    ask(store)
    assert len(answers) == 2


def test_fewer_layers_are_measured_and_stand_for_all(store, answers):
    found = ask(store)
    layers = answers[0]["shape"]["layers"]
    assert layers < LARGE.layers
    assert answers[0]["shape"]["hidden"] == LARGE.hidden
    assert found.token == pytest.approx(0.001 * LARGE.layers / layers)
    assert ask(store, TINY).token == pytest.approx(0.001)


def test_where_nothing_can_be_measured_it_is_a_guess(store, monkeypatch):
    def fails(*arguments, **options):
        raise subprocess.TimeoutExpired("python", 1)

    monkeypatch.setattr(subprocess, "run", fails)
    assert ask(store) == rough(LARGE)
    assert not ask(store).measured
    assert not list(store.root.rglob("*.json"))


def test_a_damaged_record_is_measured_again(store, answers):
    ask(store)
    (file,) = store.root.rglob("*.json")
    file.write_text("{", encoding="utf-8")
    ask(store)
    assert len(answers) == 2


def test_threads_help_less_and_less():
    assert faster(1) == 1
    assert 1.7 < faster(2) < 2
    assert faster(64) < 10


@pytest.mark.slow
def test_the_engine_is_measured_in_a_process_of_its_own(store):
    found = ask(store, TINY)
    assert found.measured
    assert 0 < found.predicted_token < found.pretraining_token
    assert found.token > 0
    assert found.step >= 0
