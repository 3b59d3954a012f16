"""Every trainable head learns eight examples by heart."""

from __future__ import annotations

import copy

import pytest
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.tasks.kind import kind_of

TASKS = ("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice")


def _train(head, module, model, encoder, batch, *, steps):
    parameters = {id(p): p for part in (model, module) for p in part.parameters()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=5e-3)
    losses = []
    for _ in range(steps):
        loss, count = head.loss(module, tiny.hidden_states(head, encoder, batch), batch)
        loss = loss / count
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", TASKS)
def test_learns_eight_examples(name):
    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    model, module = copy.deepcopy(tiny.backbone()), tiny.module_of(head, labels)
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, training=True))
    losses = _train(head, module, model, model, batch, steps=200)
    assert losses[-1] < losses[0] / 5
    rows = tiny.encode(head, examples, labels)
    predicted = tiny.decoded(head, tiny.outputs_of(head, module, model, rows, size=3), rows, examples, labels)
    gold = kind_of(name).golds(examples)
    if name == "extractive_qa":
        gold = [answers[0] for answers in gold]
    assert predicted == gold


def test_masked_lm_learns_its_masked_tokens():
    head = registry.find("heads.encoder", "masked_lm")
    examples, _ = tiny.examples_of("masked_lm")
    model = copy.deepcopy(tiny.backbone(language_model=True))
    module = torch.nn.Sequential(model.head, model.decoder)
    batch = tiny.batch_of(head, tiny.encode(head, examples))
    losses = _train(head, module, model, model.model, batch, steps=200)
    assert losses[0] > 5
    assert losses[-1] < 1
