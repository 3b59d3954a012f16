"""The tokenizer: the same bytes every time, offsets into the original text, XLM-R's templates."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_encoder as tiny

from xstilts.errors import ConfigError
from xstilts.models import unigram
from xstilts.models.loading import load_tokenizer

WORDS = ("ferry", "harbour", "baker", "bread", "river", "cat", "roof", "train", "north", "book", "table", "girl")
TEXTS = [
    *tiny.SENTENCES,
    *(f"The {a} near the {b} waits for a {c}." for a in WORDS for b, c in zip(WORDS[1:], WORDS[3:], strict=False)),
]
SCRIPTS = (
    "The baker’s café — №1 — sells ﬁne bread.",
    "Der Zug nach Norden fährt später ab.",
    "वह किताब मेज़ पर रखी है।",
    "كَتَبَ الوَلَدُ رِسَالَةً",
    "แมวสีดำนอนอยู่บนหลังคา",
    "老渔夫每天早上七点出海。",
    "전각 ｆｕｌｌ ｗｉｄｔｈ 글자",
    "two  spaces\tand a tab ",
    "emoji 🙂 and 𝔐𝔞𝔱𝔥",
)

SCRIPT = """
import sys, pathlib
from xstilts.models import unigram
sentences = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split("\\n")
unigram.train(sentences, vocabulary=400, directory=pathlib.Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("unigram")
    unigram.train(TEXTS, vocabulary=400, directory=made)
    return made


@pytest.fixture(scope="module")
def tokenizer(folder):
    return load_tokenizer(folder)


def test_two_processes_train_the_same_bytes(tmp_path, folder):
    text = tmp_path / "text"
    text.write_text("\n".join(TEXTS), encoding="utf-8")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(text), str(tmp_path / name)],
            env={**os.environ, "PYTHONHASHSEED": name},
        )
        for name in ("1", "2")
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    files = sorted(file.name for file in folder.iterdir())
    assert "tokenizer.json" in files
    for name in ("1", "2"):
        assert sorted(file.name for file in (tmp_path / name).iterdir()) == files
        for file in files:
            assert (tmp_path / name / file).read_bytes() == (folder / file).read_bytes(), file


def test_it_comes_back_as_it_was_saved(tokenizer, tmp_path):
    trained = unigram.train(TEXTS, vocabulary=400, directory=tmp_path)
    for text in (*TEXTS, *SCRIPTS):
        assert trained(text)["input_ids"] == tokenizer(text)["input_ids"]
    assert trained.get_vocab() == tokenizer.get_vocab()
    tokenizer.save_pretrained(tmp_path / "again")
    assert (tmp_path / "again" / "tokenizer.json").read_bytes() == (tmp_path / "tokenizer.json").read_bytes()


def test_special_tokens_stand_first(tokenizer):
    assert tokenizer.convert_ids_to_tokens(list(range(5))) == list(unigram.SPECIAL)
    assert (tokenizer.cls_token_id, tokenizer.pad_token_id, tokenizer.sep_token_id) == (0, 1, 2)
    assert (tokenizer.unk_token_id, tokenizer.mask_token_id) == (3, 4)
    assert 50 < len(tokenizer) <= 400
    assert sorted(tokenizer.get_vocab().values()) == list(range(len(tokenizer)))
    assert "token_type_ids" not in tokenizer("a")


def test_templates_are_those_of_xlm_r(tokenizer):
    one = tokenizer("The cat", add_special_tokens=False)["input_ids"]
    two = tokenizer("a roof", add_special_tokens=False)["input_ids"]
    assert tokenizer("The cat")["input_ids"] == [0, *one, 2]
    assert tokenizer("The cat", "a roof")["input_ids"] == [0, *one, 2, 2, *two, 2]
    padded = tokenizer(["The cat", "The"], padding=True)
    assert padded["input_ids"][1][-1] == 1
    assert padded["attention_mask"][1][-1] == 0


@pytest.mark.parametrize("text", [*tiny.SENTENCES, *SCRIPTS])
def test_offsets_lead_into_the_original_text(tokenizer, text):
    found = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    covered, last = set(), 0
    for start, end in found["offset_mapping"]:
        assert 0 <= start <= end <= len(text)
        assert start >= last or end >= last, "in order"
        covered.update(range(start, end))
        last = start
    missed = {c for i, c in enumerate(text) if i not in covered}
    assert not any(c.isalnum() for c in missed), "no letter is left out"


def test_pieces_are_longer_than_letters_and_spell_the_text(tokenizer):
    pieces = tokenizer.tokenize("The ferry near the harbour waits for a baker.")
    assert "".join(pieces) == "▁The▁ferry▁near▁the▁harbour▁waits▁for▁a▁baker."
    assert len(pieces) < 30
    assert tokenizer.decode(tokenizer("The ferry")["input_ids"], skip_special_tokens=True) == "The ferry"


@pytest.mark.parametrize("sentences", [[], [""], ["", "  "]])
def test_too_little_text(sentences, tmp_path):
    with pytest.raises(ConfigError, match=f"no tokenizer can be trained on {len(sentences)} sentences"):
        unigram.train(sentences, vocabulary=400, directory=tmp_path)
    assert not [*tmp_path.iterdir()]


def test_a_little_text_gives_fewer_pieces(tmp_path):
    assert len(unigram.train(["a cat"], vocabulary=400, directory=tmp_path)) < 30


def test_many_characters_leave_room_for_pieces(tmp_path):
    """More characters than pieces: the rare ones become unknown instead of a failure."""
    rare = "".join(chr(0x4E00 + i) for i in range(2000))
    made = unigram.train([*TEXTS * 3, rare], vocabulary=300, directory=tmp_path)
    assert len(made) <= 300
    assert made.unk_token_id in made(rare)["input_ids"]
    assert made.unk_token_id not in made("The baker sells bread")["input_ids"]


def test_coverage():
    assert unigram.coverage([], characters=10) == 0.9998
    assert unigram.coverage(["abc" * 100], characters=10) == 0.9998
    assert unigram.coverage(["a" * 99 + "b"], characters=1) == pytest.approx(0.9999 * 0.99)
    assert unigram.coverage(["abcdefgh"], characters=1) == 0.98
