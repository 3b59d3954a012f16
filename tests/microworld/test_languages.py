"""Every language file, held to the same contract: it says everything, says it differently, and spans are exact."""

from __future__ import annotations

import itertools

import pytest

from xstilts.microworld import grammar, sheets, world
from xstilts.microworld.meaning import (
    ASKED,
    KINDS,
    PASSIVE,
    City,
    Clause,
    Filler,
    Organisation,
    Person,
    Place,
    Profession,
    Text,
    Thing,
    Word,
    clause,
)
from xstilts.microworld.sentence import Sentence
from xstilts.microworld.speaker import Speaker, speaker

LANGUAGES = (*grammar.known(), "qis-Latn", "qro-Latn")
"""Of the constructed languages those that are least alike: test_constructed.py holds the others to them."""
ROLES: dict[str, Filler] = {
    "agent": Person("anna"),
    "recipient": Person("ivan"),
    "source": Person("ivan"),
    "object": Thing("cup", 3, False, "big", "red"),
    "place": Place("market"),
    "day": Word("days", "monday"),
    "time": Word("times", "morning"),
    "relation": Word("relations", "under"),
    "ground": Thing("table", 1, True),
    "profession": Profession("teacher", False),
    "organisation": Organisation("bank", "cairo"),
}


def statement(kind: str) -> Clause:
    """A full clause of a kind."""
    roles = {role: ROLES[role] for role in KINDS[kind] if role != "verb"}
    if kind == "lives":
        roles["place"] = City("lima")
    if "verb" in KINDS[kind]:
        roles["verb"] = Word("verbs", world.VERBS[kind][0])
    return clause(kind, roles)


def said(speaks: Speaker, meaning: Clause | Text) -> Sentence:
    """The sentence, checked: its words and spaces are all there is of it."""
    sentence = speaks.say(meaning)
    assert sentence.text == sentence.text.strip()
    assert "  " not in sentence.text
    assert len(sentence.words) == len(sentence.tags) == len(sentence.entities)
    assert all(word and word in sentence.text for word in sentence.words)
    assert "".join(sentence.words) == sentence.text.replace(" ", "")
    assert not set(sentence.text) & set("{}[]|+"), sentence.text
    return sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_in_every_variant_is_said_and_differs(language: str) -> None:
    speaks = speaker(language)
    for kind in KINDS:
        texts = {}
        for marks in sheets.variants(kind):
            texts[said(speaks, sheets.put(statement(kind), marks)).text] = marks
        plain = statement(kind)
        told = [(), ("neg",), *([("passive",), ("neg", "passive")] if kind in PASSIVE else [])]
        spoken = {marks: said(speaks, plain.mark(*marks)).text for marks in told}
        assert len(set(spoken.values())) == len(told), spoken
        asked = {question: said(speaks, sheets.ask(plain, question)).text for question in ("polar", *ASKED[kind])}
        assert len(set(asked.values())) == len(asked), asked
        assert not set(asked.values()) & set(spoken.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_stand_where_their_spans_say(language: str) -> None:
    speaks = speaker(language)
    for kind in KINDS:
        plain = statement(kind)
        sentence = said(speaks, plain)
        for role, filler in plain.roles:
            if role in ("verb", "relation", "ground"):
                continue
            assert (0, role) in sentence.spans, (kind, role, sentence.text)
            start, end = sentence.spans[0, role]
            assert sentence.text[start:end].strip() == sentence.text[start:end] != ""
            del filler


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_lexicon_is_said_and_no_two_alike(language: str) -> None:
    speaks = speaker(language)
    for kind, verbs in world.VERBS.items():
        texts = [said(speaks, statement(kind).replace(verb=Word("verbs", verb))).text for verb in verbs]
        assert len(set(texts)) == len(texts), texts
    things = [
        *(Thing(noun, number, True) for noun, number in itertools.product(world.NOUNS, world.NUMBERS)),
        *(Thing("cup", number, True, size, colour, material)
          for number in (1, 2, 5)
          for size in ("", *world.SIZES)
          for colour in ("", *world.COLOURS)
          for material in ("", *world.MATERIALS)),
    ]  # fmt: skip
    things = list(dict.fromkeys(things))  # a language without articles says definite and indefinite alike
    for kind, marks in (("event", ()), ("event", ("neg",)), ("event", ("passive",)), ("have", ())):
        texts = [said(speaks, statement(kind).replace(object=thing).mark(*marks)).text for thing in things]
        alike = {text for text in texts if texts.count(text) > 1}
        assert not alike, (kind, marks, sorted(alike)[:5])
    for noun, relation in itertools.product(world.GROUNDS, world.RELATIONS):
        located = statement("located").replace(ground=Thing(noun, 1, True), relation=Word("relations", relation))
        said(speaks, located)
        said(speaks, located.mark("neg"))
    for name in world.PEOPLE:
        for kind, role in (("give", "agent"), ("give", "recipient"), ("receive", "source"), ("is", "agent")):
            for marks in ((), ("neg",), ("passive",)) if kind == "give" else ((), ("neg",)):
                said(speaks, statement(kind).replace(**{role: Person(name)}).mark(*marks))
    for city in world.CITIES:
        for kind in ("event", "go", "lives"):
            assert "B-LOC" in said(speaks, statement(kind).replace(place=City(city))).entities
        for organisation in world.ORGANISATIONS:
            entities = said(speaks, statement("works").replace(organisation=Organisation(organisation, city))).entities
            assert "B-ORG" in entities
            assert "B-LOC" not in entities


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_predicates_and_texts(language: str) -> None:
    speaks = speaker(language)
    for section, role, names in (("days", "day", world.DAYS), ("times", "time", world.TIMES)):
        texts = [said(speaks, statement("event").replace(**{role: Word(section, name)})).text for name in names]
        assert len(set(texts)) == len(names)
    for kind in ("event", "go"):
        texts = [said(speaks, statement(kind).replace(place=Place(name))).text for name in world.PLACES]
        assert len(set(texts)) == len(world.PLACES)
    for person in (Person("anna"), Person("ivan")):
        texts = [said(speaks, clause(name, {"agent": person})).text for name in world.PREDICATES]
        assert len(set(texts)) == len(world.PREDICATES)
    for name in world.PROFESSIONS:
        for definite in (True, False):
            said(speaks, statement("event").replace(agent=Profession(name, definite)))
    first, second = statement("event"), statement("go").replace(agent=Person("mei"))
    texts = [
        said(speaks, Text(form, (first, second))).text for form in ("and", "first_then", "before_that", "after_that")
    ]
    assert len(set(texts)) == len(texts)
    assert said(speaks, Text("now", (statement("have"),))).text != said(speaks, statement("have")).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_sheet_is_said_whole(language: str) -> None:
    pairs = list(sheets.rows(language, 300, seed=3))
    assert len({other.text for _, other in pairs}) >= 0.97 * len({english.text for english, _ in pairs})
