"""Scripts: which letters they are written in, and which of them have no blanks between words."""

import regex

from xstilts.languages import all_languages
from xstilts.languages.scripts import LETTERS, WITHOUT_BLANKS, letters_of, properties


def test_every_script_is_one_that_unicode_knows():
    scripts = {language.script for language in all_languages()} | set(LETTERS) | WITHOUT_BLANKS
    for script in scripts:
        regex.compile(f"[{properties([script])}]")


def test_letters_of_scripts_that_unicode_divides():
    assert letters_of("Latn") == ("Latn",)
    japanese = regex.compile(f"[{properties(['Jpan'])}]+")
    assert japanese.fullmatch("漢字かなカナ")
    assert not japanese.fullmatch("한")


def test_texts_without_blanks_are_of_these_scripts():
    letters = regex.compile(f"[{properties(sorted(WITHOUT_BLANKS))}]")
    assert all(letters.match(one) for one in "漢かカทខລမ")
    assert not any(letters.match(one) for one in "a한яأहა")
