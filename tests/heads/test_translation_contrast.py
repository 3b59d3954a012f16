"""Aligned pairs: two rows each, a loss that is least where translations lie closest, and cosines."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts.heads.any.sentence_retrieval import HEAD as RETRIEVAL
from xstilts.heads.encoder.translation_contrast import HEAD
from xstilts.tasks.kind import kind_of

NOTHING = torch.nn.Identity()


def loss_of(vectors: list[list[float]]) -> tuple[float, int]:
    """The loss of rows whose hidden states are these vectors."""
    hidden = torch.tensor(vectors)[:, None, :]
    loss, count = HEAD.loss(NOTHING, hidden, {"attention_mask": torch.ones(len(vectors), 1, dtype=torch.int64)})
    return loss.item(), int(count)


def test_a_symmetric_case_by_hand():
    # Two pairs, both sides of each in one direction (lengths do not matter), the pairs at a cosine of 0.9.
    other = np.array([0.9, 0.19**0.5])
    loss, count = loss_of([[1, 0], [3, 0], (2 * other).tolist(), other.tolist()])
    one = np.log(1 + np.exp(-0.1 / HEAD.temperature))  # -log softmax([1, 0.9] / 0.05)[0]
    assert count == 2
    assert loss == pytest.approx(2 * one, rel=1e-4)


def test_both_directions_count_by_hand():
    # cosines [[0.6, 1], [0, 0.8]]: the first text is nearer to the other's translation
    left, right = np.array([[1.0, 0], [0, 1]]), np.array([[0.6, 0.8], [1, 0]])
    loss, _ = loss_of([[1, 0], [0.6, 0.8], [0, 1], [1, 0]])
    logits = left @ right.T / HEAD.temperature
    there = sum(np.log(np.exp(logits[i]).sum()) - logits[i, i] for i in range(2))
    back = sum(np.log(np.exp(logits[:, i]).sum()) - logits[i, i] for i in range(2))
    assert there != pytest.approx(back)
    assert loss == pytest.approx((there + back) / 2, rel=1e-5)


def test_a_pair_alone_has_nothing_to_be_told_from():
    assert loss_of([[1, 0], [0, 1]]) == (0.0, 1)


def test_swapping_every_pair_changes_nothing():
    vectors = np.random.default_rng(1).normal(size=(8, 5))
    swapped = vectors.reshape(4, 2, 5)[:, ::-1].reshape(8, 5)
    assert loss_of(vectors.tolist())[0] == pytest.approx(loss_of(swapped.copy().tolist())[0], rel=1e-5)


def test_the_layer_and_the_vectors_are_those_of_retrieval():
    assert [HEAD.layer(n) for n in (24, 12, 4, 2)] == [RETRIEVAL.layer(n) for n in (24, 12, 4, 2)]
    hidden, mask = torch.randn(2, 4, 8), torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]])
    ours, theirs = (head.predict(NOTHING, hidden, {"attention_mask": mask}) for head in (HEAD, RETRIEVAL))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one["vector"], other["vector"])


def test_a_pair_is_two_rows_and_what_has_no_translation_is_left_out():
    examples = [
        tiny.aligned(0, "the cat", "die Katze"),
        tiny.aligned(1, "nobody saw it", None),
        tiny.aligned(2, "warm bread", "ein sehr langer Satz " * 9),
    ]
    tok = tiny.tokenizer("sentencepiece")
    for training in (True, False):
        rows = tiny.encode(HEAD, examples, max_length=24, training=training)
        assert [row["example"] for row in rows] == [0, 0, 2, 2]
        assert [row["input_ids"] for row in rows[:3]] == [
            tok(text, verbose=False)["input_ids"] for text in ("the cat", "die Katze", "warm bread")
        ]
        assert len(rows[3]["input_ids"]) == 24
        assert rows[3]["input_ids"][-1] == tok.sep_token_id
    assert tiny.encode(HEAD, []) == []


def test_decoding_gives_the_cosine_of_each_pair():
    outputs = [{"vector": np.array(v, dtype=np.float32)} for v in ([1, 0], [1, 0], [0, 1], [0.6, 0.8])]
    assert HEAD.decode(outputs, [], [], labels=()) == pytest.approx([1.0, 0.8])
    assert kind_of("translation_contrast").gold(tiny.aligned(0, "a", "b")) is None


def test_the_loss_falls_and_translations_become_the_nearest():
    examples = tiny.examples_of(HEAD.kind)[0][:5]
    model = copy.deepcopy(tiny.backbone())
    rows = tiny.encode(HEAD, examples, training=True)
    batch = tiny.batch_of(HEAD, rows)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(60):
        loss, count = HEAD.loss(NOTHING, tiny.hidden_states(HEAD, model, batch), batch)
        optimizer.zero_grad()
        (loss / count).backward()
        optimizer.step()
        losses.append(loss.item() / int(count))
    assert losses[0] > 1
    assert losses[-1] < losses[0] / 10
    vectors = np.stack([output["vector"] for output in tiny.outputs_of(HEAD, NOTHING, model, rows, size=10)])
    assert (vectors[0::2] @ vectors[1::2].T).argmax(axis=1).tolist() == list(range(len(examples)))


def test_a_higher_temperature_is_softer():
    softer = copy.copy(HEAD)
    softer.temperature = 1.0
    torch.manual_seed(0)  # pairs that happen to be alike have the lower loss at the lower temperature
    hidden, mask = torch.randn(6, 1, 4), torch.ones(6, 1, dtype=torch.int64)
    found = [head.loss(NOTHING, hidden, {"attention_mask": mask})[0].item() for head in (HEAD, softer)]
    assert found[0] > found[1]
