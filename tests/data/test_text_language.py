"""Texts under a language's name that are not in its script, swapped columns, and UTF-8 read as Latin-1."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.data.text_language import ROMANISED, doubts
from xstilts.errors import DataError
from xstilts.reading.examples import Bitext, Classified, Example, Question, Tagged

FILE = Path("nli/test-xx.tsv")
BURMESE = "သူသည် စာအုပ်ကို ဖတ်နေသည်"
TEXTS = {
    "mya-Mymr": BURMESE,
    "tha-Thai": "เด็กหญิงคนนั้นกำลังอ่านหนังสือ",
    "zho-Hani": "她正在圖書館裡讀一本關於河流的书，很长很长。",
    "jpn-Jpan": "彼女はカフェで本を読んでいます。",
    "kor-Kore": "그녀는 도서관에서 책을 읽고 있다",
    "rus-Cyrl": "Она читает книгу в библиотеке",
    "ara-Arab": "هي تقرأ كتابا في المكتبة",
    "amh-Ethi": "እሷ በቤተ መጻሕፍት ውስጥ መጽሐፍ ታነባለች",
    "deu-Latn": "Sie liest ein Buch in der Bücherei",
    "vie-Latn": "Cô ấy đang đọc sách ở thư viện",
    "xyz-Zzzz": "Nobody knows how this one is written",
}
ENGLISH = "She reads a long book in the library"


def pairs(first: str, second: str, count: int = 10) -> list[Example]:
    return [Classified(example_id=str(row), cluster_id="", first=first, second=second) for row in range(count)]


@pytest.mark.parametrize("language", TEXTS)
def test_nothing_is_said_of_a_text_in_its_own_script(language: str) -> None:
    text = TEXTS[language]
    assert doubts(pairs(text, f"{text} 12 (NATO) ☺"), language, file=FILE) == []


@pytest.mark.parametrize("language", sorted(set(TEXTS) - {"deu-Latn", "vie-Latn", "xyz-Zzzz"}))
def test_a_file_without_a_letter_of_its_script_is_refused(language: str) -> None:
    with pytest.raises(DataError) as caught:
        doubts(pairs(ENGLISH, "The library has a book"), language, file=FILE)
    message = str(caught.value)
    assert message.startswith(f"{FILE}: none of ")
    assert language in message
    assert ENGLISH in message
    assert f"{language.partition('-')[0]}-Latn" in message


@pytest.mark.parametrize("language", sorted(ROMANISED))
def test_languages_that_are_published_in_latin_letters_may_be(language: str) -> None:
    assert doubts(pairs("jah þata waurd", "sa agnim juhoti"), language, file=FILE) == []
    with pytest.raises(DataError, match="is of the script of"):
        doubts(pairs(TEXTS["rus-Cyrl"], TEXTS["rus-Cyrl"]), language, file=FILE)


def test_russian_under_a_latin_name_is_refused_too() -> None:
    with pytest.raises(DataError, match=r"none of .* of the script of deu-Latn"):
        doubts(pairs(TEXTS["rus-Cyrl"], TEXTS["rus-Cyrl"]), "deu-Latn", file=FILE)


def test_a_few_rows_of_the_language_do_not_hide_the_others() -> None:
    rows = [*pairs(ENGLISH, "The library has a book", 95), *pairs(BURMESE, BURMESE, 5)]
    (first, second) = doubts(rows, "mya-Mymr", file=FILE)
    assert first.startswith("test-xx.tsv: only ")
    assert "the field first are of the script of mya-Mymr" in first
    assert ENGLISH in first
    assert "the field second" in second


def test_one_column_in_another_language_is_named() -> None:
    (said,) = doubts(pairs(BURMESE, ENGLISH), "mya-Mymr", file=FILE)
    assert "only 0% of the letters in the field second are of the script of mya-Mymr" in said


def test_swapped_halves_of_a_translation_are_named() -> None:
    def bitext(source: str, target: str) -> list[Example]:
        return [Bitext(example_id=str(row), cluster_id="", source=source, target=target) for row in range(8)]

    assert doubts(bitext(TEXTS["tha-Thai"], ENGLISH), "tha-Thai", file=FILE) == []
    rows = [*bitext(ENGLISH, TEXTS["tha-Thai"]), *bitext(TEXTS["tha-Thai"], ENGLISH)[:1]]
    assert doubts(rows, "tha-Thai", file=FILE) == [
        "test-xx.tsv: source and target look swapped: neither is in the script of its language"
    ]


@pytest.mark.parametrize("language", ["deu-Latn", "vie-Latn"])
@pytest.mark.parametrize("misread", ["latin-1", "cp1252"])
def test_utf8_read_as_latin_1_is_named(language: str, misread: str) -> None:
    garbled = TEXTS[language].encode().decode(misread, "replace")
    (said,) = doubts(pairs(garbled, garbled), language, file=FILE)
    assert "20 texts look like UTF-8 that was read as Latin-1" in said
    assert TEXTS[language] in said or "�" in garbled


def test_utf8_read_as_latin_1_in_another_script_is_an_error_that_says_so() -> None:
    garbled = TEXTS["rus-Cyrl"].encode().decode("latin-1")
    with pytest.raises(DataError, match=r"UTF-8 that was read as Latin-1 and written again: .*Она читает"):
        doubts(pairs(garbled, garbled), "rus-Cyrl", file=FILE)


def test_marks_that_only_look_alike_are_no_mojibake() -> None:
    rows = pairs("«DÉJÀ VU» — la pièce À PARIS", "L'ÉTÉ à la plage : 20 €", 50)
    assert doubts([*rows, *pairs("«DÉ»", "«DÉ»", 1)], "fra-Latn", file=FILE) == []


def test_a_text_with_hardly_a_letter_says_nothing() -> None:
    rows = [Tagged(example_id="0", cluster_id="", tokens=("12", "%", "NATO"), tags=("NUM", "SYM", "PROPN"))]
    assert doubts(rows, "mya-Mymr", file=FILE) == []


def test_gold_and_ids_do_not_count() -> None:
    question = Question(example_id="english-id-of-a-question", cluster_id="", question=BURMESE, context=BURMESE)
    assert doubts([question] * 5, "mya-Mymr", file=FILE) == []


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.sampled_from(sorted(TEXTS)))
def test_any_text_gets_notes_or_one_error(texts: list[str], language: str) -> None:
    rows = [Classified(example_id="", cluster_id="", first=text) for text in texts]
    with contextlib.suppress(DataError):
        assert all(said.startswith("test-xx.tsv: ") for said in doubts(rows, language, file=FILE))
