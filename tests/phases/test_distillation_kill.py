"""A distillation that is killed (SIGKILL) and started again, in processes of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import distilled
from xstilts.pipeline.store import Store

TESTS = Path(__file__).resolve().parents[1]
KEYS = {
    "layers": [2, 4],
    "losses": distilled.ALL,
    "parallel": "text/parallel",
    "recipe": {"epochs": 2, "precision": "bf16"},
}
SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import distilled
from xstilts.pipeline.store import Store

class Killed(distilled.Told):
    def update(self, phase, step, total, **more):
        if (phase, step) == ("distillation", {step}):
            os.kill(os.getpid(), signal.SIGKILL)

store = Store({store!r})
distilled.dispatch.run([distilled.World(Path({world!r})).node(store, **{keys!r})], store, Killed())
"""


def files(entry) -> list[str]:
    """What the run leaves, without what says how long it took."""
    names = ("model.safetensors", "training.json", "config.json")
    return [hashlib.sha256(entry.path(name).read_bytes()).hexdigest() for name in names]


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_with_the_same_bits(tmp_path):
    world, whole, killed = distilled.world(), Store(tmp_path / "whole"), Store(tmp_path / "killed")
    expected = files(distilled.run(world.node(whole, **KEYS), whole))
    environment = {**os.environ, "XSTILTS_CHECKPOINT_SECONDS": "0", "OMP_NUM_THREADS": "1"}
    for step in (5, 13):  # one in each epoch
        names = {"tests": str(TESTS), "store": str(killed.root), "world": str(world.folder)}
        code = SCRIPT.format(step=step, keys=KEYS, **names)
        ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
        assert ended.returncode == -9, ended.stderr
    told = distilled.Told()
    assert files(distilled.run(world.node(killed, **KEYS), killed, told=told)) == expected
    assert told.steps[0] == 13
