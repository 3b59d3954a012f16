"""Pooling, nearest neighbours against brute force, the pools of both retrieval heads."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts.heads.any.answer_retrieval import HEAD as ANSWERS
from xstilts.heads.any.sentence_retrieval import HEAD as SENTENCES
from xstilts.heads.retrieval import nearest, nearest_both_ways
from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.kind import kind_of


def vectors(rows, width=16, seed=0):
    found = np.random.default_rng(seed).normal(size=(rows, width)).astype("f4")
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_nearest_neighbours_equal_brute_force():
    left, right = vectors(83), vectors(61, seed=1)
    full = np.array([[float(a @ b) for b in right] for a in left])
    to_right, to_left = nearest_both_ways(left, right)
    assert to_right.tolist() == full.argmax(axis=1).tolist()
    assert to_left.tolist() == full.argmax(axis=0).tolist()
    ranked = nearest(left, right, most=20)
    assert ranked.tolist() == np.argsort(-full, axis=1)[:, :20].tolist()
    assert nearest(left, right[:3], most=20).shape == (83, 3)


def test_layer_14_of_24_and_as_deep_elsewhere():
    assert [SENTENCES.layer(n) for n in (24, 12, 4, 2, 1)] == [14, 7, 2, 1, 1]
    assert not SENTENCES.trainable
    with pytest.raises(NotImplementedError, match="sentence_retrieval has no loss"):
        SENTENCES.loss(torch.nn.Identity(), torch.zeros(1, 1, 1), {})


def test_pooling_is_the_mean_of_real_tokens_of_length_1():
    hidden = torch.randn(3, 5, 8, dtype=torch.bfloat16)
    hidden[2] = 0
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]])
    outputs = SENTENCES.predict(torch.nn.Identity(), hidden, {"attention_mask": mask})
    for row, length in ((0, 5), (1, 2)):
        mean = hidden[row, :length].float().mean(dim=0)
        np.testing.assert_allclose(outputs[row]["vector"], (mean / mean.norm()).numpy(), rtol=1e-5)
    assert outputs[0]["vector"].dtype == np.float32
    assert not outputs[2]["vector"].any()


def _outputs(rows, table):
    return [{"vector": table[row["example"], row["side"]]} for row in rows]


def test_both_directions_and_every_example_is_in_the_index():
    examples = [tiny.bitext(i, f"source {i}", f"target {i}") for i in range(30)]
    rows = tiny.encode(SENTENCES, examples)
    assert [(row["example"], row["side"]) for row in rows] == [(i, s) for i in range(30) for s in (0, 1)]
    table = np.stack([vectors(30), vectors(30, seed=1)], axis=1)
    found = tiny.decoded(SENTENCES, _outputs(rows, table), rows, examples)
    similarity = table[:, 0] @ table[:, 1].T
    assert [p["to_english"] for p in found] == [str(i) for i in similarity.argmax(axis=1)]
    assert [p["from_english"] for p in found] == [str(i) for i in similarity.argmax(axis=0)]
    assert kind_of("sentence_retrieval").golds(examples) == [str(i) for i in range(30)]
    assert SENTENCES.decode([], [], [], labels=()) == []


def test_of_equal_sentences_the_first_is_found_whatever_the_rounding():
    examples = [tiny.bitext(0, "ja", "yes"), tiny.bitext(1, "doch", "yes"), tiny.bitext(2, "nein", "no")]
    rows = tiny.encode(SENTENCES, examples)
    table = np.zeros((3, 2, 3), dtype="f4")
    table[0, :], table[1, :], table[2, :] = (1, 0, 0), (0.8, 0.6, 0), (0, 0, 1)
    table[1, 1] = (1.0000001, 0, 0)  # the same text in another batch
    found = tiny.decoded(SENTENCES, _outputs(rows, table), rows, examples)
    assert [p["to_english"] for p in found] == ["0", "0", "2"]
    assert [p["from_english"] for p in found] == ["0", "0", "2"]


def laareqa():
    """Two languages, one paragraph of three sentences, two questions each; candidate ids differ by language."""
    return [
        AnswerSentence(
            example_id=f"q{q}",
            cluster_id="p",
            question=f"question {q} {language}",
            language=language,
            candidates=tuple(f"sentence {k} {language}" for k in range(3)),
            candidate_ids=tuple(f"{language}:{k}" for k in range(3)),
            correct=2 * q,
        )
        for language in ("eng-Latn", "deu-Latn")
        for q in range(2)
    ]


def test_answers_are_pooled_over_languages_and_candidates_encoded_once():
    examples = laareqa()
    rows = tiny.encode(ANSWERS, examples)
    assert [(r["example"], r["candidate"]) for r in rows] == [
        (0, -1),
        (0, 0),
        (0, 1),
        (0, 2),
        (1, -1),
        (2, -1),
        (2, 0),
        (2, 1),
        (2, 2),
        (3, -1),
    ]
    of = {}
    for row, vector in zip(rows, vectors(len(rows)), strict=True):
        of[row["example"], row["candidate"]] = vector
    outputs = [{"vector": of[row["example"], row["candidate"]]} for row in rows]
    ranked = tiny.decoded(ANSWERS, outputs, rows, examples)
    pool = {f"{language}:{k}": of[first, k] for first, language in ((0, "eng-Latn"), (2, "deu-Latn")) for k in range(3)}
    for number, ids in enumerate(ranked):
        by_hand = sorted(pool, key=lambda c, n=number: -float(of[n, -1] @ pool[c]))
        assert list(ids) == by_hand


def test_the_right_answers_are_those_of_every_language_present():
    examples = laareqa()
    first, second = ("eng-Latn:0", "deu-Latn:0"), ("eng-Latn:2", "deu-Latn:2")
    assert kind_of("answer_retrieval").golds(examples) == [first, second, first, second]
    assert kind_of("answer_retrieval").golds(examples[:2]) == [("eng-Latn:0",), ("eng-Latn:2",)]
    assert kind_of("answer_retrieval").gold(examples[3]) == ("deu-Latn:2",)
