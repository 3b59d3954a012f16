"""What holds for every registered metric: attributes, sums, bounds, vectorised scores, NaN where nothing counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts import registry
from xstilts.errors import UserError, XstiltsError
from xstilts.metrics.metric import Metric, columns, ratio, title

UPOS = ("NOUN", "VERB", "CCONJ", "SCONJ", "SYM", "INTJ", "X", "PUNCT")
BIO = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
CLOSED = {
    name: ["O", *(f"{letter}-{kind}" for letter in letters for kind in ("PER", "LOC"))]
    for name, letters in (("span_f1_bioes", "BIES"), ("span_f1_bilou", "BILU"), ("span_f1_bmes", "BMES"))
}
TEXT = st.text("aé the.,-中国ال کไทย́1 ", max_size=12)
IDS = st.integers(0, 8)


def taggings(tags):
    return st.lists(st.tuples(st.sampled_from(tags), st.sampled_from(tags)), max_size=8).map(
        lambda pairs: (tuple(gold for gold, _ in pairs), tuple(guess for _, guess in pairs))
    )


def answers(*, least):
    return st.tuples(st.lists(TEXT, min_size=least, max_size=3).map(tuple), TEXT)


RANKINGS = st.tuples(st.sets(IDS, min_size=1), st.lists(IDS, max_size=30))
MINED = st.lists(IDS, max_size=2)
CASES = {
    "accuracy": st.tuples(st.sampled_from("abc"), st.sampled_from("abc")),
    "span_f1": taggings(BIO),
    **{name: taggings(tags) for name, tags in CLOSED.items()},
    "pos": taggings(UPOS),
    "token_accuracy": taggings(UPOS),
    "squad_v1": answers(least=1),
    "squad_v2": answers(least=0),
    "mlqa": answers(least=1),
    "checklist": answers(least=1),
    "retrieval_accuracy": st.tuples(IDS, st.fixed_dictionaries({"from_english": IDS, "to_english": IDS})),
    "mining_f1": st.tuples(
        st.sets(IDS, max_size=3), st.fixed_dictionaries(dict.fromkeys(("submitted", "oracle"), MINED))
    ),
    "mean_reciprocal_rank": RANKINGS,
    "mean_average_precision": RANKINGS,
}
PERFECT = {
    "accuracy": ("entailment", "entailment"),
    "span_f1": (("B-PER", "I-PER", "O", "I-LOC"),) * 2,
    "span_f1_bioes": (("B-PER", "E-PER", "O", "S-LOC"),) * 2,
    "span_f1_bilou": (("B-PER", "I-PER", "L-PER", "U-LOC"),) * 2,
    "span_f1_bmes": (("B", "M", "E", "S"),) * 2,
    "pos": (("X", "NOUN", "NOUN", "CCONJ", "PUNCT"),) * 2,
    "token_accuracy": (("NOUN/agent", "VERB/verb.event"),) * 2,
    "squad_v1": (("北京", "The Eiffel Tower"), "eiffel tower!"),
    "squad_v2": (("ประเทศไทย",), "ประเทศไทย"),
    "mlqa": (("北京 2008",), "北京2008"),
    "checklist": (("the baker.", "baker"), " baker,"),
    "retrieval_accuracy": (7, {"from_english": 7, "to_english": 7}),
    "mining_f1": (["en-7"], {"submitted": ["en-7"], "oracle": ["en-7"]}),
    "mean_reciprocal_rank": ({"q1"}, ["q1", "q2"]),
    "mean_average_precision": ({"q1", "q2"}, ["q2", "q1", "q3"]),
}
HIDDEN = {name: (None, predicted) for name, (_, predicted) in PERFECT.items()}
EVERY = pytest.mark.parametrize("name", sorted(CASES))


def count(metric: Metric, cases):
    return np.array([metric.counts(gold, guess, language="zho-Hans") for gold, guess in cases]).reshape(
        -1, len(metric.count_names)
    )


def test_every_registered_metric_is_held_to_the_contract():
    assert set(CASES) <= set(registry.names("metrics"))
    ours = {name for name, module in registry.modules("metrics").items() if module.__name__.startswith("xstilts.")}
    assert ours == set(CASES)


@EVERY
def test_attributes(name):
    metric: Metric = registry.find("metrics", name)
    assert metric.name == name
    assert metric.version >= 1
    assert metric.unit == "fraction"
    assert metric.paper.startswith("https://")
    assert len(set(metric.count_names)) == len(metric.count_names)
    assert len(set(metric.score_names)) == len(metric.score_names)
    assert tuple(metric.scores(np.ones(len(metric.count_names)))) == metric.score_names
    assert set(metric.labels_for_people) == set(metric.score_names)
    assert type(metric).__doc__
    assert "Unit: fraction in [0, 1]" in type(metric).__doc__


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_counts_and_scores_are_bounded_and_finite(name, data):
    metric = registry.find("metrics", name)
    counts = count(metric, data.draw(st.lists(CASES[name], min_size=1, max_size=6)))
    assert counts.dtype == np.float64
    assert np.isfinite(counts).all()
    assert (counts >= 0).all()
    for score in metric.scores(counts.sum(axis=0)).values():
        assert np.isnan(score) or 0 <= score <= 1 + 1e-12


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_scores_of_a_corpus_do_not_depend_on_the_order_of_its_examples(name, data):
    metric = registry.find("metrics", name)
    cases = data.draw(st.lists(CASES[name], min_size=1, max_size=6))
    shuffled = data.draw(st.permutations(cases))
    one, other = (metric.scores(count(metric, some).sum(axis=0)) for some in (cases, shuffled))
    for score in metric.score_names:
        np.testing.assert_allclose(one[score], other[score], rtol=1e-12)


@EVERY
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_vectorised_scores_are_the_scalar_ones(name, data):
    metric = registry.find("metrics", name)
    counts = count(metric, data.draw(st.lists(CASES[name], min_size=6, max_size=6)))
    totals = counts.reshape(2, 3, -1)
    together = metric.scores(totals)
    for score in metric.score_names:
        assert together[score].shape == (2, 3)
        alone = [[float(metric.scores(totals[i, j])[score]) for j in range(3)] for i in range(2)]
        np.testing.assert_array_equal(together[score], alone)


@EVERY
def test_perfect_predictions_score_1(name):
    metric = registry.find("metrics", name)
    scores = metric.scores(count(metric, [PERFECT[name]]).sum(axis=0))
    unanswerable = {"NoAns_f1", "NoAns_exact"}
    assert {score: float(value) for score, value in scores.items() if score not in unanswerable} == {
        score: 0.0 if score.endswith("error_rate") else 1.0 for score in metric.score_names if score not in unanswerable
    }
    assert metric.scores(count(metric, [PERFECT[name]]).sum(axis=0))[metric.score_names[0]] == 1.0


@EVERY
def test_nothing_counted_is_nan_without_a_warning(name):
    metric = registry.find("metrics", name)
    for score in metric.scores(np.zeros((2, len(metric.count_names)))).values():
        assert score.shape == (2,)
        assert np.isnan(score).all()


@EVERY
def test_hidden_gold_is_refused_and_never_scored(name):
    metric = registry.find("metrics", name)
    with pytest.raises(UserError, match=f"{name}: .*None"):
        metric.counts(*HIDDEN[name], language="eng-Latn")


@EVERY
def test_totals_of_the_wrong_width_are_refused(name):
    metric = registry.find("metrics", name)
    for totals in (np.zeros(len(metric.count_names) + 1), np.float64(1)):
        with pytest.raises(XstiltsError, match="totals of shape"):
            metric.scores(totals)


def test_ratio_broadcasts_and_is_nan_over_0():
    np.testing.assert_array_equal(ratio([1, 0, 3], 2), [0.5, 0, 1.5])
    np.testing.assert_array_equal(ratio([1, 0], [0, 4]), [np.nan, 0])
    assert ratio(1, 4) == 0.25
    np.testing.assert_array_equal(ratio([0, 0, 1], [0, 0, 2], missed=[0, 3, 3]), [np.nan, 0, 0.5])


def test_who_finds_nothing_of_what_is_there_has_a_precision_of_0():
    metric = registry.find("metrics", "span_f1")
    scores = metric.scores(metric.counts(["B-PER", "O"], ["O", "O"], language="eng-Latn"))
    assert {name: float(score) for name, score in scores.items()} == {"f1": 0.0, "precision": 0.0, "recall": 0.0}


def test_columns_are_the_last_dimension():
    first, second = columns([[[1, 2], [3, 4]]], ("a", "b"))
    np.testing.assert_array_equal(first, [[1, 3]])
    np.testing.assert_array_equal(second, [[2, 4]])


def test_titles_are_the_metrics_own_or_the_name_in_words():
    assert title(registry.find("metrics", "mean_reciprocal_rank"), "mean_reciprocal_rank") == "MRR@20"
    assert title(registry.find("metrics", "squad_v2"), "some_score") == "some score"
