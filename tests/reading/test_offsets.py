"""Answers whose offsets are not code points: explained over the whole file, repaired where sure, else never trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import DataError
from xstilts.reading import respelling, squad
from xstilts.reading.answers import WITHOUT, whole
from xstilts.reading.answers import given as answers_given
from xstilts.reading.examples import Answer, Question
from xstilts.reading.notes import collected
from xstilts.reading.offsets import settled

RIVER = "Šárka žije u řeky. Řeka je široká a u řeky stojí mlýn."
STREET = "𝔄nna 🙂 wohnt hier. Ben wohnt dort. Cleo 🙂 wohnt auch dort."


def in_bytes(context: str, place: int) -> int:
    return len(context[:place].encode())


def in_utf16(context: str, place: int) -> int:
    return len(context[:place].encode("utf-16-le")) // 2


def in_windows_lines(context: str, place: int) -> int:
    return place + context.count("\n", 0, place)


def squad_file(file: Path, *asked: tuple[str, list[tuple[str, object]]]) -> Path:
    paragraphs = [
        {
            "context": context,
            "qas": [
                {"id": f"{number}-{index}", "question": "?", "answers": [{"text": text, "answer_start": start}]}
                for index, (text, start) in enumerate(answers)
            ],
        }
        for number, (context, answers) in enumerate(asked)
    ]
    file.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    return file


def starts(file: Path) -> tuple[list[int], list[str]]:
    with collected() as said:
        questions = list(squad.read(file, "ces-Latn"))
    for question in questions:
        for answer in question.answers or ():
            assert answer.start < 0 or question.context.startswith(answer.text, answer.start)
    return [answer.start for question in questions for answer in question.answers or ()], said


@pytest.mark.parametrize(
    ("context", "counted", "unit"),
    [
        (RIVER, in_bytes, "bytes of UTF-8"),
        (STREET, in_utf16, "UTF-16 code units"),
        ("one\ntwo\none\nthree one", in_windows_lines, "characters with two for the end of a line"),
        (RIVER, lambda _, place: place + 1, "characters from 1"),
        (RIVER, lambda _, place: place - 1, "characters from -1"),
        (RIVER, lambda context, place: in_bytes(context, place) + 1, "bytes of UTF-8 from 1"),
        (STREET, lambda context, place: in_utf16(context, place) + 1, "UTF-16 code units from 1"),
    ],
)
def test_a_unit_that_explains_the_whole_file_is_converted(tmp_path, context, counted, unit):
    word = {RIVER: "řeky", STREET: "wohnt"}.get(context, "one")
    places = [place for place in range(1, len(context)) if context.startswith(word, place)]
    assert len(places) >= 2, "no single place is certain by itself"
    file = squad_file(tmp_path / "a.json", (context, [(word, counted(context, place)) for place in places]))
    found, (said,) = starts(file)
    assert found == places
    assert said.startswith(f"a.json: answer_start counts {unit}, which explains every answer")


def test_one_answer_that_the_unit_does_not_explain_and_no_place_is_guessed(tmp_path):
    first, second = (place for place in range(len(RIVER)) if RIVER.startswith("řeky", place))
    given_ = [("řeky", in_bytes(RIVER, first)), ("řeky", in_bytes(RIVER, second)), ("mlýn", 3)]
    found, said = starts(squad_file(tmp_path / "a.json", (RIVER, given_)))
    assert found == [-1, -1, RIVER.index("mlýn")]
    repaired, ambiguous = said
    assert repaired == (
        "a.json: answers that are not at their offset but occur once in their context: 1 of 3, the first 'mlýn' "
        "(question 0-2); they are taken there"
    )
    assert "2 of 3" in ambiguous
    assert "never trained on" in ambiguous


def test_right_offsets_are_left_alone_and_nothing_is_said(tmp_path):
    places = [place for place in range(len(RIVER)) if RIVER.startswith("řeky", place)]
    found, said = starts(squad_file(tmp_path / "a.json", (RIVER, [("řeky", place) for place in places])))
    assert (found, said) == (places, [])


def test_the_nearest_place_is_never_taken(tmp_path):
    second = RIVER.rindex("řeky")
    found, (said,) = starts(squad_file(tmp_path / "a.json", (RIVER, [("Šárka", 0), ("řeky", second + 2)])))
    assert found == [0, -1]
    assert "several times" in said


def test_where_most_offsets_are_wrong_a_right_one_may_be_so_by_chance(tmp_path):
    first, second = (place for place in range(len(RIVER)) if RIVER.startswith("řeky", place))
    wrong = [("mlýn", 3), ("Šárka", 40)]
    asked = [("řeky", second), *wrong, ("žije", RIVER.index("žije"))]
    found, _ = starts(squad_file(tmp_path / "a.json", (RIVER, [*asked, ("stojí", 1)])))
    assert found == [-1, *(RIVER.index(text) for text, _ in [*wrong, ("žije", 0), ("stojí", 0)])]
    found, _ = starts(squad_file(tmp_path / "b.json", (RIVER, [*asked, ("řeky", first)])))
    assert found[0] == second


def test_an_answer_that_does_not_occur_is_counted(tmp_path):
    found, (said,) = starts(squad_file(tmp_path / "a.json", (RIVER, [("Praha", 3), ("mlýn", RIVER.index("mlýn"))])))
    assert found == [-1, RIVER.index("mlýn")]
    assert said == (
        "a.json: answers that do not occur in their context: 1 of 2, the first 'Praha' (question 0-0); they count in "
        "evaluation and are never trained on"
    )


@pytest.mark.parametrize(
    ("context", "text", "taken"),
    [
        ("She met Zoe\u0308 here.", "Zo\u00eb", "Zoe\u0308"),
        ("She met Zo\u00eb here.", "Zoe\u0308", "Zo\u00eb"),
        ("In New\u00a0York it rains.", "New York", "New\u00a0York"),
        ("In New\n  York it rains.", "New York ", "New\n  York"),
        ("It rains.", "rains\n", "rains"),
    ],
)
def test_another_spelling_of_white_space_and_composed_characters(tmp_path, context, text, taken):
    (question,) = [*squad.read(squad_file(tmp_path / "a.json", (context, [(text, 0)])), "eng-Latn")]
    assert question.answers == (Answer(text=taken, start=context.index(taken)),)


@pytest.mark.parametrize(
    ("context", "text"), [("Zoe\u0308 and Zoe\u0308", "Zo\u00eb"), ("Zoe\u0308", "zo\u00eb"), ("caf\u00e9s", "cafe")]
)
def test_another_spelling_is_taken_only_where_it_is_certain(tmp_path, context, text):
    (found,), _ = starts(squad_file(tmp_path / "a.json", (context, [(text, 5)])))
    assert found == -1


def test_half_a_character_is_no_place():
    assert [*respelling.places("caf\u00e9", "cafe")] == []
    assert [*respelling.places("cafe\u0301", "cafe")] == []
    assert [*respelling.places("a  b a\u00a0b", "a b")] == [(0, 4), (5, 8)]


def test_without_offsets_the_first_place_is_taken_and_said(tmp_path):
    question = Question(
        example_id="q",
        cluster_id="",
        question="?",
        context="a b a",
        answers=(Answer(text="a", start=WITHOUT), Answer(text="b", start=WITHOUT)),
    )
    with collected() as said:
        (found,) = settled([question], tmp_path / "a.csv")
    assert [answer.start for answer in found.answers] == [0, 2]
    assert [note.partition(":")[0] for note in said] == ["a.csv"]
    assert "answers without an offset that occur several times in their context: 1 of 2" in said[0]


@pytest.mark.parametrize("start", ["3", 3.0, " 3 ", "3.0", "3."])
def test_whole_numbers_in_any_spelling(tmp_path, start):
    assert starts(squad_file(tmp_path / "a.json", ("In Rome.", [("Rome", start)]))) == ([3], [])


@pytest.mark.parametrize("start", ["²", "٣", "x", "1_0", 0.5, True, [3], float("inf"), "Infinity", "--1", "9" * 5000])
def test_what_is_no_offset_is_refused(tmp_path, start):
    file = squad_file(tmp_path / "a.json", ("In Rome.", [("Rome", start)]))
    with pytest.raises(DataError, match=r"a\.json: .*") as caught:
        list(squad.read(file, "eng-Latn"))
    assert "\n" not in str(caught.value)


def test_huge_and_negative_offsets_are_only_wrong():
    assert whole(10**30) == 10**30
    assert whole(-7) == -1
    question = Question(
        example_id="", cluster_id="", question="?", context="a b b", answers=(Answer(text="b", start=10**30),)
    )
    assert settled([question], Path("a.json"))[0].answers == (Answer(text="b", start=-1),)


@pytest.mark.parametrize(
    ("value", "start", "pairs"),
    [
        ("Rome", None, [("Rome", WITHOUT)]),
        ("Rome", "3", [("Rome", 3)]),
        (["Rome", "wet"], [3, 5], [("Rome", 3), ("wet", 5)]),
        (["Rome"], 3, [("Rome", 3)]),
        ({"text": "Rome", "answer_start": 3}, None, [("Rome", 3)]),
        ({"text": ["Rome"], "answer_start": [3]}, None, [("Rome", 3)]),
        ({"text": ["Rome"], "answer_start": []}, None, [("Rome", WITHOUT)]),
        ({"text": ["Rome"]}, None, [("Rome", WITHOUT)]),
        ([{"text": "Rome", "answer_start": 3.0}, {"text": "wet"}], None, [("Rome", 3), ("wet", WITHOUT)]),
        ({"text": [], "answer_start": []}, None, []),
        ([], None, []),
    ],
)
def test_forms_of_answers(value, start, pairs):
    assert answers_given(value, start) == pairs


@pytest.mark.parametrize("value", [3, {"answer": "Rome"}, [3], {"text": 3}, {"text": ["a", "b"], "answer_start": [1]}])
def test_other_forms_are_none(value):
    with pytest.raises((TypeError, ValueError, KeyError)):
        answers_given(value)


CONTEXTS = st.text("aé中🙂𝔄 b", min_size=1, max_size=12)


@pytest.mark.parametrize("counted", [in_bytes, in_utf16])
@given(drawn=st.lists(CONTEXTS, min_size=1, max_size=4), data=st.data())
def test_whatever_is_repaired_is_the_text(counted, drawn, data):
    """In any context with characters beyond ASCII and the basic plane, no repaired answer is another text."""
    questions, places = [], []
    for number, context in enumerate(drawn):
        first = data.draw(st.integers(0, len(context) - 1))
        last = data.draw(st.integers(first + 1, len(context)))
        places.append(first)
        answer = Answer(text=context[first:last], start=counted(context, first))
        questions.append(
            Question(example_id=str(number), cluster_id="", question="?", context=context, answers=(answer,))
        )
    for question, place, found in zip(questions, places, settled(questions, Path("a.json")), strict=True):
        ((answer,), (before,)) = found.answers, question.answers
        assert answer.text == before.text
        if answer.start >= 0:
            assert question.context[answer.start : answer.start + len(answer.text)] == answer.text
        if question.context.count(answer.text) == 1 and len(_places(question.context, answer.text)) == 1:
            assert answer.start == place


def _places(context: str, text: str) -> list[int]:
    return [place for place in range(len(context)) if context.startswith(text, place)]
