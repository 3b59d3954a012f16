"""A student's own pieces: which are kept, how they are numbered, and what their first rows are."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny_encoder as tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from test_unigram import SCRIPTS, TEXTS, WORDS
from transformers import AutoTokenizer

from xstilts.errors import CheckpointError, ConfigError
from xstilts.models import unigram
from xstilts.models.loading import load_tokenizer
from xstilts.models.student import EMBEDDING, ROWS
from xstilts.models.vocabulary import making, writing
from xstilts.models.vocabulary.comparison import compare
from xstilts.models.vocabulary.letters import most_useful
from xstilts.models.vocabulary.restriction import Pieces, restrict
from xstilts.models.vocabulary.start import StartVocabulary, check_restrictable

SIZE = 66
LATIN = [text for text in TEXTS if text.isascii()]


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> StartVocabulary:
    """The model's own: a Unigram whose mask comes last, as XLM-R's."""
    folder = tmp_path_factory.mktemp("start")
    more = [f"{one}{other} {other}s" for one in WORDS for other in WORDS]
    unigram.train([*TEXTS, *SCRIPTS, *more] * 2, vocabulary=400, directory=folder)
    file = folder / "tokenizer.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = table["model"]["vocab"]
    vocabulary.append(vocabulary.pop(4))
    for mark in table["added_tokens"]:
        mark["id"] = len(vocabulary) - 1 if mark["content"] == "<mask>" else mark["id"]
    file.write_text(json.dumps(table), encoding="utf-8")
    found = StartVocabulary.of(load_tokenizer(folder))
    assert found.marks["<mask>"] == len(found.pieces) - 1
    return found


@pytest.fixture(scope="module")
def pieces(start) -> list[writing.Piece]:
    return restricted(start, SIZE)


@pytest.fixture(scope="module")
def own(start, pieces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    writing.write_tokenizer(start, pieces, folder)
    return load_tokenizer(folder)


def restricted(start: StartVocabulary, size: int) -> list[writing.Piece]:
    characters = {letter: 1.0 for text in LATIN for letter in text}
    return making.restricted(start, making.frequencies(start, LATIN), characters, size=size)


def test_frequencies_count_every_piece(start):
    counts = making.frequencies(start, TEXTS * 40)
    ids = [number for text in TEXTS for number in start.tokenizer.encode(text, add_special_tokens=False)]
    assert (counts == 40 * np.bincount(ids, minlength=len(start.tokenizer))).all()


def test_pieces_keep_their_scores_and_order(start, pieces):
    scores = dict(zip(start.pieces, start.scores, strict=True))
    numbers = [start.pieces.index(piece) for piece, _ in pieces]
    assert len(pieces) == SIZE
    assert numbers == sorted(set(numbers))
    assert all(score == scores[piece] for piece, score in pieces)


def test_special_tokens_have_the_same_office_under_new_numbers(start, own):
    old = start.tokenizer
    assert len(own) == SIZE
    assert own.pad_token_id == old.pad_token_id == 1
    assert own.mask_token_id == SIZE - 1
    assert own.all_special_tokens == old.all_special_tokens
    assert own.model_max_length == old.model_max_length
    assert own.model_input_names == old.model_input_names
    one, two = (own.encode(text, add_special_tokens=False) for text in ("The cat", "a roof"))
    assert own.encode("The cat", "a roof") == [0, *one, 2, 2, *two, 2]
    assert own.mask_token_id in own.encode("a <mask>.")


def test_every_character_of_the_text_is_known(own):
    for text in LATIN:
        assert own.unk_token_id not in own.encode(text)


def test_text_of_kept_pieces_is_cut_as_before(start, own):
    kept, unchanged = set(own.get_vocab()), 0
    for text in LATIN:
        before = start.tokenizer.tokenize(text)
        if kept.issuperset(before):
            assert own.tokenize(text) == before
            unchanged += 1
    assert 0 < unchanged < len(LATIN)
    found = compare(LATIN, start.tokenizer, own)
    assert found.sentences == len(LATIN)
    assert found.sentences_unchanged == unchanged
    assert found.tokens > found.tokens_before > found.tokens_unchanged
    assert (found.unknown, found.unknown_before) == (0, 0)
    assert found.record()["growth"] == round(found.tokens / found.tokens_before, 4)


def test_unknown_tokens_are_counted(start, own):
    found = compare(["a ☃☃ b", "The cat"], start.tokenizer, own)
    assert (found.unknown_before, found.unknown) == (1, 1)


def test_all_pieces_that_are_used_fit(start):
    used = making.frequencies(start, LATIN)
    everything = restricted(start, 10_000)
    assert len(everything) < len(start.pieces)
    assert {start.pieces[number] for number in np.flatnonzero(used)} <= {piece for piece, _ in everything}


def test_where_characters_do_not_fit_the_rarest_are_unknown(start):
    characters = {letter: float(1 + (letter == "q")) for text in (*TEXTS, *SCRIPTS) for letter in text}
    found = dict(making.restricted(start, making.frequencies(start, TEXTS), characters, size=40))
    assert len(found) == 40
    assert len({piece for piece in found if len(piece) == 1}) < len(set("".join(TEXTS)))
    with pytest.raises(ConfigError, match="9 pieces have no room for text beside 5 special tokens"):
        restricted(start, 9)


def test_uses_of_a_piece_go_over_to_those_that_spell_it():
    pieces, scores = ["?", "a", "b", "ab", "aab", "c"], [-9.0, -2.0, -2.5, -3.0, -4.0, -3.0]
    used = np.array([0.0, 5.0, 1.0, 3.0, 2.0, 4.0])
    assert Pieces(pieces, scores, range(6), unknown=0).spelled("aabxab") == [4, 0, 3]
    # aab goes first: a and ab are used more for it, so that b is next.
    assert restrict(pieces, scores, used, size=4, needed=[0], unknown=0) == [0, 1, 3, 5]
    assert restrict(pieces, scores, used, size=3, needed=[0, 2], unknown=0) == [0, 1, 2]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 10), min_size=25, max_size=25), st.integers(3, 25))
def test_the_number_of_pieces_is_what_was_asked_for(used, size):
    pieces = ["?", *"abc", *(x + y for x in "abc" for y in "abc"), *(x + y + "a" for x in "abc" for y in "abc")]
    pieces += [x * 4 for x in "abc"]
    scores = [-float(len(piece)) - number / 100 for number, piece in enumerate(pieces)]
    kept = restrict(pieces, scores, np.array(used), size=size, needed=[0, 1, 2], unknown=0)
    assert kept == sorted(set(kept))
    assert {0, 1, 2} <= set(kept)
    assert len(kept) == min(size, len({0, 1, 2} | set(np.flatnonzero(used).tolist())))


def test_new_pieces_take_over_normaliser_and_marks(start, tmp_path):
    found = making.learned(start, [*TEXTS, *SCRIPTS], size=200)
    assert len(found) <= 200
    assert [piece for piece, _ in found][:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert found[-1][0] == "<mask>"
    writing.write_tokenizer(start, found, tmp_path)
    own = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert own.encode("ﬁne Ⅳ") == own.encode("fine IV"), "NFKC, as before"
    assert own.tokenize("The ferry")[0].startswith("▁")
    assert own.unk_token_id not in own.encode(TEXTS[0])
    assert found == making.learned(start, [*TEXTS, *SCRIPTS], size=200)


def test_rows_are_those_of_the_model_or_their_mean(start):
    embedding = np.random.default_rng(1).normal(size=(len(start.pieces), 6)).astype(np.float32)
    some = start.pieces[60]
    rows = writing.rows_of(start, ["<mask>", some, "Thecatz", "☃"], embedding)
    assert rows.dtype == np.float32
    assert (rows[0] == embedding[-1]).all()
    assert (rows[1] == embedding[60]).all()
    parts = [token.id for token in start.tokenizer.backend_tokenizer.model.tokenize("Thecatz")]
    assert len(parts) > 1
    assert np.allclose(rows[2], embedding[parts].mean(axis=0), atol=1e-6)
    assert (rows[3] == embedding[start.unknown]).all()


def test_the_rows_come_back(tmp_path):
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    writing.write_embedding(rows, tmp_path)
    assert (load_file(tmp_path / EMBEDDING)[ROWS] == rows).all()


@pytest.mark.parametrize(("style", "kind"), [("wordpiece", "WordPiece"), ("bytes", "BPE")])
def test_pieces_that_cannot_be_restricted(style, kind, tmp_path):
    start = StartVocabulary.of(tiny.tokenizer(style))
    with pytest.raises(ConfigError, match=f"is {kind}, whose pieces cannot be restricted") as caught:
        restricted(start, 100)
    assert "way: unigram learns new pieces instead" in str(caught.value)
    start.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="cannot be restricted"):
        check_restrictable(tmp_path)


@pytest.mark.parametrize("style", ["wordpiece", "bytes"])
def test_new_pieces_for_any_tokenizer(style, tmp_path):
    start = StartVocabulary.of(tiny.tokenizer(style))
    found = making.learned(start, TEXTS, size=120)
    writing.write_tokenizer(start, found, tmp_path)
    own, old = load_tokenizer(tmp_path), start.tokenizer
    assert own.convert_ids_to_tokens(own.encode("cat"))[0] == old.cls_token
    assert own.convert_ids_to_tokens(own.encode("cat", "roof"))[-1] == old.sep_token
    assert own.decode(own.encode("The ferry", add_special_tokens=False)).strip().lower() == "the ferry"
    embedding = np.random.default_rng(1).normal(size=(len(old), 4)).astype(np.float32)
    rows = writing.rows_of(start, [piece for piece, _ in found], embedding)
    known = old.encode(" cat", add_special_tokens=False)
    expected = writing.rows_of(start, ["▁cat"], embedding)[0]
    assert np.allclose(expected, embedding[known].mean(axis=0), atol=1e-6)
    assert rows.shape == (len(found), 4)


def test_marks_around_a_text_that_cannot_be_renumbered(start, tmp_path, pieces):
    table = {**start.table, "post_processor": {"type": "Other"}}
    other = StartVocabulary(tokenizer=start.tokenizer, table=table, marks=start.marks)
    with pytest.raises(CheckpointError, match="by Other, which is not known"):
        writing.write_tokenizer(other, pieces, tmp_path)


def test_bert_and_roberta_put_marks_by_other_means(start, tmp_path, pieces):
    from tokenizers.processors import RobertaProcessing

    processor = json.loads(RobertaProcessing(("</s>", 399), ("<s>", 398)).__getstate__())
    table = {**start.table, "post_processor": {"type": "Sequence", "processors": [processor]}}
    other = StartVocabulary(tokenizer=start.tokenizer, table=table, marks=start.marks)
    writing.write_tokenizer(other, pieces, tmp_path)
    assert load_tokenizer(tmp_path).encode("cat")[0] == 0
    assert load_tokenizer(tmp_path).encode("cat")[-1] == 2


def test_letters_of_the_alphabets_that_are_used_are_kept():
    text = {"a": 9.0, "b": 5.0, "ж": 4.0, "老": 3.0, "Δ": 0.001, ".": 9.0}
    known = "abcxyzžж їѝ老中한ΔΩ.!"
    found = most_useful(text, known, most=99)
    assert found == [".", "a", "b", "ж", "老", "Δ", "c", "x", "y", "z", "ž", "ї", "ѝ"]
    assert most_useful(text, known, most=3) == [".", "a", "b"]
