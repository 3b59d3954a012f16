"""Query and candidate in one space: the loss by hand, what is averaged, what is encoded, and that it learns."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts.heads.any.answer_retrieval import HEAD as UNTRAINED
from xstilts.heads.any.dual_encoder import HEAD, SCALE
from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.kind import kind_of

NOTHING = torch.nn.Identity()


def loss_of(vectors: list[list[float]], rights: list[int]) -> tuple[float, int]:
    """The loss of rows of one token each, whose states are these vectors; ``rights`` by pair."""
    hidden = torch.tensor(vectors)[:, None, :]
    ones = torch.ones(len(vectors), dtype=torch.int64)
    right = torch.tensor(rights).repeat_interleave(2)
    loss, count = HEAD.loss(NOTHING, hidden, {"attention_mask": ones[:, None], "own": ones, "right": right})
    return loss.item(), int(count)


def test_the_query_s_side_counts_by_hand():
    # Lengths do not matter. Cosines of queries (rows) and candidates: [[0.96, 1, 0.6], [0.28, 0, 0.8], [0.8, 0.6, 1]].
    queries = np.array([[1.0, 0], [0, 2], [0.6, 0.8]])
    candidates = np.array([[0.96, 0.28], [3, 0], [0.6, 0.8]])
    rows = [row for pair in zip(queries.tolist(), candidates.tolist(), strict=True) for row in pair]
    cosines = np.array([[0.96, 1, 0.6], [0.28, 0, 0.8], [0.8, 0.6, 1]])
    logits = SCALE * cosines
    by_hand = sum(np.log(np.exp(logits[i]).sum()) - logits[i, i] for i in range(3))
    loss, count = loss_of(rows, [0, 1, 2])
    assert count == 3
    assert loss == pytest.approx(by_hand, rel=1e-4)
    assert SCALE == 20.0


def test_pairs_with_the_same_right_candidate_are_no_negatives_of_each_other():
    shared, other = [0.6, 0.8], [0.8, 0.6]
    loss, _ = loss_of([[1, 0], shared, [0, 1], shared, [1, 0], other], [7, 7, 3])
    cosines = {"first": (0.6, 0.8), "second": (0.8, 0.6), "third": (0.8, 0.6, 0.6)}
    by_hand = sum(np.log(sum(np.exp(SCALE * (c - own)) for c in every)) for own, *rest in cosines.values()
                  for every in [(own, *rest)])  # fmt: skip
    assert loss == pytest.approx(by_hand, rel=1e-4)


def test_a_pair_alone_has_nothing_to_be_told_from():
    assert loss_of([[1, 0], [0, 1]], [0]) == (0.0, 1)


def test_a_row_s_own_tokens_alone_are_averaged():
    hidden = torch.randn(2, 5, 8, dtype=torch.bfloat16)
    batch = {"attention_mask": torch.ones(2, 5, dtype=torch.int64), "own": torch.tensor([3, 5])}
    outputs = HEAD.predict(NOTHING, hidden, batch)
    for row, own in ((0, 3), (1, 5)):
        mean = hidden[row, :own].float().mean(dim=0)
        np.testing.assert_allclose(outputs[row]["vector"], (mean / mean.norm()).numpy(), rtol=1e-5)
    assert outputs[0]["vector"].dtype == np.float32


def test_it_trains_the_layer_that_untrained_retrieval_reads():
    assert [HEAD.layer(n) for n in (24, 12, 4, 2)] == [UNTRAINED.layer(n) for n in (24, 12, 4, 2)] == [14, 7, 2, 1]
    assert HEAD.trainable
    assert not UNTRAINED.trainable


@pytest.mark.parametrize("style", ["sentencepiece", "wordpiece"])
def test_training_rows_are_the_query_and_the_right_candidate_beside_its_paragraph(style):
    examples, _ = tiny.examples_of(HEAD.kind)
    rows = tiny.encode(HEAD, examples[:3], style=style, max_length=128, training=True)
    assert [(r["example"], r["candidate"]) for r in rows] == [(0, -1), (0, 0), (1, -1), (1, 1), (2, -1), (2, 0)]
    assert [r["right"] for r in rows] == [0, 0, 1, 1, 2, 2]
    tok = tiny.tokenizer(style)
    assert rows[0]["input_ids"] == tok(examples[0].question, verbose=False)["input_ids"]
    pair = tok(examples[1].candidates[1], examples[1].context, verbose=False)
    assert rows[3]["input_ids"] == pair["input_ids"]
    if style == "wordpiece":
        assert rows[3]["token_type_ids"] == pair["token_type_ids"]
    # Special tokens before a text are its own, those behind it are not.
    assert rows[0]["own"] == len(rows[0]["input_ids"]) - 1
    alone = tok(examples[1].candidates[1], add_special_tokens=False, verbose=False)["input_ids"]
    assert rows[3]["own"] == 1 + len(alone)


def test_questions_that_one_sentence_answers_share_its_number():
    examples, _ = tiny.examples_of(HEAD.kind)
    same = dataclasses.replace(examples[2], candidate_ids=("x", "0:0"), correct=1)
    rights = [row["right"] for row in tiny.encode(HEAD, [examples[0], examples[1], same], training=True)]
    assert rights == [0, 0, 1, 1, 0, 0]


def test_what_is_too_long_keeps_the_sentence_before_the_paragraph():
    examples, _ = tiny.examples_of(HEAD.kind)
    (long,) = [dataclasses.replace(examples[0], context="bread " * 200)]
    rows = tiny.encode(HEAD, [long], max_length=40, training=True)
    assert len(rows[1]["input_ids"]) == 40
    sentence = tiny.tokenizer("sentencepiece")(long.candidates[0], add_special_tokens=False, verbose=False)["input_ids"]
    kept = min(len(sentence), 18)
    assert rows[1]["own"] == 1 + kept
    assert rows[1]["input_ids"][1 : 1 + kept] == sentence[:kept]


def test_candidates_without_a_paragraph_are_read_alone():
    examples, _ = tiny.examples_of("answer_retrieval")
    assert {type(example) for example in examples} == {AnswerSentence}
    rows = tiny.encode(HEAD, examples)
    assert [(r["example"], r["candidate"]) for r in rows if r["candidate"] >= 0] == [
        (number, place) for number in (0, 1) for place in range(3)
    ]
    assert all(row["own"] == len(row["input_ids"]) - 1 for row in rows)


def test_the_loss_falls_and_every_query_finds_its_candidate():
    examples, _ = tiny.examples_of(HEAD.kind)
    model = copy.deepcopy(tiny.backbone())
    batch = tiny.batch_of(HEAD, tiny.encode(HEAD, examples, training=True))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(150):
        loss, count = HEAD.loss(NOTHING, tiny.hidden_states(HEAD, model, batch), batch)
        optimizer.zero_grad()
        (loss / count).backward()
        optimizer.step()
        losses.append(float(loss.detach() / count))
    assert losses[-1] < losses[0] / 100
    rows = tiny.encode(HEAD, examples)
    outputs = tiny.outputs_of(HEAD, NOTHING, model, rows, size=4)
    ranked = tiny.decoded(HEAD, outputs, rows, examples)
    assert [(ids[0],) for ids in ranked] == kind_of("dual_encoder").golds(examples)
