"""What follows from what was told: cases by hand, and what holds of every clause."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.microworld import scenes
from xstilts.microworld.meaning import ROLES, City, Clause, Organisation, Person, Place, Profession, Thing, Word, clause
from xstilts.microworld.truth import CONTRADICTION, ENTAILMENT, LABELS, NEUTRAL, claim, converse, judge

ANNA, IVAN, MEI = Person("anna"), Person("ivan"), Person("mei")
MONDAY, TUESDAY = Word("days", "monday"), Word("days", "tuesday")


def bought(thing: Thing, agent: Person = ANNA, verb: str = "buy", **extra) -> Clause:
    return clause("event", {"agent": agent, "verb": Word("verbs", verb), "object": thing, **extra})


def gave(thing: Thing, agent: Person = ANNA, recipient: Person = IVAN, verb: str = "give", **extra) -> Clause:
    roles = {"agent": agent, "verb": Word("verbs", verb), "object": thing, "recipient": recipient, **extra}
    return clause("give", roles)


def received(thing: Thing, agent: Person = IVAN, source: Person = ANNA, verb: str = "receive", **extra) -> Clause:
    roles = {"agent": agent, "verb": Word("verbs", verb), "object": thing, "source": source, **extra}
    return clause("receive", roles)


def located(thing: Thing, relation: str = "on", ground: str = "table") -> Clause:
    return clause(
        "located", {"object": thing, "relation": Word("relations", relation), "ground": Thing(ground, 1, True)}
    )


def neg(one: Clause) -> Clause:
    return one.mark("neg")


CUP, CUPS, RED_CUP = Thing("cup"), Thing("cup", 3), Thing("cup", 1, False, "", "red")
DOG, ANIMAL, DOGS = Thing("dog"), Thing("animal"), Thing("dog", 2)
LIVES = clause("lives", {"agent": ANNA, "place": City("lima")})
IS = clause("is", {"agent": ANNA, "profession": Profession("cook", False)})
WORKS = clause("works", {"agent": ANNA, "organisation": Organisation("bank", "cairo")})

CASES = [
    (bought(CUP), bought(CUP), ENTAILMENT),
    (bought(CUP), bought(Thing("cup", 1, True)), ENTAILMENT),
    (bought(CUP, day=MONDAY), bought(CUP), ENTAILMENT),
    (bought(RED_CUP), bought(CUP), ENTAILMENT),
    (bought(DOG), bought(ANIMAL), ENTAILMENT),
    (bought(CUP), bought(RED_CUP), NEUTRAL),
    (bought(CUP), bought(CUP, day=MONDAY), NEUTRAL),
    (bought(ANIMAL), bought(DOG), NEUTRAL),
    (bought(CUP), bought(CUP, agent=IVAN), NEUTRAL),
    (bought(CUP), bought(CUP, verb="sell"), NEUTRAL),
    (bought(CUP), bought(Thing("plate")), NEUTRAL),
    (bought(Thing("cat")), bought(DOG), NEUTRAL),
    (bought(CUP), bought(CUPS), CONTRADICTION),
    (bought(RED_CUP), bought(Thing("cup", 1, False, "", "blue")), CONTRADICTION),
    (bought(CUP, day=MONDAY), bought(CUP, day=TUESDAY), CONTRADICTION),
    (bought(CUP, place=City("lima")), bought(CUP, place=Place("park")), CONTRADICTION),
    (bought(CUP, day=MONDAY), bought(CUPS, place=City("lima")), CONTRADICTION),
    (bought(DOG), bought(Thing("animal", 2)), CONTRADICTION),
    (bought(ANIMAL), bought(DOGS), CONTRADICTION),
    # what was denied
    (neg(bought(CUP)), bought(CUP), CONTRADICTION),
    (neg(bought(CUP)), bought(RED_CUP, day=MONDAY), CONTRADICTION),
    (neg(bought(ANIMAL)), bought(DOG), CONTRADICTION),
    (neg(bought(RED_CUP)), bought(CUP), NEUTRAL),
    (neg(bought(CUP)), bought(CUPS), NEUTRAL),
    (neg(bought(DOG)), bought(ANIMAL), NEUTRAL),
    (neg(bought(CUP)), bought(CUP, agent=IVAN), NEUTRAL),
    # what is asked is denied
    (bought(CUP), neg(bought(CUP)), CONTRADICTION),
    (bought(CUP), neg(bought(CUPS)), ENTAILMENT),
    (bought(CUP), neg(bought(RED_CUP)), NEUTRAL),
    (neg(bought(CUP)), neg(bought(CUP)), ENTAILMENT),
    (neg(bought(CUP)), neg(bought(RED_CUP)), ENTAILMENT),
    (neg(bought(RED_CUP)), neg(bought(CUP)), NEUTRAL),
    # from the other side
    (gave(CUP), received(CUP), ENTAILMENT),
    (received(CUPS), gave(Thing("cup", 3)), ENTAILMENT),
    (gave(CUP, verb="lend"), received(CUP, verb="borrow"), ENTAILMENT),
    (gave(CUP, verb="sell_to"), received(CUP, verb="buy_from"), ENTAILMENT),
    (gave(CUP, verb="lend"), received(CUP), NEUTRAL),
    (gave(CUP), received(CUP, agent=ANNA, source=IVAN), NEUTRAL),
    (gave(CUP), received(CUPS), CONTRADICTION),
    (gave(CUP), gave(CUP, recipient=MEI), NEUTRAL),
    (neg(gave(CUP)), received(CUP), CONTRADICTION),
    # states
    (LIVES, LIVES.replace(place=City("cairo")), CONTRADICTION),
    (LIVES, LIVES.replace(agent=IVAN), NEUTRAL),
    (IS, IS.replace(profession=Profession("baker", False)), CONTRADICTION),
    (WORKS, WORKS.replace(organisation=Organisation("bank", "lima")), CONTRADICTION),
    (located(CUP), located(CUP, "under"), CONTRADICTION),
    (located(CUP), located(CUP, "on", "bed"), CONTRADICTION),
    (located(RED_CUP), located(CUP), ENTAILMENT),
    (located(CUP), located(Thing("hat")), NEUTRAL),
]


@pytest.mark.parametrize(("fact", "asked", "label"), CASES)
def test_one_fact(fact: Clause, asked: Clause, label: str) -> None:
    assert judge([fact], asked) == label


def test_of_several_facts_one_that_says_so_goes_first() -> None:
    twice = [bought(CUP, day=MONDAY), bought(CUPS, day=TUESDAY)]
    for told in (twice, twice[::-1]):
        assert judge(told, bought(CUPS)) == ENTAILMENT
        assert judge(told, bought(CUP)) == ENTAILMENT
        assert judge(told, neg(bought(CUPS))) == CONTRADICTION
        assert judge(told, bought(Thing("cup", 4))) == CONTRADICTION
        assert judge(told, bought(Thing("hat"))) == NEUTRAL
    assert judge([], bought(CUP)) == NEUTRAL


def test_the_other_side() -> None:
    given = gave(CUPS, day=MONDAY, place=City("lima"))
    assert converse(given) == received(CUPS, day=MONDAY, place=City("lima"))
    assert converse(neg(given)) == neg(received(CUPS, day=MONDAY, place=City("lima")))
    assert converse(gave(CUP, verb="lend")) == received(CUP, verb="borrow")
    assert converse(received(CUP, verb="buy_from")) == gave(CUP, verb="sell_to")
    assert converse(given.mark("passive")) == converse(given), "the other side is told plainly"
    for one in (gave(CUP, verb="show"), bought(CUP), LIVES, located(CUP)):
        assert converse(one) is None


def test_a_claim_is_of_the_meaning_not_of_how_it_is_put() -> None:
    assert claim(gave(CUP)) == claim(gave(CUP).mark("passive")) == claim(received(CUP)) == claim(neg(gave(CUP)))
    assert claim(gave(CUP)) != claim(gave(CUP, agent=IVAN, recipient=ANNA))
    assert claim(bought(CUP, place=City("lima"))) != claim(bought(CUP, place=City("cairo")))
    assert claim(located(CUP)) != claim(located(CUP, "in", "box"))


def test_an_instrument_is_not_what_something_is_made_of() -> None:
    assert claim(bought(RED_CUP)).qualities == {("number", "1"), ("colour", "red")}


MAKERS = (*scenes.ANY, lambda random: scenes.transfer(random, "receive"))


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    """Any clause, told or denied."""
    random = Random(draw(st.integers(0, 10**9)))
    one = draw(st.sampled_from(MAKERS))(random)
    return neg(one) if draw(st.booleans()) else one


@st.composite
def alike(draw: st.DrawFn) -> tuple[Clause, Clause]:
    """A clause and one that shares some of its roles: verdicts of all three kinds."""
    random = Random(draw(st.integers(0, 10**9)))
    make = draw(st.sampled_from(MAKERS))
    one, other = make(random), make(random)
    taken = draw(st.sets(st.sampled_from(ROLES)))
    changed = one.replace(**{role: other.role(role) for role in taken if other.role(role) is not None})
    one = neg(one) if draw(st.booleans()) else one
    return one, neg(changed) if draw(st.booleans()) else changed.unmark("neg")


@given(clauses())
def test_a_clause_follows_from_itself(one: Clause) -> None:
    assert judge([one], one) == ENTAILMENT


@given(clauses())
def test_the_other_side_of_the_other_side_is_the_clause(one: Clause) -> None:
    turned = converse(one)
    if turned is not None:
        assert converse(turned) == one
        assert claim(turned) == claim(one)
        assert judge([one], turned) == judge([turned], one) == ENTAILMENT


@given(alike())
def test_denying_what_is_asked_swaps_the_verdict(pair: tuple[Clause, Clause]) -> None:
    told, asked = pair
    opposite = asked.unmark("neg") if "neg" in asked.marks else neg(asked)
    swapped = {ENTAILMENT: CONTRADICTION, CONTRADICTION: ENTAILMENT, NEUTRAL: NEUTRAL}
    assert judge([told], opposite) == swapped[judge([told], asked)]


@given(alike())
def test_how_it_is_put_never_changes_a_verdict(pair: tuple[Clause, Clause]) -> None:
    told, asked = pair
    verdict = judge([told], asked)
    assert verdict in LABELS
    for marks in (("passive",), ("fronted",), ("fronted", "passive")):
        assert judge([told.mark(*marks)], asked) == judge([told], asked.mark(*marks)) == verdict
    for one, other in ((converse(told), asked), (told, converse(asked))):
        if one is not None and other is not None:
            assert judge([one], other) == verdict


@given(alike())
def test_what_follows_both_ways_claims_the_same(pair: tuple[Clause, Clause]) -> None:
    told, asked = pair
    if judge([told], asked) == judge([asked], told) == ENTAILMENT and told.marks == asked.marks:
        assert claim(told) == claim(asked)


@given(alike())
def test_contradiction_goes_both_ways(pair: tuple[Clause, Clause]) -> None:
    told, asked = pair
    if judge([told], asked) == CONTRADICTION:
        assert judge([asked], told) != ENTAILMENT
