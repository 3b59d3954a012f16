"""What a phrase is by itself: its words, with what its place asks for."""

from __future__ import annotations

import pytest

from xstilts.microworld.grammar import load
from xstilts.microworld.meaning import City, Filler, Thing
from xstilts.microworld.phrases import Phrases


@pytest.mark.parametrize(
    ("filler", "features", "words"),
    [
        (Thing("apple", 1, True), (), ["the", "apple"]),
        (Thing("cup", 3, False, "big", "red"), (), ["three", "big", "red", "cups"]),
        (City("lima"), ("to",), ["to", "Lima"]),
    ],
)
def test_a_phrase_by_itself(filler: Filler, features: tuple[str, ...], words: list[str]) -> None:
    english = load("eng-Latn")
    phrases = Phrases(english)
    spoken = phrases.fill(filler, english.features.none, phrases.pairs(features), 2, "place")
    assert [word.token.text for word in spoken] == words
    assert {(word.clause, word.role) for word in spoken} == {(2, "place")}


def test_others_agree_with_number_and_definiteness() -> None:
    english = load("eng-Latn")
    names = english.features.values
    exposed = Phrases(english).exposed(Thing("cup", 3, False)).items()
    assert {names["pl"], names["indef"]} <= set(exposed)
    assert names["def"] not in exposed
