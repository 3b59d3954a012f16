"""A tokenizer that does not fit the text is reported, per language; one that does is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
import model_directories as directories

import studies
from xstilts.phases import unknown_tokens
from xstilts.phases.datasets import Dataset, LanguageFiles
from xstilts.phases.token_cache import tokenised
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüß.,'"
PIECES = (*directories.PIECES[:5], *LETTERS, *(f"##{letter}" for letter in LETTERS))


@pytest.fixture
def model(tmp_path):
    return directories.write(tmp_path / "m", config={"vocab_size": len(PIECES)}, tensors={}, pieces=PIECES)


def dataset(tmp_path, *languages: str) -> tuple[Dataset, Node, Store]:
    """Rows in languages that XNLI calls by these codes."""
    ids = {"en": "eng-Latn", "de": "deu-Latn", "ru": "rus-Cyrl"}
    parts, data, paths = [], {}, {}
    for code in languages:
        file, role = tmp_path / f"train-{code}.tsv", f"0/{code}"
        studies.write_xnli(file, code, 12, seed=1)
        parts.append(LanguageFiles(language=ids[code], roles=(role,)))
        data[role], paths[role] = fingerprint(file), str(file)
    found = Dataset(
        task="mnli",
        kind="pair_classification",
        labels=("contradiction", "entailment", "neutral"),
        metric="accuracy",
        split="train",
        limit=None,
        parts=tuple(parts),
    )
    return found, Node(kind="fine_tuning", params=found.params(), data=data, paths=paths), Store(tmp_path / "store")


@pytest.mark.parametrize("training", [True, False])
def test_only_the_language_that_does_not_fit_is_named(tmp_path, model, training):
    made = dataset(tmp_path, "en", "de", "ru")
    found = tokenised(*made, Start(directory=model), max_length=64, training=training)
    (remark,) = found.remarks
    assert remark.startswith("mnli (train, rus-Cyrl): ")
    assert "% of the tokens are unknown to the tokenizer, e.g. '" in remark
    again = tokenised(*made, Start(directory=model), max_length=64, training=training)
    assert again.remarks == found.remarks, "also where the rows were there already"


def test_a_tokenizer_that_fits_is_not_mentioned(tmp_path, model):
    assert tokenised(*dataset(tmp_path, "en", "de"), Start(directory=model), max_length=64, training=True).remarks == ()


def test_capitals_are_unknown_to_a_vocabulary_without_them(tmp_path, model):
    small = tuple(piece for piece in PIECES if piece == piece.lower() or piece in directories.PIECES)
    directories.write(model, config={"vocab_size": len(small)}, tensors={}, pieces=small)
    (remark,) = tokenised(*dataset(tmp_path, "en"), Start(directory=model), max_length=64, training=True).remarks
    assert "e.g. 'The'" in remark or "'Lisbon'" in remark or "'Oslo'" in remark


def test_what_is_unknown_to_bytes_is_nothing(tmp_path):
    folder = directories.write(tmp_path / "m", tensors={}, settings={"tokenizer_class": "ByT5Tokenizer"})
    (folder / "vocab.txt").unlink()
    tokenizer = Start(directory=folder).tokenizer()
    file = tmp_path / "ru.txt"
    file.write_text("пекарь красит лампу в порту\n" * 3, encoding="utf-8")
    node = Node(kind="masked_lm", paths={"text/rus-Cyrl": str(file)}, data={"text/rus-Cyrl": fingerprint(file)})
    assert unknown_tokens.in_text(node, tokenizer) == []


def test_plain_text_is_looked_at_too(tmp_path, model):
    paths = {}
    for language, line in {"rus-Cyrl": "лётчик чинит велосипед", "eng-Latn": "the pilot mends a bicycle"}.items():
        file = tmp_path / f"{language}.txt"
        file.write_text(f"{line}\n" * 3, encoding="utf-8")
        paths[f"text/{language}"] = str(file)
    node = Node(kind="masked_lm", paths=paths, data={role: fingerprint(Path(file)) for role, file in paths.items()})
    (remark,) = unknown_tokens.in_text(node, Start(directory=model).tokenizer())
    assert remark.startswith("the text in rus-Cyrl: 100 % of the tokens are unknown to the tokenizer, e.g. 'лётчик'")
