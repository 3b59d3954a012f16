"""Rows are made once per tokenizer; those for training are kept without their examples."""

from __future__ import annotations

from pathlib import Path

import pytest

import studies
from xstilts.errors import XstiltsError
from xstilts.models import mini
from xstilts.phases.datasets import Dataset, LanguageFiles
from xstilts.phases.examples import examples_of
from xstilts.phases.token_cache import tokenised
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start

START = Start(directory=Path(mini.__file__).parent)


@pytest.fixture
def made(tmp_path):
    """(dataset, node that reads it, store)"""
    file = tmp_path / "train-en.tsv"
    studies.write_xnli(file, "en", 12, seed=1)
    dataset = Dataset(
        task="mnli",
        kind="pair_classification",
        labels=("contradiction", "entailment", "neutral"),
        metric="accuracy",
        split="train",
        limit=None,
        parts=(LanguageFiles(language="eng-Latn", roles=("0/train",)),),
    )
    data, paths = {"0/train": fingerprint(file)}, {"0/train": str(file)}
    return dataset, Node(kind="fine_tuning", params=dataset.params(), data=data, paths=paths), Store(tmp_path / "store")


def test_rows_for_training_have_no_examples(made):
    found = tokenised(*made, START, max_length=64, training=True)
    assert len(found.rows) == 12
    with pytest.raises(XstiltsError, match="rows for training are kept without their examples"):
        found.examples  # noqa: B018 – asking is enough
    assert not list(made[2].open(_key(made[2])).directory.glob("examples*"))


def test_rows_for_evaluation_have_theirs(made):
    dataset, node, store = made
    found = tokenised(dataset, node, store, START, max_length=64, training=False)
    assert found.examples == examples_of(dataset, node, store)
    assert len(found.rows) == len(found.examples)


def test_what_is_there_is_not_made_again(made, monkeypatch):
    first = tokenised(*made, START, max_length=64, training=True)
    monkeypatch.setattr("xstilts.phases.token_cache.located_examples", lambda *_: pytest.fail("read again"))
    again = tokenised(*made, START, max_length=64, training=True)
    assert again.rows.tokens == first.rows.tokens


def _key(store: Store) -> str:
    (row,) = store.ls()
    return row["key"]
