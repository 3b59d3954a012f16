"""SQuAD 1.1, SQuAD 2.0 and MLQA: normalisation, maxima, unanswerable questions, refusals."""

import numpy as np
import pytest

from xstilts.errors import UnknownName, UserError
from xstilts.metrics.answer_text import normalise_english
from xstilts.metrics.mlqa import METRIC as MLQA
from xstilts.metrics.mlqa import normalise
from xstilts.metrics.squad_v1 import METRIC as V1
from xstilts.metrics.squad_v2 import METRIC as V2

L = "eng-Latn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat's-Eye, an A.", "catseye"),
        ("theatre", "theatre"),
        ("«Кошка», 猫。", "«кошка» 猫。"),
    ],
)
def test_english_normalisation_touches_only_ascii_punctuation_and_english_articles(text, expected):
    assert normalise_english(text) == expected


def test_squad_v1_takes_each_maximum_by_itself():
    exact, f1, n = V1.counts(("green house", "house"), "the house", language=L)
    assert (exact, f1, n) == (1, 1, 1)
    exact, f1, _ = V1.counts(("big green house", "garden"), "green house", language=L)
    assert exact == 0
    assert f1 == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))


def test_squad_v1_mean_is_xtremes_task_score():
    scores = V1.scores(np.array([1.0, 1.6, 2.0]))
    assert scores["f1"] == 0.8
    assert scores["exact_match"] == 0.5
    assert scores["mean"] == pytest.approx(0.65)
    assert V1.score_names[0] == "f1"


@pytest.mark.parametrize("metric", [V1, MLQA], ids=lambda metric: metric.name)
def test_answers_that_normalise_to_nothing_match_exactly_with_f1_0(metric):
    assert metric.counts(("the",), "a", language=L).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ((), "", [0, 0, 0, 1, 1]),
        ((), "the ...", [0, 0, 0, 1, 1]),
        ((), "Oslo", [0, 0, 0, 0, 1]),
        (("Oslo",), "", [0, 0, 1, 0, 0]),
        (("Oslo", "the"), "oslo", [1, 1, 1, 0, 0]),
        (("the",), "", [1, 1, 1, 0, 0]),
        (("the",), "Oslo", [0, 0, 1, 0, 0]),
    ],
)
def test_squad_v2_with_and_without_an_answer(gold, predicted, expected):
    assert V2.counts(gold, predicted, language=L).tolist() == expected


def test_squad_v2_breaks_the_scores_down_by_answerability():
    scores = {name: float(score) for name, score in V2.scores(np.array([1.0, 1.5, 2, 3, 4])).items()}
    assert scores == {
        "f1": 4.5 / 6,
        "exact_match": 4 / 6,
        "HasAns_f1": 0.75,
        "HasAns_exact": 0.5,
        "NoAns_f1": 0.75,
        "NoAns_exact": 0.75,
    }


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("eng-Latn", "The “White” House!", "white house"),
        ("deu-Latn", "Der Turm des Doms", "turm doms"),
        ("spa-Latn", "¿El río? unas", "río"),
        ("vie-Latn", "Những con mèo của là", "con mèo"),
        ("hin-Deva", "ताज महल।", "ताज महल"),
        ("ara-Arab", "البيت، الكبير", "بيت كبير"),
        ("arb-Arab", "سالم", "س م"),
        ("zho-Hans", "《北京》 2008奥运", "北 京 2008 奥 运"),
        ("cmn-Hant", "臺北 the 101", "臺 北 the 101"),
    ],
)
def test_mlqa_normalises_by_language(language, text, expected):
    assert normalise(text, language=language) == expected


def test_mlqa_scores_chinese_by_character():
    _, f1, _ = MLQA.counts(("北京市",), "北京", language="zho-Hans")
    assert f1 == pytest.approx(0.8)
    _, f1, _ = V1.counts(("北京市",), "北京", language="zho-Hans")
    assert f1 == 0


def test_mlqa_names_the_languages_that_it_has_rules_for():
    with pytest.raises(UnknownName, match=r"unknown language of MLQA 'swa-Latn'.*ara, deu, eng.*squad_v1"):
        MLQA.counts(("a",), "a", language="swa-Latn")


@pytest.mark.parametrize("metric", [V1, MLQA], ids=lambda metric: metric.name)
def test_a_question_without_an_answer_is_refused(metric):
    with pytest.raises(UserError, match=f"{metric.name}: a question without gold answers"):
        metric.counts((), "", language=L)


@pytest.mark.parametrize("metric", [V1, V2, MLQA], ids=lambda metric: metric.name)
@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ("Oslo", "Oslo", "expected a sequence of answer texts"),
        ((1,), "Oslo", "a gold answer is 1"),
        (("Oslo",), None, "the predicted answer is None"),
    ],
)
def test_what_is_no_text_is_refused(metric, gold, predicted, message):
    with pytest.raises(UserError, match=f"{metric.name}: .*{message}"):
        metric.counts(gold, predicted, language=L)
