"""The loss groups rows by example, however many choices each has."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts.heads.encoder.multiple_choice import HEAD
from xstilts.reading.examples import Choice


def choice(choices, label=None, prompt="The cat sat on the"):
    return Choice(example_id="1", cluster_id="1", prompt=prompt, choices=tuple(choices), label=label)


EXAMPLES = [choice(["mat", "moon"], 1), choice(["a", "b", "c", "d", "e"], 3), choice(["x"], 0), choice(["p", "q"])]


def test_loss_is_the_softmax_over_the_rows_of_each_example():
    rows = tiny.encode(HEAD, EXAMPLES)
    assert [row["choice"] for row in rows] == [0, 1, 0, 1, 2, 3, 4, 0, 0, 1]
    assert [row["gold"] for row in rows] == [1, 1, 3, 3, 3, 3, 3, 0, -1, -1]
    batch = tiny.batch_of(HEAD, rows)
    module = tiny.module_of(HEAD)
    hidden = torch.randn(len(rows), 4, 32) * 20
    loss, count = HEAD.loss(module, hidden, batch)
    scores = torch.stack([module(h[0]) for h in hidden])[:, 0].detach()
    by_hand = sum(-scores[a:b].log_softmax(0)[gold] for a, b, gold in ((0, 2, 1), (2, 7, 3), (7, 8, 0)))
    assert int(count) == 3
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_decode_takes_the_highest_score_of_each_example():
    rows = tiny.encode(HEAD, EXAMPLES)
    outputs = [{"score": np.float32(s)} for s in (1, 2, 0, 0, -1, 7, 3, -50, 4, 4)]
    assert tiny.decoded(HEAD, outputs, rows, EXAMPLES) == [1, 3, 0, 0]


def test_a_long_prompt_leaves_the_choices_whole():
    rows = tiny.encode(HEAD, [choice(["xyz", "abc"], 0, prompt="word " * 100)], max_length=24)
    tok = tiny.tokenizer("sentencepiece")
    ends = [tok.convert_ids_to_tokens(row["input_ids"])[-4:-1] for row in rows]
    assert ends == [list("xyz"), list("abc")]
    assert {len(row["input_ids"]) for row in rows} == {24}
