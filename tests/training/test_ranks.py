"""Two ranks on the processor: both end with the same weights, and with those of one rank."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rank_worker
import tiny_runs as runs
from tiny_objectives import Dynamics


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory) -> Path:
    """The folder in which two processes left what they ended with."""
    folder, here = tmp_path_factory.mktemp("ranks"), Path(__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent / "heads"), os.environ.get("PYTHONPATH", "")]),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
        "ACCELERATE_USE_CPU": "true",
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, str(here / "rank_worker.py"), str(folder)]
    started = [
        subprocess.Popen(
            command,
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=120)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.communicate()
    assert [process.returncode for process in started] == [0, 0], "\n".join(said)[-6000:]
    return folder


def load(folder: Path, name: str, rank: int) -> tuple[dict, dict]:
    """(weights, the rest)."""
    with np.load(folder / f"{name}-{rank}.npz") as file:
        found = dict(file)
    rest = {key: found.pop(key) for key in ("losses", "tokens", "dev")}
    return found, rest


@pytest.mark.slow
@pytest.mark.parametrize("name", list(rank_worker.RUNS))
def test_two_ranks_end_as_one_does(name, two_ranks, tmp_path):
    first, found = load(two_ranks, name, 0)
    second, same = load(two_ranks, name, 1)
    runs.assert_same(first, second)
    model, alone = rank_worker.train(name, tmp_path)
    runs.assert_close(first, runs.weights(model))
    for key in ("losses", "tokens", "dev"):
        np.testing.assert_array_equal(found[key], same[key], err_msg=key)
    np.testing.assert_allclose(found["losses"], alone.losses, rtol=1e-4)
    np.testing.assert_allclose(found["dev"], np.array(alone.dev).reshape(found["dev"].shape), rtol=1e-3, atol=1e-5)
    assert int(found["tokens"]) == alone.tokens


@pytest.mark.slow
def test_the_active_rows_of_two_ranks_have_the_bits_of_a_dense_run(two_ranks):
    (active, _), (dense, _) = (load(two_ranks, name, 0) for name in ("single", "dense"))
    table = "encoder.embeddings.tok_embeddings.weight"
    one, other = active.pop(table), dense.pop(table)
    runs.assert_same(active, dense)
    used = np.unique(runs.rows_of("pair_classification").ragged["input_ids"][0])
    assert len(used) < len(one)
    assert one[used].tobytes() == other[used].tobytes()
    np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.slow
def test_two_ranks_resume_with_the_same_bits(two_ranks):
    for rank in range(2):
        whole, found = load(two_ranks, "whole", rank)
        again, same = load(two_ranks, "stopped", rank)
        runs.assert_same(whole, again)
        np.testing.assert_array_equal(found["losses"], same["losses"])


@pytest.mark.slow
def test_another_process_gives_the_same_bits(two_ranks, tmp_path):
    model, _ = runs.run(("tagging", "masked_lm"), tmp_path, dropout=0.1, precision="bf16")
    assert (two_ranks / "digest").read_text(encoding="utf-8") == runs.digest(model)


@pytest.mark.slow
def test_two_ranks_record_what_one_does(two_ranks, tmp_path):
    one, other = (np.load(two_ranks / f"recorded-{rank}.npy") for rank in range(2))
    np.testing.assert_array_equal(one, other)
    alone = Dynamics()
    rank_worker.train("halves", tmp_path, moments=alone)
    rows = np.array(sorted(alone.rows))
    np.testing.assert_array_equal(one[:, :2], rows[:, :2], err_msg="steps and examples")
    np.testing.assert_allclose(one[:, 2], rows[:, 2], rtol=1e-3)
