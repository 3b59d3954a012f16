"""What a tokenizer makes of a language, on text whose counts can be done by hand."""

import pytest

from xstilts.errors import ConfigError, DataError, NotFound
from xstilts.models.bytes import byte_tokenizer
from xstilts.phases.parallel_text import parallel_tasks, parallel_texts
from xstilts.phases.tokenizer_measures import measures

ENGLISH = ("I am.", "", "We go home")
FINNISH = ("Olen.", "Moi", "Menemme kotiin")
THAI = ("ฉัน", "", "เรา บ้าน")


@pytest.fixture
def folder(tmp_path):
    for code, lines in (("en", ENGLISH), ("fi", FINNISH), ("th", THAI)):
        (tmp_path / f"own.{code}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def measured(folder, **options):
    (text,) = parallel_texts(folder.name, folder.parent, folder, where="text")
    assert text.name == f"{folder.name}/own"
    return {one.language: one for one in measures(byte_tokenizer(), text, **options)}


def test_a_byte_is_a_token(folder):
    found = measured(folder)
    english, finnish = found["eng-Latn"], found["fin-Latn"]
    assert (english.segments, english.tokens, english.premium) == (2, 15, 1.0)
    assert (finnish.segments, finnish.tokens, finnish.premium) == (2, 19, 19 / 15), (
        "the second line is empty in English"
    )
    assert (english.words, english.fertility) == (5, (1 + 2 + 2 + 2 + 4) / 5), "punctuation is not a word"
    assert english.continued == 4 / 5
    assert english.tokens_per_character == 15 / 12, "of letters and marks that are not blanks"


def test_scripts_without_blanks_have_tokens_per_character_alone(folder):
    thai = measured(folder)["tha-Thai"]
    assert (thai.words, thai.fertility, thai.continued) == (None, None, None)
    assert thai.tokens_per_character == (9 + 22) / 10


def test_the_premium_is_relative_to_a_language_of_the_users(folder):
    assert measured(folder, reference="fin-Latn")["eng-Latn"].premium == 15 / 19
    with pytest.raises(ConfigError, match=r"own is not in deu-Latn, .* \(it is in eng-Latn, fin-Latn, tha-Thai\)"):
        measured(folder, reference="deu-Latn")


def test_files_that_are_not_aligned_are_refused(folder):
    (folder / "own.fi.txt").write_text("Olen.\n", encoding="utf-8")
    with pytest.raises(DataError, match="not aligned"):
        measured(folder)


def test_what_is_not_parallel_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"text: the test sets of panx are not parallel .*xnli.*xquad"):
        parallel_texts("panx", tmp_path, tmp_path, where="text")
    with pytest.raises(NotFound, match="text: no test set of xnli below"):
        parallel_texts("xnli", tmp_path, tmp_path, where="text")
    with pytest.raises(NotFound, match=r"text: no folder .*no-such.*; parallel tasks are .*xnli"):
        parallel_texts("no-such", tmp_path, tmp_path, where="text")
    (tmp_path / "mono").mkdir()
    (tmp_path / "mono" / "en.txt").write_text("A line\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="mono holds no text that is aligned"):
        parallel_texts("mono", tmp_path, tmp_path, where="text")


def test_a_paragraph_counts_once_however_many_questions_it_has(tmp_path):
    (tmp_path / "xquad").mkdir()
    for code, words in (("en", ("Home", "Who?", "When?")), ("de", ("Heim", "Wer?", "Wann?"))):
        asked = ",".join(
            f'{{"id": "{n}", "question": "{q}", "answers": [{{"text": "{words[0]}", "answer_start": 0}}]}}'
            for n, q in enumerate(words[1:])
        )
        text = f'{{"data": [{{"title": "t", "paragraphs": [{{"context": "{words[0]}", "qas": [{asked}]}}]}}]}}'
        (tmp_path / "xquad" / f"xquad.{code}.json").write_text(text, encoding="utf-8")
    (found,) = parallel_texts("xquad", tmp_path, tmp_path, where="text")
    german, english = measures(byte_tokenizer(), found)
    assert (english.language, english.segments, english.tokens) == ("eng-Latn", 3, 4 + 4 + 5)
    assert (german.segments, german.premium) == (3, 1.0)


def test_the_parallel_tasks():
    assert {"xnli", "xquad", "pawsx", "xcopa"} <= set(parallel_tasks())
    assert "panx" not in parallel_tasks()
