"""Predictions belong to their rows, whatever the budget, the order, or the company."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny_encoder as tiny
import tiny_runs as runs

from xstilts import registry
from xstilts.evaluation.predicting import predict
from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.training.placement import accelerator_for

KINDS = (
    "pair_classification",
    "tagging",
    "extractive_qa",
    "multiple_choice",
    "sentence_retrieval",
    "answer_retrieval",
    "dual_encoder",
    "bitext_mining",
)


def outputs(model, kind, pools, *, tokens=128, precision="fp32", report=None):
    return predict(
        model,
        kind,
        pools,
        tokens=tokens,
        pad_id=runs.PAD,
        accelerator=accelerator_for(precision),
        report=report or runs.Report(),
        phase="train",
    )


def assert_close(one, other, *, atol=1e-5):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a.keys() == b.keys()
        for key in a:
            np.testing.assert_allclose(a[key], b[key], rtol=1e-4, atol=atol)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", ["modernbert", "bert"])
def test_the_budget_decides_nothing_but_rounding(kind, shape):
    model, rows = runs.model_for((kind,), shape, dropout=0.3).train(), runs.rows_of(kind, shape, training=False)
    (whole,) = outputs(model, kind, [rows], tokens=1_000_000)
    assert not model.training, "dropout is off"
    assert len(whole) == len(rows)
    for tokens in (1, 40, 200):
        assert_close(whole, outputs(model, kind, [rows], tokens=tokens)[0])


@pytest.mark.parametrize("kind", ["pair_classification", "tagging", "sentence_retrieval"])
def test_pools_and_their_order_decide_nothing(kind):
    model, every = runs.model_for((kind,)), runs.rows_of(kind, training=False)
    rows = [
        {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in every.row(i).items()} for i in range(len(every))
    ]
    (whole,) = outputs(model, kind, [every])
    order = np.random.default_rng(0).permutation(len(rows)).tolist()
    pools = [tiny.pack([rows[i] for i in order[:3]]), tiny.pack([rows[i] for i in order[3:]])]
    first, second = outputs(model, kind, pools)
    assert (len(first), len(second)) == (3, len(rows) - 3)
    assert_close([whole[i] for i in order], first + second)


def test_equal_rows_are_computed_once():
    kind = "pair_classification"
    model, rows = runs.model_for((kind,)), runs.rows_of(kind, training=False)
    seen, forward = [], model.predict
    model.predict = lambda batch, task: (seen.append(len(batch["input_ids"])), forward(batch, task))[1]
    report = runs.Report()
    one, two, three = outputs(model, kind, [rows, rows, rows], report=report)
    assert sum(seen) == len({tuple(rows.row(i)["input_ids"].tolist()) for i in range(len(rows))})
    assert report.tokens[-1] == rows.tokens
    for a, b, c in zip(one, two, three, strict=True):
        assert a["logits"].tobytes() == b["logits"].tobytes() == c["logits"].tobytes()


def test_rows_that_differ_in_their_segments_are_not_equal():
    kind = "pair_classification"
    model = runs.model_for((kind,), "bert")
    base = {"input_ids": [0, 9, 2, 8, 2], "example": 0, "label": 0}
    rows = tiny.pack([{**base, "token_type_ids": [0, 0, 0, 1, 1]}, {**base, "token_type_ids": [0] * 5}])
    ((one, other),) = outputs(model, kind, [rows])
    assert not np.allclose(one["logits"], other["logits"])


class Captioned(type(registry.find("heads.encoder", "pair_classification"))):
    """A label for a pair of texts and a picture, which here is one number."""

    columns = declared(TYPED, label=per_row(use="loss"), picture=per_row(dtype="float32"))

    def predict(self, module, hidden_BTD, batch):
        return [
            {"logits": found["logits"] + brightness}
            for found, brightness in zip(
                super().predict(module, hidden_BTD, batch), batch["picture"].tolist(), strict=True
            )
        ]


def test_two_pictures_under_one_text_are_two_predictions():
    model = runs.model_for(("pair_classification",))
    model.heads["pair_classification"] = Captioned("pair_classification")
    base = {"input_ids": [0, 9, 2, 2, 8, 2], "label": 0}
    rows = tiny.pack([{**base, "example": i} for i in range(3)])
    pictures = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    ((dark, light, again),) = outputs(
        model, "pair_classification", [replace(rows, scalars={**rows.scalars, "picture": pictures})]
    )
    np.testing.assert_allclose(light["logits"] - dark["logits"], 0.25, atol=1e-6)
    assert again["logits"].tobytes() == dark["logits"].tobytes()


def test_bf16_is_near_fp32():
    kind = "pair_classification"
    model, rows = runs.model_for((kind,)), runs.rows_of(kind, training=False)
    exact, rounded = outputs(model, kind, [rows])[0], outputs(model, kind, [rows], precision="bf16")[0]
    assert_close(exact, rounded, atol=0.02)
    assert any(a["logits"].tobytes() != b["logits"].tobytes() for a, b in zip(exact, rounded, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_predicted_can_be_decoded(kind):
    head = registry.find("heads.encoder", kind)
    examples, labels = tiny.examples_of(kind)
    model, rows = runs.model_for((kind,)), runs.rows_of(kind, training=False)
    (found,) = outputs(model, kind, [rows])
    decoded = head.decode(found, [rows.row(i) for i in range(len(rows))], examples, labels=labels)
    assert len(decoded) == len(examples)


def test_training_leaves_no_trace_in_predictions(tmp_path):
    """Accelerate wraps the forward pass of a model that it trains in bf16; predictions in fp32 are none the less."""
    kind = "pair_classification"
    model, _ = runs.run((kind,), tmp_path, precision="bf16", epochs=1)
    fresh = runs.model_for((kind,))
    fresh.load_state_dict(model.state_dict())
    rows = runs.rows_of(kind, training=False)
    one, other = outputs(model, kind, [rows])[0], outputs(fresh, kind, [rows])[0]
    assert all(a["logits"].tobytes() == b["logits"].tobytes() for a, b in zip(one, other, strict=True))


def test_rows_stay_as_they_were():
    rows = runs.rows_of("pair_classification", training=False)
    before = replace(rows, ragged={n: (v.copy(), o.copy()) for n, (v, o) in rows.ragged.items()})
    outputs(runs.model_for(("pair_classification",)), "pair_classification", [rows])
    assert rows.ragged["input_ids"][0].tolist() == before.ragged["input_ids"][0].tolist()
