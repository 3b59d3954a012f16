"""The world's tables fit together."""

from __future__ import annotations

from itertools import chain
from random import Random

from xstilts.microworld import scenes, sections, sheets, world
from xstilts.microworld.meaning import ASKED, KINDS, Clause, Text, Thing, Word


def test_no_two_things_have_one_name() -> None:
    """Meanings are plain tuples: a person and a city of one name would be the same."""
    names = [*world.PEOPLE, *world.CITIES, *world.PLACES, *world.PROFESSIONS, *world.ORGANISATIONS]
    assert len(set(names)) == len(names)
    for section in (world.NOUNS, sections.VERBS, world.PREDICATES, world.SIZES + world.COLOURS + world.MATERIALS):
        assert len(set(section)) == len(section)


def test_tables_name_what_there_is() -> None:
    assert set(chain.from_iterable(world.MADE_OF.values())) <= set(world.THINGS)
    assert set(world.MADE_OF) == set(world.MATERIALS)
    assert set(world.COLOURS_OF) | set(world.SIZES_OF) <= set(world.NOUNS)
    assert set(chain.from_iterable(world.COLOURS_OF.values())) <= set(world.COLOURS)
    assert set(chain.from_iterable(world.SIZES_OF.values())) <= set(world.SIZES)
    assert set(world.GROUNDS) <= set(world.THINGS)
    assert set(world.LOCATED) & set(world.GROUNDS) == set()
    assert set(world.CONTAINERS) <= set(world.GROUNDS)
    assert set(world.CONVERSE_VERB) <= set(world.VERBS["give"])
    assert set(world.CONVERSE_VERB.values()) == set(world.VERBS["receive"])
    assert {"m", "f"} == set(world.PEOPLE.values())


def test_causes_and_effects_are_one_to_one_and_others_plausible_are_no_twins() -> None:
    assert len(set(world.CAUSES.values())) == len(world.CAUSES)
    assert not set(world.CAUSES) & set(world.CAUSES.values())
    for cause, effects in world.ALSO_PLAUSIBLE.items():
        assert cause in world.CAUSES
        assert set(effects) <= set(world.CAUSES.values()) - {world.CAUSES[cause]}
        assert len(set(effects)) == len(effects)
        assert len(effects) < len(world.CAUSES) / 2, "enough wrong alternatives are left"


def test_every_kind_of_clause_is_drawn_with_roles_of_its_own() -> None:
    random = Random(1)
    drawn = [scenes.any_clause(random) for _ in range(3000)]
    assert {one.kind for one in drawn} == (set(KINDS) - {"receive"}) | set(world.PREDICATES)
    for one in (*drawn, *(scenes.transfer(random, "receive") for _ in range(100))):
        roles = [role for role, _ in one.roles]
        assert set(roles) <= set(KINDS.get(one.kind, ("agent",)))
        assert one.marks == ()
        others = [one.role(role) for role in ("recipient", "source") if one.role(role)]
        assert one.role("agent") not in others


def test_things_are_as_things_can_be() -> None:
    random = Random(2)
    for _ in range(3000):
        thing = scenes.thing(random, world.NOUNS, adjectives=0.9)
        assert 1 <= thing.number <= 9
        assert not thing.size or thing.size in world.SIZES_OF.get(thing.noun, world.SIZES)
        assert not thing.colour or thing.colour in world.COLOURS_OF.get(thing.noun, world.COLOURS)
        assert not thing.material or thing.noun in world.MADE_OF[thing.material]


def test_verbs_take_what_they_can() -> None:
    random = Random(3)
    for _ in range(3000):
        one = scenes.event(random)
        verb, thing = one.role("verb"), one.role("object")
        assert isinstance(verb, Word)
        assert isinstance(thing, Thing)
        assert thing.noun in scenes.objects(verb)
        assert thing.noun not in world.KINDS_OF


def test_a_sample_sheet_holds_every_kind_and_variant_once() -> None:
    found = sheets.sample(400, seed=3)
    assert len(found) == 400
    assert found == sheets.sample(400, seed=3) != sheets.sample(400, seed=4)
    plain = [one for one in found if isinstance(one, Clause)]
    questions = {(one.kind, mark) for one in plain for mark in one.marks if mark not in ("neg", "passive")}
    assert questions == {(kind, question) for kind in KINDS for question in ("polar", *ASKED[kind])}
    assert {one.kind for one in plain} >= set(world.PREDICATES)
    assert {one.form for one in found if isinstance(one, Text)} == {
        "and",
        "first_then",
        "before_that",
        "after_that",
        "now",
    }
    assert len(sheets.sample(5)) == 5
