"""Sentences of paragraphs, and questions on a paragraph as questions for one of its sentences."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from xstilts.reading.examples import Answer, AnswerInContext, Classified, Question
from xstilts.reading.sentences import answered, breaks


@pytest.mark.parametrize(
    "sentences",
    [
        ["It rains.", "The ferry waits!", "Why?", "“Nobody knows.”", "So be it."],
        ["Mr. Lind met J. R. Varn in St. Olaf on Oct. 3 at noon.", "They ate."],
        ["It cost 3.50 crowns (approx. two coins).[12]", "She paid."],
        ["He said i.e. the old one … and left.", "2012 was dry."],
        ["வா.", "Ein Satz ohne Ende"],
        ["天気がいい。", "「行こう。」", "海は青い！"],
        ["वह आई।", "फिर गई।"],
        ["هل تمطر؟", "نعم."],
        ["यह तीन.दो है"],
    ],
)
def test_sentences_by_hand(sentences: list[str]) -> None:
    gap = "" if sentences[0].endswith("。") else " "
    text = gap.join(sentences)
    assert [text[start:stop] for start, stop in breaks(text)] == sentences


@pytest.mark.parametrize("text", ["", "  \n ", "One.", "  One. \n\n Two.  ", "a.b.c", "...", "No end"])
def test_every_word_is_in_one_sentence(text: str) -> None:
    spans = breaks(text)
    assert [word for start, stop in spans for word in text[start:stop].split()] == text.split()
    assert all(first < last for first, last in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


CONTEXT = "The mill burned. Ida Berg rebuilt it in 1904. It stands."


def question(*answers: Answer, context: str = CONTEXT) -> Question:
    return Question(example_id="q", cluster_id="p", question="Who?", context=context, answers=answers)


def test_a_question_becomes_one_for_the_sentence_of_its_first_answer() -> None:
    first, second = Answer(text="Ida Berg", start=17), Answer(text="It stands", start=46)
    (made,) = answered([question(first, second)], "eng-Latn")
    assert isinstance(made, AnswerInContext)
    assert made.candidates == ("The mill burned.", "Ida Berg rebuilt it in 1904.", "It stands.")
    assert (made.correct, made.context, made.language) == (1, CONTEXT, "eng-Latn")
    assert (made.example_id, made.cluster_id, made.question) == ("q", "p", "Who?")
    (again,) = answered([question(second)], "eng-Latn")
    assert again.candidate_ids == made.candidate_ids  # of one paragraph, whoever asks
    (other,) = answered([question(Answer(text="A", start=0), context="A. B.")], "eng-Latn")
    assert not set(other.candidate_ids) & set(made.candidate_ids)


def test_an_answer_across_a_break_is_of_the_sentence_in_which_it_starts() -> None:
    (made,) = answered([question(Answer(text="1904. It", start=40))], "eng-Latn")
    assert isinstance(made, AnswerInContext)
    assert made.correct == 1


def test_questions_without_an_answer_in_the_paragraph_are_left_out() -> None:
    hidden = Question(example_id="h", cluster_id="p", question="?", context=CONTEXT, answers=None)
    assert answered([question(), question(Answer(text="elsewhere", start=-1)), hidden], "eng-Latn") == []


def test_other_examples_stay() -> None:
    other = Classified(example_id="1", cluster_id="1", first="a", label="x")
    assert answered([other], "eng-Latn") == [other]


@pytest.mark.shared_data
def test_the_rule_agrees_with_the_sentences_that_xquad_r_publishes(shared_data: Path) -> None:
    """F1 of where sentences stop; upstream says of its own, tuned on SQuAD, 0.9961 on a test of its own."""
    paragraphs = [
        paragraph
        for article in json.loads((shared_data / "lareqa/xquad-r/en.json").read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
    ]
    right = found = both = 0
    for paragraph in paragraphs:
        theirs = {stop for _, stop in paragraph["sentence_breaks"]}
        ours = {stop for _, stop in breaks(paragraph["context"])}
        right, found, both = right + len(theirs), found + len(ours), both + len(theirs & ours)
    assert 2 * both / (right + found) > 0.99
