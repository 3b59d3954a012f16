"""Every encoder head through encode → collate → loss → predict → decode, with two kinds of tokenizers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.tasks.kind import kind_of, kinds

HEADS = registry.names("heads.encoder")
TRAINABLE = [name for name in HEADS if registry.find("heads.encoder", name).trainable]
UNLABELLED = {
    "masked_lm",
    "translation_contrast",
    "sentence_retrieval",
    "answer_retrieval",
    "dual_encoder",
    "bitext_mining",
}
WEIGHTLESS = {"translation_contrast", "dual_encoder"}
"""Trained, and without weights of their own."""
IS_PREDICTION = {
    "single_classification": lambda p, e, labels: p in labels,
    "pair_classification": lambda p, e, labels: p in labels,
    "tagging": lambda p, e, labels: len(p) == len(e.tokens) and set(p) <= set(labels),
    "extractive_qa": lambda p, e, labels: p in e.context and p == p.strip(),
    "multiple_choice": lambda p, e, labels: p in range(len(e.choices)),
    "masked_lm": lambda p, e, labels: p[0] > 0 and p[1] >= 1,
    "translation_contrast": lambda p, e, labels: -1 <= p <= 1,
    "sentence_retrieval": lambda p, e, labels: set(p) == {"from_english", "to_english"},
    "bitext_mining": lambda p, e, labels: p is None or set(p) == {"translation", "margin"},
    "answer_retrieval": lambda p, e, labels: sorted(p) == [f"{s}:{k}" for s in range(2) for k in range(3)],
    "dual_encoder": lambda p, e, labels: sorted(p) == [f"{s}:{k}" for s in range(4) for k in range(2)],
}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_kind_has_a_head_of_its_name():
    assert set(HEADS) == set(kinds())
    assert all(registry.find("heads.encoder", name).kind == name for name in HEADS)


def test_listing_heads_imports_no_torch():
    code = (
        "import sys; from xstilts import registry; registry.names('heads.encoder');"
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("style", ["sentencepiece", "wordpiece"])
@pytest.mark.parametrize("name", HEADS)
def test_rows_keep_the_protocol(name, style):
    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    for training in (False, True):
        rows = tiny.encode(head, examples, labels, style=style, max_length=48, training=training)
        columns = {column for column, value in rows[0].items() if isinstance(value, list)}
        per_token = {name for name, column in head.columns.items() if column.per_token}
        assert columns <= {"input_ids", *per_token}
        assert ("token_type_ids" in columns) == (style == "wordpiece")
        tok = tiny.tokenizer(style)
        for row in rows:
            assert set(row) == {"example", *columns, *(head.columns.keys() - per_token)}
            assert {len(row[column]) for column in columns} == {len(row["input_ids"])}
            assert 2 < len(row["input_ids"]) <= 48
            assert row["input_ids"][0] == tok.cls_token_id
        numbers = [row["example"] for row in rows]
        assert numbers == sorted(numbers), "rows of an example are contiguous and in order"
        if name != "masked_lm":
            assert set(numbers) == set(range(len(examples)))
    with pytest.raises(Exception, match="max_length"):
        tiny.encode(head, examples, labels, style=style, max_length=5)


@pytest.mark.parametrize("style", ["sentencepiece", "wordpiece"])
@pytest.mark.parametrize("name", TRAINABLE)
def test_loss_is_finite_and_its_gradient_reaches_head_and_backbone(name, style):
    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, style=style, training=True), style=style)
    whole = tiny.backbone(language_model=True)
    module = tiny.module_of(head, labels)
    for autocast in (False, True):
        whole.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            loss, count = head.loss(module, tiny.hidden_states(head, whole.model, batch), batch)
        assert loss.dtype == torch.float32
        assert loss.shape == count.shape == ()
        assert torch.isfinite(loss)
        assert int(count) >= len(examples) // 2
        loss.backward()
        assert bool([*module.parameters()]) == (name not in WEIGHTLESS)
        for part in (whole.model, module) if name not in WEIGHTLESS else (whole.model,):
            norms = [p.grad.norm() for p in part.parameters() if p.grad is not None]
            assert norms
            assert sum(norms) > 0


@pytest.mark.parametrize("name", [n for n in TRAINABLE if n != "masked_lm"])
def test_hidden_states_in_bf16_without_autocast(name):
    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, training=True))
    hidden = tiny.hidden_states(head, tiny.backbone(), batch).detach().to(torch.bfloat16)
    loss, _ = head.loss(tiny.module_of(head, labels), hidden, batch)
    assert loss.dtype == torch.float32


@pytest.mark.parametrize("style", ["sentencepiece", "wordpiece"])
@pytest.mark.parametrize("name", HEADS)
def test_predictions_do_not_depend_on_the_batch(name, style):
    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    rows = tiny.encode(head, examples, labels, style=style)
    model, module = tiny.backbone(), tiny.module_of(head, labels)
    together = tiny.outputs_of(head, module, model, rows, size=len(rows), style=style)
    predicted = tiny.decoded(head, together, rows, examples, labels)
    units = rows if name == "masked_lm" else examples
    assert len(predicted) == len(units)
    assert all(IS_PREDICTION[name](p, e, labels) for p, e in zip(predicted, units, strict=True))
    if name == "masked_lm":  # its masks are drawn per batch
        return
    alone = tiny.outputs_of(head, module, model, rows, size=1, style=style)
    for one, other in zip(alone, together, strict=True):
        for key in one:
            np.testing.assert_allclose(one[key], other[key], atol=2e-5)
    again = tiny.decoded(head, alone, rows, examples, labels)
    if name == "bitext_mining":  # margins are rounded as vectors are
        assert [p and p.pop("margin") for p in again] == pytest.approx([p and p.pop("margin") for p in predicted])
    if name == "translation_contrast":  # as cosines are
        assert again == pytest.approx(predicted, abs=1e-5)
        return
    assert again == predicted


@pytest.mark.parametrize("name", [n for n in HEADS if n not in UNLABELLED])
def test_hidden_gold_is_predicted_but_never_trained(name):
    import dataclasses

    head = registry.find("heads.encoder", name)
    examples, labels = tiny.examples_of(name)
    field = {"tagging": "tags", "extractive_qa": "answers"}.get(name, "label")
    hidden = [dataclasses.replace(example, **{field: None}) for example in examples]
    mixed = [examples[0], *hidden[1:]]
    assert {row["example"] for row in tiny.encode(head, mixed, labels, training=True)} == {0}
    assert {row["example"] for row in tiny.encode(head, mixed, labels)} == set(range(len(mixed)))
    assert kind_of(name).golds(hidden) == [None] * len(hidden)
    batch = tiny.batch_of(head, tiny.encode(head, hidden, labels))
    loss, count = head.loss(tiny.module_of(head, labels), tiny.hidden_states(head, tiny.backbone(), batch), batch)
    assert (loss.item(), int(count)) == (0.0, 0)


@pytest.mark.parametrize("name", [n for n in TRAINABLE if n not in {"masked_lm", *WEIGHTLESS}])
def test_modules_start_small_and_honour_dropout(name):
    head = registry.find("heads.encoder", name)
    _, labels = tiny.examples_of(name)
    module = head.build(hidden_size=256, labels=labels, dropout=0.25)
    for key, parameter in module.named_parameters():
        if key.endswith("bias"):
            assert not parameter.any()
        else:
            assert float(parameter.detach().std()) == pytest.approx(0.02, rel=0.2)
    assert {m.p for m in module.modules() if isinstance(m, torch.nn.Dropout)} == {0.25}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", HEADS)
def test_states_that_a_head_does_not_read_change_nothing(name, training):
    head = registry.find("heads.encoder", name)
    if training and name not in TRAINABLE:
        pytest.skip("it has no loss")
    examples, labels = tiny.examples_of(name)
    rows = tiny.encode(head, examples, labels, training=training)
    arrays = collate(tiny.pack(rows), np.arange(len(rows)), pad_id=1, columns=head.columns)
    prepared = head.prepare(arrays, rng=np.random.default_rng(0), vocabulary=tiny.vocabulary("sentencepiece"))
    read = head.reads(prepared)
    if read is None:
        pytest.skip("it reads all states")
    assert read.shape == prepared["input_ids"].shape
    assert 0 < read.sum() < prepared["attention_mask"].sum()
    batch = to_tensors(prepared, torch.device("cpu"))
    hidden = tiny.hidden_states(head, tiny.backbone(), batch).detach()
    others = torch.where(torch.from_numpy(read)[..., None], hidden, torch.zeros_like(hidden))
    module = tiny.module_of(head, labels)
    if training:
        losses = [head.loss(module, states, batch)[0].detach() for states in (hidden, others)]
        assert torch.equal(*losses)
        return
    columns = [{n: prepared[n][i] for n in head.columns if n in prepared} for i in range(len(rows))]
    columns = [{**row, "example": old["example"]} for row, old in zip(columns, rows, strict=True)]
    outputs = [head.predict(module, states, batch) for states in (hidden, others)]
    found, same = (head.decode(one, columns, examples, labels=labels) for one in outputs)
    assert found == same
