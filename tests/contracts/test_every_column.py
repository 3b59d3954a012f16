"""Every head reads the columns that it declares as inputs; rows that differ in one of them share no prediction."""

from __future__ import annotations

import copy
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny
import tiny_writer
import torch

from xstilts import registry
from xstilts.engine.batches import collate
from xstilts.evaluation.predicting import predict
from xstilts.heads.columns import inputs
from xstilts.heads.text_to_text.automaton import Walk, Written
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for
from xstilts.training.text_to_text import DecoderWriter

ARCHITECTURES = ("encoder", "decoder", "text_to_text")
ALWAYS = {"input_ids", "attention_mask"}
BACKBONE = {"token_type_ids"}
"""Read by the backbone: ``tests/evaluation/test_predicting.py`` has two rows that differ in them."""
HEADS = {
    id(head): (architecture, name, head)
    for architecture in reversed(ARCHITECTURES)
    for name in registry.names(f"heads.{architecture}")
    for head in [registry.find(f"heads.{architecture}", name)]
}
"""Every head once, under the first architecture that has it."""
CASES = list(HEADS.values())
NAMED = [f"{architecture}.{name}" for architecture, name, _ in CASES]


class Follower(DecoderWriter):
    """Writes as long as it may, of the tokens that are allowed the first one: all that decides is what is allowed."""

    def follow(self, states, batch, automata):
        found = []
        for automaton in automata:
            walk = Walk(automaton, end=self.tokenizer.eos_token_id)
            while allowed := [token for token in walk.allowed if token != walk.end]:
                walk.take(allowed[0])
            found.append(Written(walk.result, 1.0))
        return found


class Noted(dict):
    """A batch that notes which columns were asked for."""

    def __init__(self, batch) -> None:
        super().__init__(batch)
        self.asked: set[str] = set()

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)


class Silent:
    def update(self, *_args, **_options):
        pass


def examples_of(architecture: str, kind: str):
    return (tiny_writer if architecture == "text_to_text" else tiny).examples_of(kind)


def rows_of(architecture: str, kind: str, head, *, training: bool = False) -> list[dict]:
    examples, labels = examples_of(architecture, kind)
    made = tiny_writer if architecture == "text_to_text" else tiny
    return made.encode(head, examples, labels, training=training)


def model_of(architecture: str, kind: str, head) -> TransferModel:
    labels = examples_of(architecture, kind)[1]
    if architecture == "text_to_text":
        model = tiny_writer.transfer_model(head, labels)
        writer = Follower(model.encoder, model.tokenizer, labels, model.engine)
        model.module_of = lambda task: writer
        return model
    whole = tiny.backbone(language_model=head.language_model)
    module = tiny.module_of(head, labels)
    for layer in module.modules():
        if isinstance(layer, torch.nn.Linear) and layer.out_features == len(labels):
            torch.nn.init.constant_(layer.bias[:1], -100.0)  # label 0, which also fills, is never predicted
    model = TransferModel(whole, {"task": head}, {"task": module}).eval()
    if head.language_model:
        model.module_of = lambda task: module
    return model


def noted(architecture: str, kind: str, head, *, training: bool):
    """The columns that the head asks for, of rows that have all of them, and those that the rows have."""
    arrays = collate(
        tiny.pack(rows_of(architecture, kind, head, training=training)), np.arange(2), pad_id=1, columns=head.columns
    )
    drawn = head.prepare(dict(arrays), rng=np.random.default_rng(0), vocabulary=tiny.vocabulary("sentencepiece"))
    reads = Noted(drawn)
    head.reads(reads)
    batch = Noted({name: torch.from_numpy(values) for name, values in drawn.items()})
    model = model_of(architecture, kind, head)
    with torch.no_grad():
        hidden = model.hidden(dict(batch), "task")
        (head.loss if training else head.predict)(model.module_of("task"), hidden, batch)
    stored = arrays.keys() - ALWAYS - BACKBONE - {"example"}
    return (reads.asked | batch.asked) & arrays.keys() - ALWAYS, stored


@pytest.mark.parametrize(("architecture", "kind", "head"), CASES, ids=NAMED)
def test_predict_asks_for_its_inputs_and_for_nothing_else(architecture, kind, head):
    asked, stored = noted(architecture, kind, head, training=False)
    assert asked == inputs(head.columns).keys() & stored


@pytest.mark.parametrize(
    ("architecture", "kind", "head"),
    [case for case in CASES if case[2].trainable],
    ids=[name for name, case in zip(NAMED, CASES, strict=True) if case[2].trainable],
)
def test_the_loss_asks_for_no_column_that_is_there_for_decoding(architecture, kind, head):
    asked, _ = noted(architecture, kind, head, training=True)
    assert asked <= {name for name, column in head.columns.items() if column.use != "decoding"}


def _other_start(row):
    """The first word starts nowhere."""
    return {**row, "word": [-1 if word == 0 else word for word in row["word"]]}


def _one_word_less(row):
    return {**row, "words": row["words"] - 1}


def _words_joined(row):
    """The first two words are one."""
    return {**row, "word_of": [word - 1 if word > 0 else word for word in row["word_of"]]}


def _no_start_here(row):
    begins = list(row["offset_start"])
    begins[row["begin"]] = -1
    return {**row, "offset_start": begins}


def _too_long_at_once(row):
    ends = list(row["offset_end"])
    ends[row["begin"] + 2] = 100_000
    return {**row, "offset_end": ends}


TWINS = {
    ("encoder.tagging", "word"): _other_start,
    ("decoder.tagging", "word"): _other_start,
    ("encoder.dual_encoder", "own"): lambda row: {**row, "own": row["own"] - 1},
    ("text_to_text.tagging", "word_of"): _words_joined,
    ("text_to_text.tagging/words", "words"): _one_word_less,
    ("text_to_text.multiple_choice", "choices"): lambda row: {**row, "choices": row["choices"] - 1},
    ("text_to_text.extractive_qa", "offset_start"): _no_start_here,
    ("text_to_text.extractive_qa", "offset_end"): _too_long_at_once,
    ("text_to_text.extractive_qa", "begin"): lambda row: {**row, "begin": row["begin"] + 1},
    ("text_to_text.extractive_qa", "stop"): lambda row: {**row, "stop": row["stop"] - 1},
}
"""A row that is equal in all columns but one, of which another prediction comes."""


def test_every_input_of_every_head_has_its_twin():
    declared = {
        (name, column)
        for name, (_, _, head) in zip(NAMED, CASES, strict=True)
        for column in inputs(head.columns).keys() - BACKBONE - {"part"}  # in rows for training only
    }
    assert {(name.partition("/")[0], column) for name, column in TWINS} == declared


def predictions(model, *rows):
    return predict(
        model,
        "task",
        [tiny.pack([{**row, "example": number} for number, row in enumerate(rows)])],
        tokens=10_000,
        pad_id=1,
        accelerator=accelerator_for("fp32"),
        report=Silent(),
        phase="test",
    )[0]


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(
        one[key].shape == other[key].shape and np.allclose(one[key], other[key], atol=1e-5) for key in one
    )


@pytest.mark.parametrize(("name", "column"), TWINS, ids=[".".join(case) for case in TWINS])
def test_leaving_an_input_out_is_noticed(name, column):
    architecture, _, kind = name.partition(".")
    head = registry.find(f"heads.{architecture}", kind.partition("/")[0])
    row = rows_of(architecture, kind, head)[1]
    twin = TWINS[name, column](row)
    assert twin != row
    model = model_of(architecture, kind, head)
    (one,), (other,) = predictions(model, row), predictions(model, twin)
    assert not same(one, other)
    both = predictions(model, row, twin)
    assert same(one, both[0])
    assert same(other, both[1])
    forgetful = copy.copy(head)
    forgetful.columns = MappingProxyType({**head.columns, column: replace(head.columns[column], use="decoding")})
    model.heads["task"] = forgetful
    with pytest.raises((KeyError, AssertionError)):
        assert same(other, predictions(model, row, twin)[1])
