"""Tokenizers that the embedding does not hold, that cannot pad, that lower-case a vocabulary of capitals."""

from __future__ import annotations

import json

import model_directories as made
import pytest
from test_preflight_configuration import refused

from xstilts.errors import CheckpointError
from xstilts.models.loading import load_tokenizer
from xstilts.models.preflight.masking import check_masking
from xstilts.models.preflight.tokenizer import keeps_capitals
from xstilts.models.reference import resolve
from xstilts.phases.start import ModelSource

GENERIC = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"}


def with_json(folder, settings=GENERIC, **options):
    made.write(folder, settings=settings)
    (folder / "vocab.txt").unlink()
    made.put(folder / "tokenizer.json", made.fast(**options))
    return folder


def test_a_tokenizer_json(tmp_path):
    assert resolve(str(with_json(tmp_path / "m"))).family == "auto"


@pytest.mark.parametrize(
    ("token", "number"), [("<new>", 17), ("<far>", 4000)], ids=["one row too few", "a number far beyond"]
)
def test_tokens_beyond_the_embedding(tmp_path, token, number):
    said = refused(with_json(tmp_path / "m", added={token: number}))
    assert f"tokenizer.json: numbers its tokens up to {number:,}, the embedding has 17 rows" in said
    assert f"'{token}' ({number:,})" in said
    assert "resize_token_embeddings" in said


def test_rows_may_be_padded_beyond_the_vocabulary(tmp_path):
    folder = with_json(tmp_path / "m")
    made.safetensors(folder / "model.safetensors", made.bert_tensors(rows=64))
    made.put(folder / "config.json", {**made.CONFIG, "vocab_size": 64})
    assert resolve(str(folder)).shape.vocabulary == 64


def test_a_special_token_of_the_settings_takes_a_number_too(tmp_path):
    """A padding token that was named when the model was saved, and never given a row."""
    said = refused(with_json(tmp_path / "m", settings={**GENERIC, "pad_token": "<|pad|>"}))
    assert "'<|pad|>' (17)" in said


def test_a_token_for_pictures_needs_no_row(tmp_path):
    """Gemma 3's smallest model takes over the tokenizer of those that see."""
    settings = {**GENERIC, "image_token": "<image>", "boi_token": "<begin>"}
    folder = with_json(tmp_path / "m", settings=settings, added={"<image>": 17, "<begin>": 18})
    assert resolve(str(folder)).family == "auto"
    made.put(folder / "tokenizer_config.json", GENERIC)
    assert "there is none for 2 tokens" in refused(folder)


def test_a_mask_that_is_in_no_file_needs_no_row(tmp_path):
    """No text holds it: masked LM alone would, and says so."""
    pieces = tuple(piece for piece in made.PIECES if piece != "[MASK]")
    folder = made.write(tmp_path / "m", config={"vocab_size": 16}, pieces=pieces, tensors=made.bert_tensors(rows=16))
    assert resolve(str(folder)).family == "auto"
    with pytest.raises(CheckpointError, match=r"no mask token: masked-LM training is not possible"):
        check_masking(folder, name="m")


def test_a_model_that_learns_no_masked_lm(tmp_path):
    check_masking(made.write(tmp_path / "m"), name="m")
    with pytest.raises(CheckpointError, match=r"no masked-LM head for model_type 'clip_text_model'"):
        check_masking(made.write(tmp_path / "n", config={"model_type": "clip_text_model"}), name="n")


def test_added_tokens_of_the_older_files(tmp_path):
    folder = made.write(tmp_path / "m")
    made.put(folder / "added_tokens.json", {"<new>": 17, "<newer>": 18})
    assert "there is none for 2 tokens, e.g. '<new>' (17), '<newer>' (18)" in refused(folder)


def test_added_tokens_of_the_settings(tmp_path):
    decoder = {"17": {"content": "<new>", "special": True}}
    folder = made.write(tmp_path / "m", settings={**made.SETTINGS, "added_tokens_decoder": decoder})
    assert "there is none for 1 token, e.g. '<new>' (17)" in refused(folder)


def test_a_longer_list_of_pieces(tmp_path):
    folder = made.write(tmp_path / "m", pieces=(*made.PIECES, "one", "two", "three", "four"))
    assert "vocab.txt: numbers its tokens up to 20, the embedding has 17 rows" in refused(folder)


def test_no_padding_token(tmp_path):
    said = refused(with_json(tmp_path / "m", settings={"tokenizer_class": "PreTrainedTokenizerFast"}))
    assert "its tokenizer has no padding token" in said
    assert '"pad_token": "[PAD]" to tokenizer_config.json' in said


def test_a_padding_token_that_is_null(tmp_path):
    folder = made.write(tmp_path / "m", settings={**made.SETTINGS, "pad_token": None})
    assert "its tokenizer has no padding token" in refused(folder)


@pytest.mark.parametrize(
    "told",
    [
        {"tokenizer_config.json": {**GENERIC, "pad_token": {"content": "[PAD]", "__type": "AddedToken"}}},
        {
            "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"},
            "special_tokens_map.json": {"pad_token": "[PAD]"},
        },
        {"tokenizer_config.json": {"tokenizer_class": "BertTokenizerFast"}},
        {"tokenizer_config.json": {}},
    ],
    ids=["a table", "the older file", "the class's own", "the model's own class"],
)
def test_where_a_padding_token_may_be_named(tmp_path, told):
    folder = with_json(tmp_path / "m")
    for name, content in told.items():
        made.put(folder / name, content)
    assert resolve(str(folder)).family == "auto"


def test_a_decoder_pads_with_its_end(tmp_path):
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}
    folder = with_json(tmp_path / "m", settings={"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "[SEP]"})
    made.put(folder / "config.json", {**made.CONFIG, **config})
    assert resolve(str(folder)).family == "auto_decoder"
    made.put(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})
    assert "its tokenizer has no end token" in refused(folder)


def test_a_tokenizer_without_a_fast_version(tmp_path):
    folder = made.write(tmp_path / "m", settings={"tokenizer_class": "BertJapaneseTokenizer"})
    assert "(BertJapaneseTokenizer) has no fast version" in refused(folder)


def test_a_class_that_reads_other_files(tmp_path):
    folder = made.write(tmp_path / "m", settings={"tokenizer_class": "XLMRobertaTokenizer"})
    said = refused(folder)
    assert "its tokenizer (XLMRobertaTokenizer) reads sentencepiece.bpe.model or tokenizer.json, not vocab.txt" in said


def test_merges_that_are_missing(tmp_path):
    folder = made.write(tmp_path / "m", settings={"tokenizer_class": "RobertaTokenizer"})
    (folder / "vocab.txt").unlink()
    made.put(folder / "vocab.json", {piece: number for number, piece in enumerate(made.PIECES)})
    assert "holds vocab.json without merges.txt" in refused(folder)


def test_code_of_a_tokenizer_is_never_run(tmp_path):
    settings = {"tokenizer_class": "OwnTokenizer", "auto_map": {"AutoTokenizer": ["own.OwnTokenizer", None]}}
    folder = made.write(tmp_path / "m", config={"model_type": "llama"}, settings=settings)
    assert "(OwnTokenizer) is code that the checkpoint brings, which is never run" in refused(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer.json", b"{}", "not a tokenizer: it holds no vocabulary"),
        ("tokenizer.json", b'{"model": {"vocab": {"a": "x"}}}', "not a tokenizer: it holds no vocabulary"),
        ("tokenizer.json", b'{"model": {"vocab": {}}}', "its vocabulary is empty"),
        ("tokenizer.json", b'{"model": {"vocab": {"\\ud83c": 0}}}', "half a character"),
        ("tokenizer.json", b"{", "is not JSON"),
        ("tokenizer_config.json", b"[]", "not a table of settings"),
        ("tokenizer_config.json", b'{"tokenizer_class": 7}', "tokenizer_class is 7, not a name"),
        ("tokenizer_config.json", b'{"pad_token": 7}', "pad_token is 7, not the text of a token"),
        ("added_tokens.json", b'{"<new>": "x"}', "numbers an added token by something that is no number"),
        ("vocab.txt", b"\xff\xfe", "not a list of pieces in UTF-8"),
        ("vocab.txt", b"", "its vocabulary is empty"),
    ],
)
def test_files_that_are_damaged(tmp_path, name, content, message):
    folder = made.write(tmp_path / "m")
    (folder / name).write_bytes(content)
    assert message in refused(folder)


@pytest.mark.parametrize(("rows", "right"), [(2, True), (1, True), (60, True), (0, False)])
def test_a_sentencepiece_model_alone(tmp_path, rows, right):
    """XLM-R adds padding to its pieces, and a mask, which no text holds."""
    from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

    folder = made.write(tmp_path / "m", settings=None)
    (folder / "vocab.txt").unlink()
    SentencePieceTrainer.train(
        sentence_iterator=iter(made.WORDS * 20),
        model_prefix=str(folder / "sentencepiece.bpe"),
        vocab_size=40,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "sentencepiece.bpe.vocab").unlink()
    pieces = SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model")).vocab_size()
    sizes = {"model_type": "xlm-roberta", "vocab_size": pieces + rows, "pad_token_id": 1}
    made.put(folder / "config.json", {**made.CONFIG, **sizes})
    made.safetensors(folder / "model.safetensors", made.bert_tensors(rows=pieces + rows, prefix="roberta."))
    if right:
        assert resolve(str(folder)).shape.positions == 30
    else:
        assert f"numbers its tokens up to at least {pieces}, the embedding has {pieces} rows" in refused(folder)


def test_a_damaged_sentencepiece_model(tmp_path):
    folder = made.write(tmp_path / "m", settings={"tokenizer_class": "XLMRobertaTokenizer"})
    (folder / "sentencepiece.bpe.model").write_bytes(b"\x00\x01")
    assert "not a sentencepiece model, or a damaged one" in refused(folder)


@pytest.fixture
def unsaid(tmp_path):
    """A vocabulary with capitals, and no file that says what becomes of them."""
    return made.write(tmp_path / "m", settings=None)


def test_a_vocabulary_of_capitals_is_read_as_it_is(unsaid):
    found = resolve(str(unsaid))
    assert found.cased
    assert "4 of its 12 pieces have capitals" in found.notes[0]
    assert '{"do_lower_case": false}' in found.notes[0]
    assert keeps_capitals(unsaid)


@pytest.mark.parametrize("lowered", [True, False])
def test_what_the_settings_say_decides(unsaid, lowered):
    made.put(unsaid / "tokenizer_config.json", {"do_lower_case": lowered})
    found = resolve(str(unsaid))
    assert (found.cased, found.notes, keeps_capitals(unsaid)) == (False, (), False)


@pytest.mark.parametrize("settings", [None, {"tokenizer_class": "BertTokenizer"}])
def test_a_tokenizer_json_that_keeps_capitals(tmp_path, settings):
    found = resolve(str(with_json(tmp_path / "m", settings=settings)))
    assert found.cased
    assert "tokenizer.json: 4 of its 12 pieces have capitals" in found.notes[0]


def test_a_tokenizer_json_that_lower_cases_is_believed(tmp_path):
    assert not resolve(str(with_json(tmp_path / "m", settings=None, lowercase=True))).cased


def test_text_is_read_with_its_capitals(unsaid):
    tokenizer = load_tokenizer(unsaid)
    ids = tokenizer("Zug Norden spät river", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["Zug", "Norden", "spät", "river"]
    made.put(unsaid / "tokenizer_config.json", {"do_lower_case": True})
    tokenizer = load_tokenizer(unsaid)
    ids = tokenizer("Zug Norden spät river", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["[UNK]", "[UNK]", "[UNK]", "river"]


def test_a_key_says_that_text_is_read_in_another_way():
    """And the key of whatever was read rightly before is the one that it had."""
    assert ModelSource(directory=True).params() == {"model": {"directory": True}}
    cased = ModelSource(directory=True, cased=True)
    assert cased.params() == {"model": {"directory": True, "cased": True}}
    assert ModelSource.read(cased.params()) == cased


def test_a_vocabulary_without_capitals_is_left_alone(tmp_path):
    folder = made.write(tmp_path / "m", settings=None, pieces=tuple(piece.lower() for piece in made.WORDS[:17]))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["vocab_size"] == 17
    assert not resolve(str(folder)).cased
