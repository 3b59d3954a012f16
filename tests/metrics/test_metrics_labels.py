"""Accuracy and retrieval accuracy: what counts, and what is refused."""

import numpy as np
import pytest

from xstilts.errors import UserError
from xstilts.metrics.accuracy import METRIC as ACCURACY
from xstilts.metrics.retrieval_accuracy import METRIC as RETRIEVAL

L = "swa-Latn"


def test_accuracy_counts_equal_labels():
    assert ACCURACY.counts("neutral", "neutral", language=L).tolist() == [1, 1]
    assert ACCURACY.counts(1, 0, language=L).tolist() == [0, 1]
    assert ACCURACY.counts(np.int64(1), 1, language=L).tolist() == [1, 1]
    assert ACCURACY.scores(np.array([3.0, 4.0]))["accuracy"] == 0.75


def test_accuracy_refuses_a_name_against_an_index():
    with pytest.raises(UserError, match="accuracy: gold 'neutral' and predicted 1 cannot be compared"):
        ACCURACY.counts("neutral", 1, language=L)


@pytest.mark.parametrize("label", [None, 1.0, ("a",)])
def test_accuracy_refuses_what_is_no_label(label):
    with pytest.raises(UserError, match="predicted label"):
        ACCURACY.counts("neutral", label, language=L)


def test_retrieval_keeps_the_directions_apart_and_the_official_one_first():
    counts = RETRIEVAL.counts("4", {"from_english": "4", "to_english": "9"}, language=L)
    assert counts.tolist() == [1, 0, 1]
    assert RETRIEVAL.score_names[0] == "english_to_foreign"
    assert {k: float(v) for k, v in RETRIEVAL.scores(counts).items()} == {
        "english_to_foreign": 1,
        "foreign_to_english": 0,
        "both": 0.5,
    }


@pytest.mark.parametrize("predicted", [{"from_english": 4}, 4, None])
def test_retrieval_refuses_a_missing_direction(predicted):
    with pytest.raises(UserError, match="from_english and to_english"):
        RETRIEVAL.counts(4, predicted, language=L)


def test_retrieval_refuses_ids_of_two_types():
    with pytest.raises(UserError, match="not ids of one type"):
        RETRIEVAL.counts(4, {"from_english": "4", "to_english": 4}, language=L)
