"""Every head of text-to-text models on mT5's and ByT5's architectures: rows, loss, what may be written, predictions."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_writer as tiny
import torch

from xstilts import registry
from xstilts.heads.text_to_text.writing import TextToTextHead
from xstilts.tasks.kind import kind_of, kinds

HEADS = registry.names("heads.text_to_text")
WRITTEN = [n for n in HEADS if not (kind_of(n).retrieval or kind_of(n).pretraining)] + ["tagging/words"]
HIDDEN = {"tagging": "tags", "extractive_qa": "answers"}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def head_of(kind: str) -> TextToTextHead:
    return registry.find("heads.text_to_text", kind.partition("/")[0])


def golds_of(head, examples):
    found = kind_of(head.kind).golds(examples)
    return [answers[0] for answers in found] if head.kind == "extractive_qa" else found


def test_every_kind_but_translation_contrast_has_a_head_of_its_name():
    assert set(HEADS) == set(kinds()) - {"translation_contrast"}
    assert all(head_of(name).kind == name for name in HEADS)


def test_listing_heads_imports_no_torch():
    code = (
        "import sys; from xstilts import registry; registry.names('heads.text_to_text');"
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("style", tiny.STYLES)
@pytest.mark.parametrize("kind", WRITTEN)
def test_rows_keep_the_protocol(kind, style):
    head, (examples, labels) = head_of(kind), tiny.examples_of(kind)
    for training in (False, True):
        rows = tiny.encode(head, examples, labels, style=style, training=training)
        columns = {column for column, value in rows[0].items() if isinstance(value, list)}
        per_token = {name for name, column in head.columns.items() if column.per_token}
        assert columns <= {"input_ids", *per_token}
        assert ("part" in columns) == training
        numbers = [row["example"] for row in rows]
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(len(examples)))
        for row in rows:
            assert set(row) == {"example", *columns, *(head.columns.keys() - per_token)}
            assert {len(row[column]) for column in columns} == {len(row["input_ids"])}
            source = tiny.source_of(row) if training else row["input_ids"]
            assert len(source) <= tiny.LENGTH[style]
            assert source[-1] == 1, "the end is the last that is read"
            assert not training or tiny.target_of(row)[-1] == 1, "and the last that is written"


@pytest.mark.parametrize("style", tiny.STYLES)
@pytest.mark.parametrize("kind", WRITTEN)
def test_what_is_trained_may_be_written_and_means_the_gold(kind, style):
    head, (examples, labels) = head_of(kind), tiny.examples_of(kind)
    assert tiny.dictate(head, examples, labels, style=style) == golds_of(head, examples)


@pytest.mark.parametrize("style", tiny.STYLES)
@pytest.mark.parametrize("kind", WRITTEN)
def test_loss_is_that_of_the_whole_model_and_reaches_all_of_it(kind, style):
    from xstilts.training.text_to_text import source, written

    head, (examples, labels) = head_of(kind), tiny.examples_of(kind)
    model = tiny.transfer_model(head, labels, style)
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, style=style, training=True))
    loss, count = model(batch, "task")
    (ids, mask), target = source(batch), written(batch)
    whole = model.encoder(input_ids=ids, attention_mask=mask, labels=target).loss
    assert loss.item() == pytest.approx(whole.item() * int(count), rel=1e-4)
    assert loss.dtype == torch.float32
    loss.backward()
    for part in (model.encoder.encoder.block, model.encoder.decoder.block, model.encoder.lm_head):
        assert sum(p.grad.norm() for p in part.parameters() if p.grad is not None) > 0
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, _ = model(batch, "task")
    assert torch.isfinite(loss)
    assert loss.dtype == torch.float32


@pytest.mark.parametrize("style", tiny.STYLES)
@pytest.mark.parametrize("kind", WRITTEN)
def test_predictions_do_not_depend_on_the_batch(kind, style):
    head, (examples, labels) = head_of(kind), tiny.examples_of(kind)
    examples = examples[:3]
    model = tiny.transfer_model(head, labels, style)
    rows = tiny.encode(head, examples, labels, style=style)
    with torch.no_grad():
        together = model.predict(tiny.batch_of(head, rows), "task")
        alone = [model.predict(tiny.batch_of(head, [row]), "task")[0] for row in rows]
    for one, other in zip(alone, together, strict=True):
        for key in one:
            np.testing.assert_allclose(one[key], other[key], atol=2e-4)
    predicted = head.decode(together, tiny.unpacked(rows), examples, labels=labels)
    for prediction, example in zip(predicted, examples, strict=True):
        if head.kind == "tagging":
            assert len(prediction) == len(example.tokens)
            assert set(prediction) <= set(labels)
        elif head.kind == "extractive_qa":
            assert prediction
            assert prediction in example.context
        else:
            assert prediction in (labels or range(len(example.choices)))


@pytest.mark.parametrize("kind", WRITTEN)
def test_hidden_gold_is_predicted_but_never_trained(kind):
    head, (examples, labels) = head_of(kind), tiny.examples_of(kind)
    hidden = [dataclasses.replace(example, **{HIDDEN.get(head.kind, "label"): None}) for example in examples]
    mixed = [examples[0], *hidden[1:]]
    assert {row["example"] for row in tiny.encode(head, mixed, labels, training=True)} == {0}
    assert {row["example"] for row in tiny.encode(head, mixed, labels)} == set(range(len(mixed)))
    assert kind_of(head.kind).golds(hidden) == [None] * len(hidden)
