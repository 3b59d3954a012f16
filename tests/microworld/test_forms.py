"""The forms of a word: paradigms, tables, forms named one by one."""

from __future__ import annotations

import pytest

from xstilts.microworld.forms import Paradigms
from xstilts.microworld.sounds import Sounds

PATTERNS = {
    "nouns": {"sg": "{word}", "pl": "{word}s"},
    "es": {"like": "nouns", "pl": "{word}es"},
    "two_stems": {"sg": "{word}", "sg gen": "{weak|word}n", "pl": "{plural}"},
    "ring": {"like": "round"},
    "round": {"like": "ring"},
    "self": {"like": "self"},
    "lost": {"like": "nowhere"},
}
TABLES = {"verbs": ("base", "past", "participle"), "strong": ("sg", "pl")}
PARADIGMS = Paradigms(PATTERNS, TABLES, Sounds(vowels="aeiou"))


def test_a_paradigm_of_the_sections_name_is_taken() -> None:
    assert PARADIGMS.forms("nouns", "dog") == {"sg": "dog", "pl": "dogs"}
    assert PARADIGMS.forms("nouns", {"word": "dog"}) == {"sg": "dog", "pl": "dogs"}


def test_without_a_paradigm_a_word_is_its_only_form() -> None:
    assert PARADIGMS.forms("sizes", "big") == {"": "big"}


def test_like_names_another_paradigm_and_paradigms_inherit() -> None:
    assert PARADIGMS.forms("nouns", {"word": "box", "like": "es"}) == {"sg": "box", "pl": "boxes"}


def test_stems_fill_patterns_and_the_first_that_there_is_counts() -> None:
    weak = {"word": "takki", "weak": "taki", "plural": "takit", "like": "two_stems"}
    assert PARADIGMS.forms("nouns", weak)["sg gen"] == "takin"
    plain = {"word": "talo", "plural": "talot", "like": "two_stems"}
    assert PARADIGMS.forms("nouns", plain) == {"sg": "talo", "sg gen": "talon", "pl": "talot"}


def test_forms_named_one_by_one_replace_those_of_the_paradigm() -> None:
    assert PARADIGMS.forms("nouns", {"word": "knife", "forms": {"pl": "knives"}}) == {"sg": "knife", "pl": "knives"}


def test_a_form_replaces_the_one_of_the_same_features_in_whatever_order() -> None:
    found = PARADIGMS.forms("nouns", {"word": "a", "plural": "as", "like": "two_stems", "forms": {"gen sg": "ae"}})
    assert found == {"sg": "a", "gen sg": "ae", "pl": "as"}


def test_a_row_is_all_there_is_unless_a_paradigm_is_named() -> None:
    assert PARADIGMS.forms("verbs", {"forms": "go, went, gone"}) == {"base": "go", "past": "went", "participle": "gone"}
    assert PARADIGMS.forms("verbs", {"forms": "go, - | gone"}) == {"base": "go", "participle": "gone"}
    assert PARADIGMS.forms("verbs", {"word": "can", "forms": "can, could, -"}) == {"base": "can", "past": "could"}


def test_a_row_with_like_leaves_the_rest_to_the_paradigm() -> None:
    paradigms = Paradigms({"verbs": {"base": "{word}", "past": "{word}ed", "ing": "{word}ing"}}, TABLES, Sounds())
    found = paradigms.forms("verbs", {"word": "go", "like": "verbs", "forms": "-, went, gone"})
    assert found == {"base": "go", "past": "went", "ing": "going", "participle": "gone"}


def test_a_row_may_follow_the_table_of_its_paradigm() -> None:
    strong = Paradigms({"strong": {}}, TABLES, Sounds())
    assert strong.forms("verbs", {"like": "strong", "forms": "a, b"}) == {"sg": "a", "pl": "b"}


def test_sounds_join_every_form() -> None:
    paradigms = Paradigms({"nouns": {"sg": "{word}", "pl": "{word}+(e)s"}}, {}, Sounds(vowels="aeiou"))
    assert paradigms.forms("nouns", "box")["pl"] == "boxes"
    assert paradigms.forms("nouns", "sofa")["pl"] == "sofas"
    assert paradigms.forms("nouns", {"word": "x", "forms": {"pl": "ox+(e)n"}})["pl"] == "oxen"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"word": "x", "like": "noun"}, "unknown paradigm 'noun'; known: nouns, es"),
        ({"weak": "x"}, "'{word}' needs 'word', which the entry does not give"),
        ({"word": "x", "like": "two_stems"}, "needs 'plural', which the entry does not give"),
        ({"word": "x", "like": "self"}, "paradigm 'self' is like 'self', which is not another paradigm"),
        ({"word": "x", "like": "lost"}, "paradigm 'lost' is like 'nowhere', which is not another paradigm"),
        ({"word": "x", "like": "ring"}, "paradigm 'round' is like 'ring', which in turn depends on 'round'"),
        ({"forms": "a, b"}, "a row of forms, but no table for 'nouns'; known: verbs, strong"),
        ({"like": "strong", "forms": "a, b, c"}, r"3 forms where the table 'strong' has 2 \(sg, pl\)"),
    ],
)
def test_mistakes_are_named(entry: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Paradigms({**PATTERNS, "strong": {}}, TABLES, Sounds()).forms("nouns", entry)


def test_other_vowels_are_woven_between_the_consonants_of_a_stem() -> None:
    sounds = Sounds(vowels="aeiou")
    woven = {"nouns": {"sg": "{word:1a2o3}", "pl": "{word:1u2i3}+at", "": "{weak|word:3e1}"}}
    found = Paradigms(woven, {}, sounds).forms("nouns", "Katim")
    assert found == {"sg": "Katom", "pl": "Kutimat", "": "meK"}
    with pytest.raises(ValueError, match=r"takes more consonants than 'kati' has \(2\)"):
        Paradigms(woven, {}, sounds).forms("nouns", "kati")
    with pytest.raises(ValueError, match="takes consonants, but no vowels are named"):
        Paradigms(woven, {}, Sounds()).forms("nouns", "katim")
    with pytest.raises(ValueError, match="needs 'weak', which the entry does not give"):
        Paradigms({"nouns": {"": "{weak:1a2}"}}, {}, sounds).forms("nouns", "katim")


def test_pieces_are_forms_with_their_seams() -> None:
    paradigms = Paradigms({"nouns": {"pl": "{word}+(y)lar"}}, {}, Sounds(vowels="aeiou"))
    assert paradigms.pieces("nouns", "kapi") == {"pl": "kapi+(y)lar"}
