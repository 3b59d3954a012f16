"""The first 20 steps are those of a plain loop: padded batches, the whole table, torch's AdamW; fp32, no dropout.

Nothing of the engine computes on the other side: transformers' model reads padded ids, the loss is torch's mean
cross-entropy, gradients are clipped by torch, and the schedule is transformers' own.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_encoder as tiny
import tiny_runs as runs
import torch

from xstilts import registry
from xstilts.heads.head import Vocabulary
from xstilts.models import mini
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.loading import load_tokenizer
from xstilts.models.student import without_dropout
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for
from xstilts.training.state import TrainingState

MINI = Path(mini.__file__).parent
STEPS = 20
RATE, DECAY, CLIP, WARMUP = 5e-4, 0.1, 0.5, 0.1
GENTLE = 1e-4  # for eight trained layers, in which a rounding grows a hundredfold in 20 steps of the other rate
CHANGES = {
    "learning_rate": RATE,
    "weight_decay": DECAY,
    "clip": CLIP,
    "warmup": WARMUP,
    "batch_size": 3,
    "epochs": 100,
    "max_steps": STEPS,
    "micro_batch_tokens": 64,  # several micro-batches a step
}


def batch_of(stream, position: int) -> tuple[torch.Tensor, torch.Tensor, list[dict]]:
    """Ids and mask, padded, and the rows themselves."""
    rows = [stream.rows.row(int(i)) for i in np.concatenate(stream.batch(position))]
    width = max(len(row["input_ids"]) for row in rows)
    ids, mask = torch.full((len(rows), width), runs.PAD), torch.zeros(len(rows), width, dtype=torch.long)
    for number, row in enumerate(rows):
        size = len(row["input_ids"])
        ids[number, :size], mask[number, :size] = torch.tensor(row["input_ids"].tolist()), 1
    return ids, mask, rows


def loss_of(kind: str, module: torch.nn.Module, hidden_BTD: torch.Tensor, rows: list[dict]) -> torch.Tensor:
    if kind == "pair_classification":
        gold = torch.tensor([row["label"] for row in rows])
        return torch.nn.functional.cross_entropy(module(hidden_BTD[:, 0]), gold)
    width = hidden_BTD.shape[1]
    if kind == "tagging":
        gold = torch.tensor([[*row["labels"].tolist(), *[-100] * (width - len(row["labels"]))] for row in rows])
        return torch.nn.functional.cross_entropy(module(hidden_BTD).flatten(0, 1), gold.flatten())
    raise AssertionError(kind)


def plain_loop(kind: str, model: TransferModel, stream: Stream, rate: float = RATE) -> list[float]:
    from transformers import get_linear_schedule_with_warmup

    model.train()
    matrices, others = ([p for p in model.parameters() if (p.ndim > 1) == wanted] for wanted in (True, False))
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=rate,
        eps=1e-8,
        foreach=False,
        fused=False,
    )
    # Ours does not waste its first step on a rate of 0: transformers' schedule from its second value on.
    warmup = int(WARMUP * STEPS)
    schedule = get_linear_schedule_with_warmup(optimizer, warmup + 1, STEPS + 1)
    optimizer.step()
    schedule.step()
    losses = []
    for position in range(STEPS):
        ids, mask, rows = batch_of(stream, position)
        hidden = model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        loss = loss_of(kind, model.head_modules[0], hidden, rows)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("kind", ["pair_classification", "tagging"])
@pytest.mark.parametrize("shape", ["xlm_roberta", "modernbert"])
def test_twenty_losses_agree_to_a_hundred_thousandth(shape, kind, tmp_path):
    _, found = runs.run((kind,), tmp_path, shape=shape, **CHANGES)
    assert len(found.losses) == STEPS
    assert found.vocabulary["rows"] < found.vocabulary["of"], "the active rows alone"
    plain = plain_loop(kind, runs.model_for((kind,), shape), runs.stream_of(kind, shape))
    np.testing.assert_allclose(found.losses, plain, rtol=1e-5)
    assert abs(found.losses[-1] - found.losses[0]) > 1e-3 * found.losses[0], "otherwise this tests nothing"


def test_another_rate_is_another_run(tmp_path):
    """The comparison is not blind: a rate that differs by a hundredth shows."""
    kind, shape = "tagging", "xlm_roberta"
    _, found = runs.run((kind,), tmp_path, shape=shape, **{**CHANGES, "learning_rate": 1.01 * RATE})
    plain = plain_loop(kind, runs.model_for((kind,), shape), runs.stream_of(kind, shape))
    assert np.abs(np.array(found.losses) / plain - 1).max() > 1e-4


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("task", "file"), [("xnli", "xnli/train-en.tsv"), ("udpos", "udpos/train-en.tsv")], ids=["xnli", "udpos"]
)
def test_so_do_those_of_the_mini_model_on_real_rows(task, file, shared_data, tmp_path):
    """The weights that are shipped, without dropout, real sentences, batches of 16."""
    described = registry.find("tasks", task)
    head = registry.find("heads.encoder", described.kind)
    tokenizer = load_tokenizer(MINI)
    examples = list(itertools.islice(described.local.read(shared_data / file, "eng-Latn"), 16 * STEPS))
    encoded = head.encode(examples, tokenizer=tokenizer, labels=described.labels, max_length=128, training=True)
    stream = Stream(task=described.kind, head=head, rows=tiny.pack(list(encoded)), seed=5, batch_size=16)

    def model() -> TransferModel:
        encoder = ENCODER.load(MINI)
        without_dropout(encoder)
        torch.manual_seed(1)
        module = head.build(hidden_size=encoder.config.hidden_size, labels=described.labels, dropout=0.0)
        return TransferModel(encoder, {described.kind: head}, {described.kind: module})

    recipe = replace(runs.RECIPE, **{**CHANGES, "learning_rate": GENTLE, "batch_size": 16, "micro_batch_tokens": 512})
    found = train(
        model(),
        [stream],
        plan_steps([stream], recipe, seed=5),
        recipe,
        seed=5,
        vocabulary=Vocabulary(size=0, mask_id=0, special_ids=()),
        pad_id=tokenizer.pad_token_id,
        accelerator=accelerator_for("fp32"),
        state=TrainingState(tmp_path),
        report=runs.Report(),
        phase="train",
    )
    assert found.vocabulary["rows"] < 0.5 * found.vocabulary["of"]
    np.testing.assert_allclose(found.losses, plain_loop(described.kind, model(), stream, GENTLE), rtol=1e-5)
