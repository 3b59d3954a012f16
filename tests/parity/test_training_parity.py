"""The loop against a plain one: one batch, mean loss, torch's AdamW, clipping and a linear schedule."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))

import tiny_runs as runs

from xstilts.engine.batches import collate, to_tensors

STEPS = {
    "learning_rate": 1e-3,
    "weight_decay": 0.1,
    "warmup": 0.25,
    "epochs": 3,
    "clip": 0.5,
    "batch_size": 3,
    # Where a gradient is rounding alone (a key's bias), Adam would make a whole step of its sign.
    "adam_epsilon": 1e-3,
}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def plain_loop(kind: str, shape: str):
    """(losses, weights after each step) of a loop that anyone would write."""
    model, stream = runs.model_for((kind,), shape), runs.stream_of(kind, shape)
    head = stream.head
    bare = ("bias", "norm.weight", "LayerNorm.weight")
    groups = [
        {"params": [p for n, p in model.named_parameters() if not n.endswith(bare)], "weight_decay": 0.1},
        {"params": [p for n, p in model.named_parameters() if n.endswith(bare)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-3, foreach=False, fused=False)
    total = 3 * stream.sampler.batches_per_epoch
    warmup = 0.25 * total
    losses, trail = [], []
    model.train()
    for step in range(total):
        chosen = np.concatenate(stream.batch(step))
        batch = to_tensors(collate(stream.rows, chosen, pad_id=1, columns=head.columns), torch.device("cpu"))
        loss, units = head.loss(model.module_of(kind), model.hidden(batch, kind), batch)
        loss = loss / units
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        share = (step + 1) / (warmup + 1) if step < warmup else (total - step) / (total - warmup)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * share
        optimizer.step()
        losses.append(loss.item())
        trail.append(runs.weights(model))
    return losses, trail


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("pair_classification", "modernbert"),
        ("pair_classification", "bert"),
        ("tagging", "xlm_roberta"),
        ("extractive_qa", "modernbert"),
        ("multiple_choice", "modernbert"),
    ],
)
def test_every_step_is_that_of_a_plain_loop(kind, shape, tmp_path):
    model, trail = runs.model_for((kind,), shape), []

    class Watch(runs.Report):
        def update(self, *args, **rest):
            trail.append(runs.weights(model))

    _, found = runs.run((kind,), tmp_path, shape=shape, model=model, report=Watch(), micro_batch_tokens=64, **STEPS)
    losses, expected = plain_loop(kind, shape)
    np.testing.assert_allclose(found.losses, losses, rtol=1e-4)
    assert len(trail) == len(expected)
    for ours, theirs in zip(trail, expected, strict=True):
        for name, value in theirs.items():
            np.testing.assert_allclose(ours[name], value, rtol=1e-3, atol=1e-6, err_msg=name)
