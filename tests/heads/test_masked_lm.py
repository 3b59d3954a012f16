"""Packing, masking rates, determinism, and that the output layer sees masked positions only."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts.heads.encoder.masked_lm import HEAD, NOT_MASKED
from xstilts.heads.head import Vocabulary
from xstilts.reading.examples import Text

VOCABULARY = Vocabulary(size=1000, mask_id=4, special_ids=(0, 1, 2, 3, 4))


def text(words, language="eng-Latn", translation=None):
    return Text(example_id="1", cluster_id="1", text=words, language=language, translation=translation)


def batch(rows=64, width=128, seed=0):
    rng = np.random.default_rng(seed)
    tokens = rng.integers(5, 1000, size=(rows, width))
    tokens[:, 0], tokens[:, 40] = 0, 2
    mask = np.ones_like(tokens)
    tokens[: rows // 2, 100:], mask[: rows // 2, 100:] = 1, 0
    return {"input_ids": tokens, "attention_mask": mask}


def prepared(given, seed=0, vocabulary=VOCABULARY):
    return HEAD.prepare(given, rng=np.random.default_rng(seed), vocabulary=vocabulary)


def test_masking_rates_and_what_is_never_masked():
    given = batch()
    found = prepared(given)
    chosen = found["labels"] != NOT_MASKED
    ordinary = given["input_ids"] > 4
    assert not (chosen & ~ordinary).any()
    assert chosen[ordinary].mean() == pytest.approx(0.20, abs=0.015)
    np.testing.assert_array_equal(found["labels"][chosen], given["input_ids"][chosen])
    np.testing.assert_array_equal(found["input_ids"][~chosen], given["input_ids"][~chosen])
    inputs, before = found["input_ids"][chosen], given["input_ids"][chosen]
    assert (inputs == 4).mean() == pytest.approx(0.8, abs=0.03)
    assert (inputs == before).mean() == pytest.approx(0.1, abs=0.03)
    others = inputs[(inputs != 4) & (inputs != before)]
    assert len(others) / len(inputs) == pytest.approx(0.1, abs=0.03)
    assert others.min() >= 5
    assert "labels" not in given, "the batch given is left as it was"


def test_the_same_generator_draws_the_same_masks():
    one, same, other = prepared(batch(), 3), prepared(batch(), 3), prepared(batch(), 4)
    np.testing.assert_array_equal(one["input_ids"], same["input_ids"])
    np.testing.assert_array_equal(one["labels"], same["labels"])
    assert (one["labels"] != other["labels"]).any()


def test_every_row_with_a_token_masks_at_least_one():
    tokens = np.array([[0, 9, 2]] * 200 + [[0, 2, 1]])
    found = prepared({"input_ids": tokens, "attention_mask": (tokens != 1).astype(int)})
    counts = (found["labels"] != NOT_MASKED).sum(axis=1)
    assert counts.tolist() == [1] * 200 + [0]


def test_the_share_is_an_attribute():
    head = type(HEAD)()
    head.probability = 0.15
    found = head.prepare(batch(), rng=np.random.default_rng(0), vocabulary=VOCABULARY)
    ordinary = batch()["input_ids"] > 4
    assert (found["labels"] != NOT_MASKED)[ordinary].mean() == pytest.approx(0.15, abs=0.01)


def test_texts_are_packed_by_language_and_nothing_is_lost():
    tok = tiny.tokenizer("sentencepiece")
    examples = [text(s, language="ab"[i % 2]) for i, s in enumerate(tiny.SENTENCES)]
    rows = tiny.encode(HEAD, examples, max_length=32)
    assert [row["example"] for row in rows] == list(range(len(rows)))
    assert all(row["input_ids"][0] == tok.cls_token_id for row in rows)
    assert sum(len(row["input_ids"]) < 32 for row in rows) <= 2, "at most one short row per language"
    packed = sorted(token for row in rows for token in row["input_ids"][1:])
    plain = sorted(t for s in tiny.SENTENCES for t in tok(s, verbose=False)["input_ids"][1:])
    assert packed == plain
    streams = {
        language: [t for s in tiny.SENTENCES[i::2] for t in tok(s, verbose=False)["input_ids"][1:]]
        for i, language in enumerate("ab")
    }
    for row in rows:
        body = row["input_ids"][1:]
        assert any(stream[i : i + len(body)] == body for stream in streams.values() for i in range(0, len(stream), 31))


@pytest.mark.parametrize("style", ["sentencepiece", "wordpiece"])
def test_aligned_pairs_are_one_row(style):
    rows = tiny.encode(HEAD, [text("the cat", translation="a grey cat on the roof")], style=style, max_length=60)
    tok = tiny.tokenizer(style)
    assert rows[0]["input_ids"] == tok("the cat", "a grey cat on the roof", verbose=False)["input_ids"]
    assert (
        len(tiny.encode(HEAD, [text("the cat " * 40, translation="x")], style=style, max_length=20)[0]["input_ids"])
        == 20
    )


def test_empty_texts_give_no_row():
    assert tiny.encode(HEAD, []) == []


def test_the_output_layer_sees_masked_positions_only():
    rows = tiny.encode(HEAD, [text(s) for s in tiny.SENTENCES], max_length=24)
    prepared_batch = tiny.batch_of(HEAD, rows)
    whole = tiny.backbone(language_model=True)
    module, seen = tiny.module_of(HEAD), []

    def lm_head(hidden_ND):
        seen.append(len(hidden_ND))
        return module(hidden_ND)

    hidden = tiny.hidden_states(HEAD, whole.model, prepared_batch)
    loss, count = HEAD.loss(lm_head, hidden, prepared_batch)
    outputs = HEAD.predict(lm_head, hidden, prepared_batch)
    assert seen == [int(count)] * 2
    losses = HEAD.decode(outputs, rows, [], labels=())
    assert len(losses) == len(rows)
    assert sum(n for _, n in losses) == int(count)
    assert sum(value for value, _ in losses) == pytest.approx(loss.item(), rel=1e-4)
    lm_head.loss = lambda hidden_ND, target_N: torch.tensor(float(len(target_N))) + hidden_ND.sum() * 0
    summed, units = HEAD.loss(lm_head, hidden, prepared_batch)
    assert (summed.item(), int(units)) == (float(count), int(count)), "a sum of the module's own is taken"
    logits = module(hidden)
    by_hand = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), prepared_batch["labels"].flatten(), ignore_index=NOT_MASKED, reduction="sum"
    )
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-4)
