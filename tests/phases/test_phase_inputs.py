"""What phases read: shares of languages, samples of text, files that must be what they were, checkpoints."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import studies
from xstilts.errors import CheckpointError, DataError
from xstilts.phases import texts, tokenizer
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import examples_of, file_of
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import TaskHead, load_checkpoint, load_for

SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10**9), min_size=1)


@given(SIZES, st.floats(0, 1))
def test_shares_sum_to_one_and_keep_the_order(sizes, exponent):
    found = texts.shares(sizes, exponent=exponent)
    assert math.isclose(sum(found.values()), 1.0)
    for one in sizes:
        for other in sizes:
            assert (sizes[one] >= sizes[other]) <= (found[one] >= found[other] - 1e-12)


@given(SIZES)
def test_a_small_exponent_evens_out(sizes):
    even, plain = (texts.shares(sizes, exponent=exponent) for exponent in (0.0, 1.0))
    assert all(math.isclose(share, 1 / len(sizes)) for share in even.values())
    assert all(math.isclose(plain[name], n / sum(sizes.values())) for name, n in sizes.items())


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(1, 200), st.integers(0, 3))
def test_a_sample_of_lines_stops_at_its_limit(lines, characters, seed):
    found = list(tokenizer.sample(lines, characters=characters, seed=seed))
    assert found == list(tokenizer.sample(lines, characters=characters, seed=seed))
    assert all(line.strip() and line in lines for line in found)
    assert sum(map(len, found[:-1])) < characters
    if sum(map(len, found)) < characters:  # then everything was taken
        assert sorted(found) == sorted(line for line in lines if line.strip())


def test_a_long_line_is_cut():
    (line,) = tokenizer.sample(["x" * 5000], characters=10, seed=1)
    assert len(line) == tokenizer.LONGEST


@pytest.fixture
def node(tmp_path):
    file = tmp_path / "train-en.tsv"
    studies.write_xnli(file, "en", 12, seed=1)
    part = {"language": "eng-Latn", "files": ["0/train"]}
    params = {
        "task": "mnli",
        "kind": "pair_classification",
        "labels": [],
        "metric": "accuracy",
        "split": "train",
        "limit": None,
        "parts": [part],
    }
    return Node(
        kind="fine_tuning", params=params, data={"0/train": fingerprint(file)}, paths={"0/train": str(file)}
    ), file


def dataset(node, **other) -> Dataset:
    return Dataset.read({**node.params, **other})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_rows_are_cut_by_a_fixed_sample(node, store):
    found = examples_of(dataset(node[0], limit=5), node[0], store)
    assert len(found) == 5
    assert found == examples_of(dataset(node[0], limit=5), node[0], store)
    more = examples_of(dataset(node[0], limit=7), node[0], store)
    assert {example.example_id for example in found} < {example.example_id for example in more}


def test_what_is_held_out_does_not_train(node, store):
    train, dev = (
        {e.example_id for e in examples_of(dataset(node[0], hold_out=part), node[0], store)}
        for part in ("train", "dev")
    )
    assert not train & dev
    assert len(train) + len(dev) == 12
    assert dev


def test_a_file_must_be_what_it_was(node, store):
    given, file = node
    assert file_of(given, "0/train") == file
    studies.write_xnli(file, "en", 12, seed=2)
    with pytest.raises(DataError, match="has changed since the run was planned"):
        examples_of(dataset(given), given, store)
    file.unlink()
    with pytest.raises(DataError, match="is gone since the run was planned"):
        file_of(given, "0/train")


@pytest.fixture(scope="module")
def tuned():
    study, _ = studies.finished()
    label = "fine_tuning MultiNLI ← none · seed 11"
    key = next(node.key for node in study.build().nodes if node.label == label)
    return study.store.directory(key)


def test_a_checkpoint_opens_with_its_heads(tuned):
    model = load_checkpoint(tuned)
    assert list(model.heads) == ["mnli.0"]
    assert not model.encoder.training


def test_a_checkpoint_says_what_it_was_not_trained_for(tuned):
    wanted = TaskHead(task="udpos", kind="tagging", labels=("NOUN", "VERB"))
    with pytest.raises(CheckpointError, match=r"not trained for udpos \(tagging, 2 labels\); it holds mnli\.0"):
        load_for(tuned, [wanted])


def test_a_folder_without_a_card_is_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"holds no xstilts\.json"):
        load_checkpoint(tmp_path)


def test_the_tokenizer_is_carried_over_byte_by_byte(tuned):
    study, _ = studies.finished()
    first = next(row for row in study.store.ls() if row["kind"] == "tokenizer")
    source = study.store.directory(first["key"]) / "tokenizer.json"
    assert (tuned / "tokenizer.json").read_bytes() == source.read_bytes()
    assert json.loads((tuned / "xstilts.json").read_text())["tasks"][0]["kind"] == "pair_classification"
