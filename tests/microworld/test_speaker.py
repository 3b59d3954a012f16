"""How a meaning becomes a sentence: variants, agreement, groups, joins, capitals, spans."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import ConfigError
from xstilts.microworld import phrases, scenes
from xstilts.microworld.meaning import City, Clause, Organisation, Person, Place, Profession, Text, Thing, Word, clause
from xstilts.microworld.speaker import Speaker, speaker

ANNA, IVAN = Person("anna"), Person("ivan")
MONDAY, MORNING = Word("days", "monday"), Word("times", "morning")
WAIT = clause("act", {"agent": ANNA, "verb": Word("verbs", "wait")})
SEE = clause("event", {"agent": ANNA, "verb": Word("verbs", "see"), "object": Thing("cup", 3, False, "big", "red")})


def lines(*meanings: Clause | Text, folder: Path, **changes: object) -> list[str]:
    """What the changed English says."""
    speaks = small.speaker(folder, **changes)
    return [speaks.say(meaning).text for meaning in meanings]


def test_the_variant_with_the_most_features_that_hold_is_said(tmp_path: Path) -> None:
    variants = {"": "a/X", "neg": "b/X", "neg has_place": "c/X", "has_day neg": "d/X", "polar": "e/X"}
    here = WAIT.replace(place=Place("park"))
    said = lines(
        WAIT,
        WAIT.mark("neg"),
        here,
        here.mark("neg"),
        WAIT.replace(day=MONDAY).mark("neg"),
        here.replace(day=MONDAY).mark("neg"),
        folder=tmp_path,
        clauses={"act": variants},
    )
    assert said == ["A.", "B.", "A.", "C.", "D.", "C."], "of two alike the first in the file"


def test_what_meanings_set_is_seen_by_clauses(tmp_path: Path) -> None:
    variants = {"": "no/X", "has_place": "at/X", "has_day": "day/X", "has_time": "time/X", "passive": "turned/X"}
    meanings = [SEE, *(SEE.replace(**{r: f}) for r, f in (("place", City("lima")), ("day", MONDAY), ("time", MORNING)))]
    assert lines(*meanings, SEE.mark("passive"), folder=tmp_path, clauses={"event": variants}) == [
        "No.", "At.", "Day.", "Time.", "Turned.",
    ]  # fmt: skip


def test_a_counted_thing_goes_before_all_others(tmp_path: Path) -> None:
    thing = {"": "x/X", "indef pl modified": "{number} {noun}", "counted": "{noun pl}"}
    asked = SEE.mark("howmany")
    assert lines(SEE, asked, folder=tmp_path, phrases={"thing": thing}) == [
        "Anna saw three cups.",
        "How many cups did Anna see?",
    ]


def test_modified_says_that_there_is_an_adjective(tmp_path: Path) -> None:
    thing = {"": "thing/X", "has_size": "sized/X", "modified": "some/X", "has_material modified": "made/X"}
    things = [Thing("cup"), Thing("cup", colour="red"), Thing("cup", size="big"), Thing("cup", material="glass")]
    meanings = [SEE.replace(object=one) for one in things]
    said = lines(*meanings, folder=tmp_path, phrases={"thing": thing}, clauses={"event": "{object}"})
    assert said == ["Thing.", "Some.", "Sized.", "Made."]


def test_agreement_copies_features_of_a_role(tmp_path: Path) -> None:
    verbs = {"base": "{word}", "past": "{word}", "past f": "{word}a", "past f pl": "{word}ae", "participle": "-"}
    said = lines(
        WAIT,
        WAIT.replace(agent=IVAN),
        folder=tmp_path,
        paradigms={"verbs": verbs},
        clauses={"act": "{agent} {verb past agent:gender agent:number}"},
    )
    assert said == ["Anna waita.", "Ivan wait."]


def test_agreement_sees_the_number_of_things_and_whether_they_are_definite(tmp_path: Path) -> None:
    clauses = {"event": "{be_past object:number} {the object:definiteness} {object def}"}
    words = {"the": {"tag": "X", "forms": {"def": "def", "indef": "indef", "": "none"}}}
    things = [Thing("cup"), Thing("cup", 2), Thing("cup", 1, True)]
    said = lines(*(SEE.replace(object=t) for t in things), folder=tmp_path, clauses=clauses, words=words)
    assert said == ["Was indef the cup.", "Were indef the two cups.", "Was def the cup."]


def test_the_slots_features_go_over_the_heads_and_those_over_the_context(tmp_path: Path) -> None:
    features = {"case": ["nom", "acc"]}
    nouns = {
        "word": "dog",
        "is": "f",
        "forms": {"": "dog", "sg f": "doga", "sg m": "dogo", "pl f": "dogae", "acc sg f": "dogam"},
    }
    clauses = {"event": {"": "{object}", "neg": "{object m}", "polar": "{object acc}"}}
    dog = SEE.replace(object=Thing("dog"))
    said = lines(
        dog,
        dog.mark("neg"),
        SEE.replace(object=Thing("dog", 4)),
        dog.mark("polar"),
        folder=tmp_path,
        features=features,
        nouns={"dog": nouns},
        phrases={"thing": "{noun}"},
        clauses=clauses,
    )
    assert said == ["Doga.", "Dogo.", "Dogae.", "Dogam?"]


def test_a_verbs_features_hold_for_its_whole_clause(tmp_path: Path) -> None:
    features = {"case": ["acc", "dat"]}
    clauses = {"event": {"": "{object verb:case}", "dat": "{object verb:case} too/X"}}
    verbs = {"find": {"word": "find", "is": "dat"}}
    phrases = {"thing": {"": "it/X", "dat": "to/X it/X"}}
    found = SEE.replace(verb=Word("verbs", "find"))
    said = lines(SEE, found, folder=tmp_path, features=features, clauses=clauses, verbs=verbs, phrases=phrases)
    assert said == ["It.", "To it too."]


def test_phrases_of_ones_own_see_what_their_slot_copies(tmp_path: Path) -> None:
    phrases = {"situated": {"def": "the/DET one/X {relation}", "indef": "there/X {relation} {object}"}}
    clauses = {"located": "{situated object:definiteness}"}
    table = Thing("table", 1, True)
    located = clause("located", {"object": Thing("cup"), "relation": Word("relations", "under"), "ground": table})
    said = lines(
        located, located.replace(object=Thing("cup", 1, True)), folder=tmp_path, phrases=phrases, clauses=clauses
    )
    assert said == ["There under the table a cup.", "The one under the table."]


def test_an_empty_slot_says_nothing_and_takes_its_group_along(tmp_path: Path) -> None:
    clauses = {"act": "[{day} ,/PUNCT] {agent} {verb past} [at/ADP {place} [yes/X {time}]]"}
    park = WAIT.replace(place=Place("park"))
    said = lines(
        WAIT,
        WAIT.replace(day=MONDAY),
        park,
        park.replace(time=MORNING),
        WAIT.replace(time=MORNING),
        folder=tmp_path,
        clauses=clauses,
    )
    assert said == [
        "Anna waited.",
        "On Monday, Anna waited.",
        "Anna waited at in the park.",
        "Anna waited at in the park yes in the morning.",
        "Anna waited.",
    ]


def test_groups_inside_phrases(tmp_path: Path) -> None:
    phrases = {"thing": "a/DET [very/ADV {size}] {noun}"}
    things = [Thing("cup"), Thing("cup", size="old")]
    said = lines(*(SEE.replace(object=one) for one in things), folder=tmp_path, phrases=phrases)
    assert said == ["Anna saw a cup.", "Anna saw a very old cup."]


def test_places_know_whether_at_or_to() -> None:
    english = speaker("eng-Latn")
    went = clause("go", {"agent": ANNA, "verb": Word("verbs", "go"), "place": City("new_delhi")})
    assert english.say(went).text == "Anna went to New Delhi."
    assert english.say(WAIT.replace(place=City("new_delhi"))).text == "Anna waited in New Delhi."


def test_joins_see_the_next_word(tmp_path: Path) -> None:
    old, apple = SEE.replace(object=Thing("cup", 1, False, "old")), SEE.replace(object=Thing("apple"))
    said = [speaker("eng-Latn").say(one).text for one in (old, apple, SEE.replace(object=Thing("cup")))]
    assert said == ["Anna saw an old cup.", "Anna saw an apple.", "Anna saw a cup."]
    # from the right: "saw" sees what "a" has become
    joins = [
        {"word": "a", "before": "<vowel>", "becomes": "l'", "glue": "yes"},
        {"word": "saw", "next": "l'", "becomes": "sawl"},
    ]
    sentence = small.speaker(tmp_path, joins=joins).say(apple)
    assert sentence.text == "Anna sawl apple."
    assert sentence.words == ("Anna", "sawl", "apple", ".")


def test_a_join_may_glue(tmp_path: Path) -> None:
    joins = [{"word": "a", "before": "<vowel>", "becomes": "l'", "glue": "yes"}]
    sentence = small.speaker(tmp_path, joins=joins).say(SEE.replace(object=Thing("apple")))
    assert sentence.text == "Anna saw l'apple."
    assert sentence.words == ("Anna", "saw", "l'", "apple", ".")
    assert sentence.text[slice(*sentence.spans[0, "object"])] == "l'apple"


def test_two_words_may_become_one_and_spans_stay_right(tmp_path: Path) -> None:
    joins = [{"word": "under", "next": "the", "becomes": "underthe"}]
    table = Thing("table", 1, True)
    located = clause("located", {"object": Thing("cup"), "relation": Word("relations", "under"), "ground": table})
    sentence = small.speaker(tmp_path, joins=joins).say(located)
    assert sentence.text == "A cup is underthe table."
    assert len(sentence.words) == len(sentence.tags) == 6


def test_glue_of_tokens(tmp_path: Path) -> None:
    said = lines(WAIT, folder=tmp_path, clauses={"act": "{agent} +n't/PART x/X+ y/X +z+/X w/X"})
    assert said == ["Annan't xyzw."]


def test_sentences_begin_with_a_capital_and_so_do_those_after_them() -> None:
    english = speaker("eng-Latn")
    text = Text("after_that", (SEE.replace(agent=Profession("cook")), WAIT))
    assert english.say(text).text == "The cook saw three big red cups. After that, Anna waited."


def test_capitals_that_unicode_does_not_give(tmp_path: Path) -> None:
    clauses = {"act": "iki/X ılık/X"}
    assert lines(WAIT, folder=tmp_path, clauses=clauses, first_letters={"i": "İ"}) == ["İki ılık."]
    assert lines(WAIT, folder=tmp_path, clauses={"act": "ılık/X"}, first_letters={"i": "İ"}) == ["Ilık."]
    assert lines(WAIT, folder=tmp_path, clauses=clauses) == ["Iki ılık."]


def test_no_capitals_where_there_are_none(tmp_path: Path) -> None:
    assert lines(WAIT, folder=tmp_path, clauses={"act": "iki/X"}, capitals="no") == ["iki."]


def test_marks_that_open_and_marks_that_stand_apart(tmp_path: Path) -> None:
    texts = {"question": "¿/PUNCT {clause} ?/PUNCT"}
    asked = WAIT.mark("polar")
    assert lines(asked, folder=tmp_path, texts=texts) == ["¿Did Anna wait?"]
    assert lines(asked, folder=tmp_path, texts=texts, space_before="?") == ["¿Did Anna wait ?"]


def test_words_written_together(tmp_path: Path) -> None:
    sentence = small.speaker(tmp_path, spaces="no").say(SEE)
    assert sentence.text == "Annasawthreebigredcups."
    assert sentence.words == ("Anna", "saw", "three", "big", "red", "cups", ".")


def test_tags_and_entities_stand_beside_their_words() -> None:
    works = clause("works", {"agent": ANNA, "organisation": Organisation("bank", "cape_town")})
    sentence = speaker("eng-Latn").say(works)
    assert sentence.words == ("Anna", "works", "for", "the", "Bank", "of", "Cape", "Town", ".")
    assert sentence.tags == ("PROPN", "VERB", "ADP", "DET", "PROPN", "ADP", "PROPN", "PROPN", "PUNCT")
    assert sentence.entities == ("B-PER", "O", "O", "O", "B-ORG", "I-ORG", "I-ORG", "I-ORG", "O")
    assert sentence.text[slice(*sentence.spans[0, "organisation"])] == "Bank of Cape Town"


def test_an_organisation_may_have_a_phrase_around_its_name(tmp_path: Path) -> None:
    works = clause("works", {"agent": ANNA, "organisation": Organisation("bank", "cairo")})
    sentence = small.speaker(tmp_path, phrases={"organisation": "that/DET {name}"}).say(works)
    assert sentence.text == "Anna works for the that Bank of Cairo."
    assert sentence.entities[-5:] == ("O", "B-ORG", "I-ORG", "I-ORG", "O")


def test_spans_are_where_roles_stand() -> None:
    given = clause(
        "give",
        {"agent": IVAN, "verb": Word("verbs", "lend"), "object": Thing("cup", 3, False, "big", "red"),
         "recipient": ANNA, "place": City("buenos_aires"), "day": MONDAY},
    )  # fmt: skip
    sentence = speaker("eng-Latn").say(given)
    found = {role: sentence.text[start:end] for (_, role), (start, end) in sentence.spans.items()}
    assert found == {
        "agent": "Ivan", "verb": "lent", "object": "three big red cups", "recipient": "Anna",
        "place": "in Buenos Aires", "day": "on Monday",
    }  # fmt: skip
    start, end = sentence.part(0, "object", "number") or (0, 0)
    assert sentence.text[start:end] == "three"
    assert sentence.part(0, "object", "material") is None


def test_spans_tell_clauses_apart() -> None:
    sentence = speaker("eng-Latn").say(Text("before_that", (WAIT, SEE.replace(agent=IVAN))))
    assert sentence.text[slice(*sentence.spans[0, "agent"])] == "Anna"
    assert sentence.text[slice(*sentence.spans[1, "agent"])] == "Ivan"


def test_a_role_said_in_two_places_has_no_span(tmp_path: Path) -> None:
    sentence = small.speaker(tmp_path, clauses={"act": "{agent} {verb past} {agent}"}).say(WAIT)
    assert (0, "agent") not in sentence.spans
    assert (0, "verb") in sentence.spans


def test_what_has_no_form_names_the_entry(tmp_path: Path) -> None:
    speaks = small.speaker(tmp_path, verbs={"wait": {"forms": "wait, -, -"}})
    with pytest.raises(ConfigError, match=r"own\.yaml: verbs\.wait has no form for .*past"):
        speaks.say(WAIT)


def test_what_a_speaker_forgets_it_says_again_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(3)
    meanings = [scenes.any_clause(random) for _ in range(200)]
    remembered = [speaker("fra-Latn").say(one) for one in meanings]
    monkeypatch.setattr(phrases, "REMEMBERED", 3)
    forgetful = Speaker(speaker("fra-Latn").grammar)
    assert [forgetful.say(one) for one in meanings] == remembered
    assert len(forgetful._phrases._filled) <= 3


@pytest.mark.parametrize("language", ["eng-Latn", "fra-Latn", "jpn-Jpan", "tur-Latn"])
@given(seed=st.integers(0, 10**6))
def test_whatever_is_said_is_its_words(language: str, seed: int) -> None:
    random = Random(seed)
    meaning = scenes.any_clause(random)
    sentence = speaker(language).say(meaning)
    assert "".join(sentence.words) == sentence.text.replace(" ", "")
    places = [place for span in sentence.offsets for place in span]
    assert places == sorted(places)
    assert all(begin < end for begin, end in sentence.offsets)
    for begin, end in sentence.spans.values():
        assert sentence.text[begin:end] == sentence.text[begin:end].strip() != ""
    assert speaker(language).say(meaning) == sentence
