"""Stories: all of one split, and what is told again follows from what was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from xstilts.microworld import parts, stories, world
from xstilts.microworld.meaning import Clause, Text, Thing
from xstilts.microworld.truth import ENTAILMENT, judge

COUNT = 1500


def clauses(told: Clause | Text) -> tuple[Clause, ...]:
    return told.clauses if isinstance(told, Text) else (told,)


@pytest.fixture(scope="module")
def told() -> list[list[Clause | Text]]:
    random = Random(5)
    return [stories.story(random, "train") for _ in range(COUNT)]


def retellings() -> Iterator[tuple[Clause, Clause]]:
    random = Random(6)
    for _ in range(COUNT):
        for one in stories.passage(random, "train", 0.5, 3):
            yield one, stories.in_other_words(random, one)


def test_what_is_told_again_follows() -> None:
    assert Counter(judge((one,), again) for one, again in retellings()) == {ENTAILMENT: 3 * COUNT}


def test_it_is_told_in_every_way() -> None:
    again = [other for one, other in retellings() if one.unmark("passive") != other.unmark("passive")]
    assert len(again) > COUNT
    kinds = [one.role("object") for one in again]
    ways = Counter(
        {
            "denied": sum("neg" in one.marks for one in again),
            "turned": sum(one.kind == "receive" for one in again),
            "kind": sum(isinstance(thing, Thing) and thing.noun in world.KINDS_OF for thing in kinds),
            "passive": sum("passive" in one.marks for one in again),
        }
    )
    assert min(ways.values()) > COUNT / 50, ways


def test_a_story_tells_something_again(told: list[list[Clause | Text]]) -> None:
    for story in told:
        last = story[-1]
        assert isinstance(last, Clause)
        assert {parts.part(one) for part in story for one in clauses(part)} == {"train"}
        assert judge([one for part in story[:-1] for one in clauses(part)], last) == ENTAILMENT


def test_passages_stay_in_their_split() -> None:
    random = Random(7)
    for split in parts.SPLITS:
        found = [one for _ in range(200) for one in stories.passage(random, split, 0.7, 4)]
        assert {parts.part(one) for one in found} == {split}
