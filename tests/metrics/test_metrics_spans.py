"""Spans, span F1 and POS: the lenient reading of ill-formed tags, spelt out, and sums over split sentences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from xstilts.errors import UserError
from xstilts.metrics.pos import METRIC as POS
from xstilts.metrics.span_f1 import METRIC as SPAN_F1
from xstilts.metrics.spans import spans
from xstilts.metrics.token_accuracy import METRIC as TOKEN_ACCURACY

TYPED = st.lists(st.sampled_from(("O", "B-PER", "I-PER", "B-LOC", "I-LOC")), max_size=7)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", set()),
        ("O O", set()),
        ("B-PER I-PER O B-LOC", {("PER", 0, 1), ("LOC", 3, 3)}),
        ("O I-PER I-PER", {("PER", 1, 2)}),
        ("B-PER B-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("B-PER I-LOC", {("PER", 0, 0), ("LOC", 1, 1)}),
        ("I-PER B-PER I-PER", {("PER", 0, 0), ("PER", 1, 2)}),
        ("S-PER E-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("B-PER I-PER E-PER I-PER", {("PER", 0, 2), ("PER", 3, 3)}),
        ("B I I O B I", {("_", 0, 2), ("_", 4, 5)}),
        ("B-ARGM-LOC I-ARGM-LOC", {("ARGM-LOC", 0, 1)}),
        ("NOUN NOUN VERB", {("OUN", 0, 1), ("ERB", 2, 2)}),
        ("SCONJ SCONJ SYM SYM", {("CONJ", 0, 0), ("CONJ", 1, 1), ("YM", 2, 2), ("YM", 3, 3)}),
        ("CCONJ SCONJ", {("CONJ", 1, 1)}),
        ("X X NOUN", {("_", 0, 1), ("OUN", 2, 2)}),
        ("NOUN X", {("OUN", 0, 0)}),
        ("人-名 人-名", {("名", 0, 1)}),
    ],
)
def test_spans(tags, expected):
    assert spans(tags.split()) == expected


def test_span_f1_counts_type_and_both_ends():
    gold = ("B-PER", "I-PER", "O", "B-LOC", "O")
    guess = ("B-PER", "I-PER", "O", "B-PER", "B-LOC")
    counts = SPAN_F1.counts(gold, guess, language="yor-Latn")
    assert counts.tolist() == [1, 2, 1]
    scores = SPAN_F1.scores(counts)
    assert scores["precision"] == pytest.approx(1 / 3)
    assert scores["recall"] == pytest.approx(1 / 2)
    assert scores["f1"] == pytest.approx(2 / 5)


@given(TYPED, TYPED, TYPED, TYPED)
def test_a_corpus_joined_by_o_has_the_counts_of_its_sentences(first, first_guess, second, second_guess):
    first_guess = (first_guess + ["O"] * 7)[: len(first)]
    second_guess = (second_guess + ["O"] * 7)[: len(second)]
    joined = SPAN_F1.counts([*first, "O", *second], [*first_guess, "O", *second_guess], language="fra-Latn")
    apart = [
        SPAN_F1.counts(gold, guess, language="fra-Latn")
        for gold, guess in ((first, first_guess), (second, second_guess))
    ]
    assert joined.tolist() == sum(apart).tolist()


@given(TYPED, TYPED)
def test_swapping_gold_and_prediction_swaps_the_errors(gold, guess):
    guess = (guess + ["O"] * 7)[: len(gold)]
    tp, fp, fn = SPAN_F1.counts(gold, guess, language="fra-Latn")
    assert SPAN_F1.counts(guess, gold, language="fra-Latn").tolist() == [tp, fn, fp]


def test_no_span_at_all_is_nan_but_only_wrong_spans_are_0():
    none = SPAN_F1.scores(SPAN_F1.counts(("O",), ("O",), language="fra-Latn"))
    assert np.isnan(list(none.values())).all()
    wrong = SPAN_F1.scores(SPAN_F1.counts(("O",), ("B-PER",), language="fra-Latn"))
    assert wrong["f1"] == 0
    assert wrong["precision"] == 0
    assert np.isnan(wrong["recall"])


def test_pos_reports_both_figures_and_they_differ():
    gold, guess = ("DET", "NOUN", "NOUN", "CCONJ", "PUNCT"), ("DET", "NOUN", "VERB", "SCONJ", "PUNCT")
    counts = POS.counts(gold, guess, language="deu-Latn")
    # The merged NOUN NOUN is missed although one of its words is right; SCONJ for CCONJ counts: both are of type CONJ.
    assert counts.tolist() == [3, 2, 1, 3, 5]
    scores = POS.scores(counts)
    assert scores["span_f1"] == pytest.approx(6 / 9)
    assert scores["token_accuracy"] == pytest.approx(3 / 5)


@pytest.mark.parametrize("metric", [SPAN_F1, POS], ids=lambda metric: metric.name)
@pytest.mark.parametrize(
    ("gold", "guess", "message"),
    [
        (("O", "O"), ("O",), "2 gold tags but 1 predicted tags"),
        (("O", ""), ("O", "O"), "gold tag of token 1 is ''"),
        (("O",), (3,), "predicted tag of token 0 is 3"),
        (("O",), "O", "expected a sequence of tags"),
    ],
)
def test_tags_that_cannot_be_compared_are_refused(metric, gold, guess, message):
    with pytest.raises(UserError, match=f"{metric.name}: .*{message}"):
        metric.counts(gold, guess, language="deu-Latn")


TAG = st.sampled_from(("NOUN/agent", "NOUN/object", "VERB/verb.event"))


@given(st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=7), min_size=1, max_size=5))
def test_token_accuracy_is_that_of_scikit_learn(sentences):
    counts = [TOKEN_ACCURACY.counts(*zip(*pairs, strict=True), language="eng-Latn") for pairs in sentences]
    gold, guess = zip(*(pair for pairs in sentences for pair in pairs), strict=True)
    scores = TOKEN_ACCURACY.scores(np.sum(counts, axis=0))
    assert scores["token_accuracy"] == pytest.approx(accuracy_score(gold, guess))
