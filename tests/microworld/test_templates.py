"""Patterns taken apart: words with tags, slots with features, groups, glue."""

from __future__ import annotations

import pytest

from xstilts.microworld.templates import Features, Group, Slot, Token, parse, slots

FEATURES = Features({"number": ["sg", "pl"], "gender": ["m", "f"]})
PL, F = (0, 2), (1, 2)


def test_words_carry_their_tag_or_the_sections() -> None:
    assert parse("the/DET dog", "NOUN", FEATURES) == (Token("the", "DET"), Token("dog", "NOUN"))
    assert parse("and/or/CCONJ", "", FEATURES) == (Token("and/or", "CCONJ"),)


def test_spaces_are_free() -> None:
    assert parse("  the/DET   {noun}\n", "", FEATURES) == parse("the/DET {noun}", "", FEATURES)
    assert parse("", "NOUN", FEATURES) == ()


def test_slots_ask_for_features_and_copy_them() -> None:
    (slot,) = parse("{verb pl agent:number f object:gender}", "", FEATURES)
    assert slot == Slot("verb", (PL, F), (("agent", 0), ("object", 1)))


def test_groups_nest() -> None:
    (group,) = parse("[{day} ,/PUNCT [and/CCONJ {time}]]", "", FEATURES)
    assert group == Group((Slot("day"), Token(",", "PUNCT"), Group((Token("and", "CCONJ"), Slot("time")))))
    assert list(slots((group,))) == ["day", "time"]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("l'/DET+", Token("l'", "DET", glue=2)),
        ("l'+/DET", Token("l'", "DET", glue=2)),
        ("+ta/PART", Token("ta", "PART", glue=1)),
        ("+t/PART+", Token("t", "PART", glue=3)),
        ("+t+/PART", Token("t", "PART", glue=3)),
        ("+/SYM", Token("+", "SYM")),
    ],
)
def test_a_plus_says_where_no_space_stands(text: str, token: Token) -> None:
    assert parse(text, "", FEATURES) == (token,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{day}", r"'\[' without '\]' in"),
        ("{day}]", r"'\]' without '\['"),
        ("{day", "a single '{'"),
        ("day/X}", "a single '}'"),
        ("the/DTE {noun}", "unknown tag 'DTE' for 'the' .*; known tags: ADJ, ADP"),
        ("the {noun}", "no tag for 'the'"),
        ("the/ {noun}", "no tag for 'the'"),
        ("{noun plural}", "unknown feature 'plural'; known: sg, pl, m, f"),
        ("{noun agent:case}", "unknown kind of feature 'case'; known: number, gender"),
        ("{}", "a slot without a name"),
        ("{ } x/X", "a slot without a name"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text, "", FEATURES)


def test_a_feature_stands_only_once() -> None:
    with pytest.raises(ValueError, match=r"feature 'm' is named twice .*'person'"):
        Features({"gender": ["m", "f"], "person": ["m"]})
    assert FEATURES.none == (0, 0)
    assert FEATURES.read("f pl") == (F, PL)
