"""The datasets of the world: the same from the same seed, balanced, split by scene, and right in every language."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections import Counter
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sets import LABELLED, MAKERS, SAYS, clauses, label, told

from xstilts.microworld import grammar, parts, sheets, world
from xstilts.microworld.meaning import ASKED, Clause, Person, Text, Thing
from xstilts.microworld.sets import bitext, completion, copa, nli, paraphrase, passages, tags
from xstilts.microworld.speaker import speaker
from xstilts.microworld.truth import CONTRADICTION, ENTAILMENT, claim, judge

LANGUAGES = grammar.known()


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_items_and_another_gives_others(name: str) -> None:
    one, same, other = (MAKERS[name]("dev", 40, seed=seed) for seed in (5, 5, 6))
    assert one == same
    assert one != other
    assert len(set(map(repr, one)) & set(map(repr, other))) < 10


def test_no_choice_hangs_on_how_a_process_hashes() -> None:
    code = (
        f"import sys, zlib; sys.path.insert(0, {str(Path(__file__).parent)!r}); from made_sets import MAKERS;"
        "print([zlib.crc32(repr(make('test', 40, seed=3)).encode()) for make in MAKERS.values()])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.parametrize("split", parts.SPLITS)
@pytest.mark.parametrize("name", MAKERS)
def test_as_many_as_are_asked_for_and_no_two_alike(name: str, split: str, made: Any) -> None:
    assert len(made(name, split)) == 300
    items = made(name, split)
    assert len(set(items)) == len(items)
    assert MAKERS[name](split, 0, seed=1) == []
    assert len(MAKERS[name](split, 7, seed=1)) == 7


@pytest.mark.parametrize("difficulty", [0.0, 1.0])
@pytest.mark.parametrize("name", MAKERS)
def test_every_difficulty_can_be_made(name: str, difficulty: float) -> None:
    easy = MAKERS[name]("train", 60, seed=1, difficulty=difficulty)
    assert len(easy) == 60
    assert easy != MAKERS[name]("train", 60, seed=1, difficulty=1 - difficulty)


@pytest.mark.parametrize("split", parts.SPLITS)
@pytest.mark.parametrize("name", MAKERS)
def test_what_is_told_is_of_the_split(name: str, split: str, made: Any) -> None:
    outside = [one for item in made(name, split) for one in told(item) if parts.part(one) != split]
    assert outside == []


@pytest.mark.parametrize("name", MAKERS)
def test_no_item_is_in_two_splits(name: str, made: Any) -> None:
    by_split = [set(made(name, split)) for split in parts.SPLITS]
    assert sum(map(len, by_split)) == len(set.union(*by_split))


@pytest.mark.parametrize("split", parts.SPLITS)
@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_balanced(name: str, split: str, made: Any) -> None:
    counts = Counter(label(item) for item in made(name, split))
    labels = {"nli": 3, "completion": completion.CHOICES}.get(name, 2)
    assert len(counts) == labels
    if name in ("copa", "completion"):  # where the right one stands is drawn
        assert min(counts.values()) > 300 / labels - 3.5 * (300 / labels) ** 0.5
    else:
        assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("name", ["nli", "paraphrase", "qa", "copa", "tags"])
def test_the_order_tells_nothing(name: str, made: Any) -> None:
    """The first half has as many of everything as the second."""
    items = made(name, "train")
    kinds = [label(item) if name in LABELLED else type(item).__name__ for item in items]
    for kind in set(kinds):
        first = kinds[:150].count(kind)
        assert abs(2 * first - kinds.count(kind)) <= 5 * kinds.count(kind) ** 0.5


# what is right


def test_inference_labels_are_what_the_scene_says(made: Any) -> None:
    counts: Counter[str] = Counter()
    for split in parts.SPLITS:
        for item in (*made("nli", split), *nli.make(split, 200, seed=2, difficulty=1.0)):
            if isinstance(item.hypothesis, Clause):
                assert judge(clauses(item.premise), item.hypothesis) == item.label
            else:
                counts[item.label] += 1
                verdicts = {judge(clauses(item.premise), one) for one in item.hypothesis.clauses}
                if item.label == ENTAILMENT:
                    assert verdicts == {ENTAILMENT}
    assert counts[ENTAILMENT] > 3


ORDERED = {"first_then": False, "after_that": False, "before_that": True}


def in_order(text: Text) -> tuple[Clause, ...] | None:
    """The clauses as they happened, or None where that is not told."""
    return None if text.form == "and" else text.clauses[::-1] if ORDERED[text.form] else text.clauses


def test_hypotheses_on_the_order_of_two(made: Any) -> None:
    for item in made("nli", "train"):
        if not isinstance(item.hypothesis, Text):
            continue
        premise, asked = item.premise, in_order(item.hypothesis)
        assert isinstance(premise, Text)
        assert asked is not None
        verdicts = [judge(premise.clauses, one) for one in asked]
        if (happened := in_order(premise)) is None or set(verdicts) != {ENTAILMENT}:
            assert (item.label == CONTRADICTION) >= (CONTRADICTION in verdicts)
            assert item.label != ENTAILMENT
        else:
            places = [next(i for i, fact in enumerate(happened) if judge([fact], one) == ENTAILMENT) for one in asked]
            assert item.label == (ENTAILMENT if places == [0, 1] else CONTRADICTION)


def test_paraphrases_claim_the_same_and_others_do_not(made: Any) -> None:
    for item in made("paraphrase", "train"):
        claims = []
        for text in (item.first, item.second):
            happened = in_order(text)
            claims.append(tuple(map(claim, happened)) if happened else frozenset(map(claim, text.clauses)))
        assert (claims[0] == claims[1]) == (item.label == "paraphrase")
        assert item.first != item.second


def test_a_swap_leaves_the_words_alone(made: Any) -> None:
    """Both sides of a pair tell of the same people, things and times."""
    for item in made("paraphrase", "train"):
        words = [
            Counter(
                filler.noun if isinstance(filler, Thing) else tuple(filler)
                for one in text.clauses
                for role, filler in one.roles
                if role != "verb"
            )
            for text in (item.first, item.second)
        ]
        assert words[0] == words[1]


def test_yes_and_no_are_what_the_passage_says(made: Any) -> None:
    for item in made("yes_no", "train"):
        asked = item.question.unmark("polar")
        assert judge(item.passage, asked) == (ENTAILMENT if item.role == "yes" else CONTRADICTION)


def links(item: copa.Item, choice: Clause) -> list[tuple[str, str]]:
    """(cause, effect) of a choice with each thing that its person is told to have done."""
    kinds = [one.kind for one in clauses(item.premise) if one.role("agent") == choice.role("agent")]
    return [(kind, choice.kind) if item.question == copa.EFFECT else (choice.kind, kind) for kind in kinds]


def test_exactly_one_alternative_goes_with_the_premise(made: Any) -> None:
    for item in chain.from_iterable(made("copa", split) for split in parts.SPLITS):
        right, wrong = item.choices[item.label], item.choices[1 - item.label]
        assert any(world.CAUSES.get(cause) == effect for cause, effect in links(item, right))
        for cause, effect in links(item, wrong):
            assert effect not in (world.CAUSES.get(cause), *world.ALSO_PLAUSIBLE.get(cause, ()))


def test_exactly_one_ending_is_right(made: Any) -> None:
    for split in parts.SPLITS:
        for item in made("completion", split):
            owns: Counter[Person] = Counter()
            for one in item.context:
                thing, agent = one.role("object"), one.role("agent")
                owns[agent] += -thing.number if one.kind == "give" else thing.number
                if one.kind == "give":
                    owns[one.role("recipient")] += thing.number
            assert min(owns.values()) >= 0, "nobody gives what they do not have"
            held = item.context[0].role("object").noun
            so = [
                ending.clauses[0].role("object").noun == held
                and owns[ending.clauses[0].role("agent")] == ending.clauses[0].role("object").number
                for ending in item.endings
            ]
            assert so == [index == item.label for index in range(completion.CHOICES)]
            assert len(set(item.endings)) == completion.CHOICES


def test_wrong_endings_do_not_give_themselves_away(made: Any) -> None:
    """The right ending is not the one with the commonest, smallest or largest number."""
    items = made("completion", "train", 1000)
    numbers = np.array([[ending.clauses[0].role("object").number for ending in item.endings] for item in items])
    labels = np.array([item.label for item in items])
    for guess in (numbers.argmin(1), numbers.argmax(1)):
        assert (guess == labels).mean() < 0.45


def test_answers_are_the_only_ones(made: Any) -> None:
    for item in made("qa", "train"):
        asked = item.question
        question = next(mark for mark in asked.marks if mark in ASKED[asked.kind])
        about = item.passage[item.place]
        assert about.kind == asked.kind
        assert about.role("object" if item.role == "number" else item.role) is not None
        sources = [
            one
            for one in item.passage
            if one.kind == asked.kind
            and one.role(ASKED[one.kind][question]) is not None
            and sheets.ask(one.unmark("passive"), question) == asked
        ]
        assert sources in ([], [about])


def test_mined_pairs_are_gold_and_no_others() -> None:
    left, right, gold = bitext.make_mining("test", 100, seed=1)
    assert len(left) == len(right) == 100
    assert len(gold) == 30
    assert gold == sorted(set(gold))
    assert {(i, j) for i, one in enumerate(left) for j, other in enumerate(right) if one == other} == set(gold)


# in every language


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_stand_where_they_are_said_to(language: str, made: Any) -> None:
    speaks = speaker(language)
    for item in made("qa", "test"):
        row = passages.say(item, speaks)
        assert row.answer
        assert row.answer == row.answer.strip()
        assert row.context[row.start : row.start + len(row.answer)] == row.answer
        candidates = passages.say_candidates(item, speaks)
        assert row.answer in candidates.sentences[candidates.correct]
        assert len(set(candidates.sentences)) == len(candidates.sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_stand_beside_their_words(language: str, made: Any) -> None:
    speaks = speaker(language)
    for name, says, known in (
        ("tags", tags.pos, tags.POS),
        ("tags", tags.supertags, tags.SUPERTAGS),
        ("names", tags.entities, tags.ENTITIES),
    ):
        for meaning in made(name, "test"):
            row = says(meaning, speaks)
            assert len(row.tokens) == len(row.tags) > 1
            assert all(token and token == token.strip() for token in row.tokens)
            assert set(row.tags) <= set(known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_are_whole_and_as_many_as_in_english(language: str, made: Any) -> None:
    """BIO without a loose I, and every name of the meaning is one entity of its kind."""
    for meaning in made("names", "test"):
        found = tags.entities(meaning, speaker(language)).tags
        for before, tag in zip(("O", *found), found, strict=False):
            assert not tag.startswith("I-") or before in (tag, "B" + tag[1:])
        begun = Counter(tag[2:] for tag in found if tag.startswith("B-"))
        wanted: Counter[str] = Counter()
        for one in clauses(meaning):
            for _, filler in one.roles:
                wanted[{"Person": "PER", "City": "LOC", "Organisation": "ORG"}.get(type(filler).__name__, "")] += 1
        del wanted[""]
        assert begun == wanted, found


@pytest.mark.parametrize("name", LABELLED)
def test_every_language_has_the_same_items_in_the_same_order(name: str, made: Any) -> None:
    items = made(name, "test")[:60]
    for language in LANGUAGES:
        rows = [SAYS[name](item, speaker(language)) for item in items]
        labels = [row[2] if name == "yes_no" else row.label for row in rows]
        assert labels == [label(item) for item in items]
        texts = {text for row in rows for text in row if isinstance(text, str)}
        assert all(text == text.strip() and "  " not in text for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_different_choices_are_said_differently(language: str, made: Any) -> None:
    speaks = speaker(language)
    for item in made("completion", "test")[:150]:
        assert len(set(completion.say(item, speaks).choices)) == completion.CHOICES
    for item in made("copa", "test")[:150]:
        assert len(set(copa.say(item, speaks).choices)) == 2
    same = 0
    for item in made("paraphrase", "test")[:150]:
        row = paraphrase.say(item, speaks)
        same += row.first == row.second
        assert row.first != row.second or item.label == "paraphrase", row
    assert same < 30, "voice and order are heard in most pairs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_to_be_found_are_told_apart(language: str, made: Any) -> None:
    meanings = made("bitext", "test")
    texts = [speaker(language).say(meaning).text for meaning in meanings]
    assert len(set(texts)) == len(texts)


# what a reader of single words can tell


def words(text: str) -> list[str]:
    """The words of an English text."""
    return text.lower().replace(".", "").replace(",", "").split()


def seen(first: str, second: str, *, by: str) -> dict[str, float]:
    """Word uni- and bigrams of the second or of both; ``overlap``: also words that are new or gone, and how many."""
    sides = [("2", words(second))] if by == "second" else [("1", words(first)), ("2", words(second))]
    found: dict[str, float] = {}
    for side, said in sides:
        found |= {f"{side} {word}": 1.0 for word in said}
        found |= {f"{side} {one} {other}": 1.0 for one, other in pairwise(said)}
    if by != "overlap":
        return found
    before, after = set(words(first)), set(words(second))
    new = sorted(after - before)
    found |= {f"new {word}": 1.0 for word in (*new, *map(" ".join, pairwise(new)))}
    found |= {f"gone {word}": 1.0 for word in before - after}
    counts = {"new": len(new), "gone": len(before - after), "shared": len(before & after), "length": len(after)}
    return found | {f"count {name}": number / 10 for name, number in counts.items()}


@cache
def said_in_english(name: str, difficulty: float) -> dict[str, list[Any]]:
    """The rows of train and test."""
    english, says, make = speaker("eng-Latn"), SAYS[name], MAKERS[name]
    return {
        split: [says(item, english) for item in make(split, n, seed=1, difficulty=difficulty)]
        for split, n in (("train", 6000), ("test", 2000))
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "difficulty", "by", "limit"),
    [
        ("nli", 0.5, "second", 0.42),
        ("nli", 0.5, "both", 0.42),
        ("nli", 1.0, "overlap", 0.42),
        ("paraphrase", 0.5, "second", 0.57),
        ("paraphrase", 0.5, "overlap", 0.57),
    ],
)
def test_a_bag_of_words_tells_nothing(name: str, difficulty: float, by: str, limit: float) -> None:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = said_in_english(name, difficulty)
    vectors = DictVectorizer()
    texts = {split: [seen(row.first, row.second, by=by) for row in found] for split, found in rows.items()}
    counts = Counter(feature for text in texts["train"] for feature in text)
    common = [{feature: value for feature, value in text.items() if counts[feature] > 2} for text in texts["train"]]
    model = LogisticRegression(C=0.02, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(vectors.fit_transform(common), [row.label for row in rows["train"]])
    accuracy = model.score(vectors.transform(texts["test"]), [row.label for row in rows["test"]])
    assert accuracy <= limit


@pytest.mark.slow
def test_a_bag_of_words_would_be_seen(made: Any) -> None:
    """The check above can fail: where one word gives a label away, the model finds it."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    items = made("nli", "train", 600)
    rows = [nli.say(item, speaker("eng-Latn")) for item in items]
    leaky = [seen(row.first, f"{row.second} {row.label}", by="both") for row in rows]
    vectors = DictVectorizer()
    model = LogisticRegression(C=0.02).fit(vectors.fit_transform(leaky[:400]), [row.label for row in rows[:400]])
    assert model.score(vectors.transform(leaky[400:]), [row.label for row in rows[400:]]) > 0.6
