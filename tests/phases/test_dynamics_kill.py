"""Training dynamics that are killed (SIGKILL) and started again, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import choosing
import studies
from xstilts.phases import cartography, dispatch
from xstilts.phases.cartography import coordinates
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Sink
from xstilts.pipeline.store import Store

TESTS = Path(__file__).resolve().parents[1]
EPOCHS = 3
SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {here!r}]
import test_dynamics_kill as killing
from xstilts.pipeline.progress import Sink
from xstilts.pipeline.store import Store

class Killed(Sink):
    def update(self, phase, step, total, **more):
        if (phase, step) == ("cartography.dynamics", {step}):
            os.kill(os.getpid(), signal.SIGKILL)

killing.record(Path({folder!r}), Store({store!r}), Killed())
"""


class Steps(Sink):
    """The steps that were made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[int] = []

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        if phase == "cartography.dynamics":
            self.made.append(step)


def dynamics_of(folder: Path, store: Store) -> Node:
    """The node that records the dynamics of a tiny model, whose head has dropout: every pass draws."""
    keys = f"method: cartography, task: mnli, region: hard, chooser_recipe: {{epochs: {EPOCHS}}}"
    arm = f"intermediate=[{{name: hard, {keys}}}]"
    graph = studies.Study(folder).build("pretraining=null", "model=scratch:tiny", arm, store=store)
    (found,) = (node for node in graph.nodes if node.kind == "cartography.dynamics")
    return found


def record(folder: Path, store: Store, progress: Sink) -> Mapping[str, np.ndarray]:
    """What is recorded of each row."""
    node = dynamics_of(folder, store)
    for one in (*node.parents.values(), node):
        if not store.has(one.key):
            dispatch.run([one], store, progress)
    with np.load(store.open(node.key).path(cartography.FILE)) as found:
        return dict(found)


@pytest.mark.slow
def test_a_recording_that_is_killed_has_the_same_statistics_of_every_row(tmp_path: Path) -> None:
    studies.write_study(tmp_path / "study", choosing.TEXT)
    expected = record(tmp_path / "study", Store(tmp_path / "whole"), Steps())
    names = {"tests": str(TESTS), "here": str(Path(__file__).parent), "folder": str(tmp_path / "study")}
    killed = Store(tmp_path / "killed")
    environment = {**os.environ, "XSTILTS_CHECKPOINT_SECONDS": "0", "OMP_NUM_THREADS": "1"}
    code = SCRIPT.format(step=3, store=str(killed.root), **names)  # in the second of three epochs, of two steps each
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    steps = Steps()
    found = record(tmp_path / "study", killed, steps)
    assert steps.made == [3, 4, 5, 6], "the state of the second step was saved"
    assert set(found) == set(expected) == {"probability", "right", "language", "example_id"}
    for name, values in expected.items():
        assert np.array_equal(found[name], values), name
    axes = coordinates(found["probability"], found["right"])
    assert not np.isnan(axes["confidence"]).any()
    assert (axes["variability"] > 0).all(), "no two epochs are alike"
