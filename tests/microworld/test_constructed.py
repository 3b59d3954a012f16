"""The constructed languages: one lexicon, one syntax and the same scenes in all of them; morphology alone differs."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from random import Random

import pytest

from xstilts import languages
from xstilts.data import made
from xstilts.microworld import files, glosses, grammar, interlinear, text
from xstilts.microworld.meaning import Person, Thing, Word, clause
from xstilts.microworld.sections import PATTERNS, SECTIONS
from xstilts.microworld.speaker import speaker
from xstilts.microworld.templates import Token
from xstilts.tasks import constructed_pos

ISOLATING, AGGLUTINATIVE, FUSIONAL, ROOTS = "qis-Latn", "qag-Latn", "qfu-Latn", "qro-Latn"
BOUND = (AGGLUTINATIVE, FUSIONAL, ROOTS)
MARKS = {"zov", "kef", "luj", "vud", "rif", "bup", "goz", "tib"}
VOWELS = re.compile("[aeiou]")


@functools.cache
def meanings() -> list[text.Meaning]:
    random = Random(11)
    return [text.sentence(random) for _ in range(500)]


@functools.cache
def words(language: str) -> list[list[str]]:
    """The words of each meaning without punctuation, in small letters."""
    said = [speaker(language).say(meaning) for meaning in meanings()]
    return [[word.casefold() for word, tag in zip(one.words, one.tags, strict=True) if tag != "PUNCT"] for one in said]


def forms(language: str, sections: tuple[str, ...] = (*SECTIONS, *PATTERNS)) -> set[str]:
    """Every word that a language's file can say, in small letters."""
    entries = grammar.load(language).entries
    parts = (part for name in sections for entry in entries[name].values() for one in entry.parts() for part in one)
    return {part.text.casefold() for part in parts if isinstance(part, Token) and part.tag != "PUNCT"}


def test_there_is_one_of_each_type_and_none_is_spoken_unasked() -> None:
    types = {name: languages.get(name).morphology for name in grammar.constructed()}
    expected = {ISOLATING: "isolating", AGGLUTINATIVE: "agglutinative", FUSIONAL: "fusional", ROOTS: "introflexive"}
    assert types == expected
    assert {languages.get(name).word_order for name in types} == {"SVO"}
    assert not set(types) & set(grammar.known())


def test_a_language_says_nothing_but_how_words_inflect() -> None:
    folder = Path(grammar.__file__).parent / files.CONSTRUCTED
    shared = files.contents(folder / "shared.yaml")
    inflection = {"nouns", "verbs", "adjectives", "numerals"}
    for language in grammar.constructed():
        own = files.contents(folder / f"{language}.yaml")
        for section in (*SECTIONS, *PATTERNS):
            changed = {name for name, entry in own[section].items() if entry != shared[section][name]}
            assert all(name.endswith(glosses.MARK) for name in changed), (language, section)
        assert {*own["paradigms"]} - {*shared["paradigms"]} == inflection
        assert {key for key in own if own[key] != shared.get(key)} <= {"language", "sounds", "paradigms", "words"}


def test_the_isolating_language_has_the_affixes_of_the_agglutinative_one_as_words() -> None:
    for isolated, bound in zip(words(ISOLATING), words(AGGLUTINATIVE), strict=True):
        joined: list[str] = []
        for word in isolated:
            if word in MARKS:
                joined[-1] += word
            else:
                joined.append(word)
        assert joined == bound


def test_languages_that_bind_have_the_same_number_of_words_and_the_same_consonants_in_them() -> None:
    tags = [[speaker(name).say(meaning).tags for meaning in meanings()] for name in BOUND]
    entities = [[speaker(name).say(meaning).entities for meaning in meanings()] for name in BOUND]
    assert tags[0] == tags[1] == tags[2]
    assert entities[0] == entities[1] == entities[2]
    for sentences in zip(*map(words, BOUND), strict=True):
        for of_word in zip(*sentences, strict=True):
            roots = {VOWELS.sub("", word)[: 3 if len(of_word[2]) == 5 else None] for word in of_word}
            assert len(roots) == 1, of_word


def test_what_differs_in_one_differs_in_all() -> None:
    said = {name: [speaker(name).say(meaning).text for meaning in meanings()] for name in grammar.constructed()}
    first = said[ISOLATING]
    for texts in said.values():
        assert len(set(texts)) == len(set(first)) == len(set(zip(texts, first, strict=True)))


def test_no_form_means_two_things() -> None:
    for language in grammar.constructed():
        known = glosses.glossary(language)
        assert len(set(known.values())) == len(known)
        assert forms(language) <= set(known)


def test_no_word_is_one_of_another_language() -> None:
    others: set[str] = set()
    for language in grammar.known():
        others |= forms(language)
    for language in grammar.constructed():
        assert not forms(language) & others, language


@pytest.mark.parametrize(
    ("language", "pieces", "meaning"),
    [
        (ISOLATING, "ditop bup goz tib", "buy PASS NEG PST"),
        (AGGLUTINATIVE, "ditop-bup-goz-tib", "buy-PASS-NEG-PST"),
        (FUSIONAL, "ditop-ok", "buy-PASS.NEG.PST"),
        (ROOTS, "ditup", r"buy\PASS.NEG.PST"),
    ],
)
def test_every_piece_has_its_meaning(language: str, pieces: str, meaning: str) -> None:
    roles = {"agent": Person("anna"), "verb": Word("verbs", "buy"), "object": Thing("dog")}
    sentence = speaker(language).say(clause("event", roles, ("neg", "passive")))
    words = glosses.glossed(language, sentence)[1 : 5 if language == ISOLATING else 2]
    assert " ".join(word.pieces for word in words) == pieces
    assert " ".join(word.meaning for word in words) == meaning
    first, second = glosses.interlinear(language, sentence)
    assert len(first.split()) == len(second.split()) == len(glosses.glossed(language, sentence))


def test_the_page_shows_what_the_files_say() -> None:
    written = (Path(__file__).parents[2] / "docs" / "constructed-languages.md").read_text(encoding="utf-8")
    assert written.endswith(f"{interlinear.page()}\n"), "python tools/constructed_sheets.py writes it anew"


def test_the_text_of_all_tells_the_same_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "TEXT_LINES", 30)
    folder = made.text_folder(tmp_path, aligned=False, constructed=True)
    files_by_code = {file.stem: file.read_text(encoding="utf-8").splitlines() for file in folder.iterdir()}
    assert set(files_by_code) == {name[:3] for name in grammar.constructed()}
    first = [line.count(".") + line.count("?") for line in files_by_code["qis"]]
    for lines in files_by_code.values():
        assert [line.count(".") + line.count("?") for line in lines] == first
    assert not folder.name.startswith("text")
    isolated, bound = (files_by_code[code][0].split() for code in ("qis", "qag"))
    assert len(isolated) > len(bound)


def test_test_rows_are_of_the_same_scenes() -> None:
    rows = {name: constructed_pos.TASK.made.rows("test", name) for name in grammar.constructed()}  # type: ignore[union-attr]
    found = {name: [(row.example_id, row.cluster_id) for row in some] for name, some in rows.items()}
    assert len(set(map(tuple, found.values()))) == 1
    assert found[ISOLATING][0] == ("constructed:0", "constructed:0")
    assert constructed_pos.TASK.languages == ("eng-Latn", *grammar.constructed())
    assert set(constructed_pos.TASK.made.splits["train"]) == {"eng-Latn"}  # type: ignore[union-attr]
