"""Counts and predictions come back from Parquet; hidden golds are left out."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny_encoder as tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xstilts import registry
from xstilts.evaluation.scoring import Scored, read_counts, score, write_counts, write_predictions
from xstilts.metrics.accuracy import METRIC as ACCURACY
from xstilts.reading.examples import Classified
from xstilts.tasks.kind import kind_of

SQUAD = registry.find("metrics", "squad_v1")
TMP = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


def labelled(*labels):
    return [
        Classified(example_id=f"e{i}", cluster_id=f"c{i // 2}", first="x", label=label)
        for i, label in enumerate(labels)
    ]


def test_counts_of_every_example():
    examples = labelled("a", "b", "a", "b")
    found = score(ACCURACY, examples, ["a", "b", "a", "b"], ["a", "a", "a", "b"], language="deu-Latn")
    assert found.example_ids == ("e0", "e1", "e2", "e3")
    assert found.cluster_ids == ("c0", "c0", "c1", "c1")
    assert found.languages == ("deu-Latn",) * 4
    assert found.counts.shape == (4, len(ACCURACY.count_names))
    assert next(iter(ACCURACY.scores(found.counts.sum(axis=0)).values())) == pytest.approx(0.75)


def test_hidden_golds_are_left_out_and_never_counted_as_wrong():
    examples = labelled("a", None, "b", None)
    golds = kind_of("single_classification").golds(examples)
    found = score(ACCURACY, examples, golds, ["a", "a", "b", "b"], language="deu-Latn")
    assert found.example_ids == ("e0", "e2")
    assert next(iter(ACCURACY.scores(found.counts.sum(axis=0)).values())) == 1.0


def test_all_golds_hidden():
    found = score(ACCURACY, labelled(None, None), [None, None], ["a", "b"], language="deu-Latn")
    assert found.example_ids == ()
    assert found.counts.shape == (0, len(ACCURACY.count_names))


def test_a_question_without_an_answer_is_not_hidden():
    examples = [tiny.question(0, "Who?", "Nobody."), tiny.question(1, "Who?", "A cat.", "A cat")]
    metric = registry.find("metrics", "squad_v2")
    golds = kind_of("extractive_qa").golds(examples)
    found = score(metric, examples, golds, ["", "A cat"], language="eng-Latn")
    assert found.example_ids == ("0", "1")


def test_a_pooled_task_keeps_the_language_of_each_example():
    examples, _ = tiny.examples_of("answer_retrieval")
    metric = registry.find("metrics", "mean_average_precision")
    golds = kind_of("answer_retrieval").golds(examples)
    found = score(metric, examples, golds, [tuple(gold) for gold in golds], language="all")
    assert found.languages == tuple(example.language for example in examples)


TEXT = st.text(max_size=8)


@TMP
@given(
    st.lists(
        st.tuples(TEXT, TEXT, st.sampled_from(["eng-Latn", "tha-Thai"]), st.floats(0, 1e6), st.floats(0, 1)),
        max_size=20,
    )
)
def test_counts_come_back(tmp_path, rows):
    width = len(SQUAD.count_names)
    counts = np.array([[row[3 + i % 2] for i in range(width)] for row in rows], dtype=np.float64).reshape(-1, width)
    scored = Scored(
        example_ids=tuple(row[0] for row in rows),
        cluster_ids=tuple(row[1] for row in rows),
        languages=tuple(row[2] for row in rows),
        counts=counts,
    )
    write_counts(scored, SQUAD, tmp_path / "counts.parquet")
    found = read_counts(tmp_path / "counts.parquet", SQUAD.count_names)
    assert found.example_ids == scored.example_ids
    assert found.cluster_ids == scored.cluster_ids
    assert found.languages == scored.languages
    np.testing.assert_array_equal(found.counts, counts)
    assert found.counts.dtype == np.float64


def test_predictions_are_readable(tmp_path):
    import pyarrow.parquet as pq

    examples = labelled("a", None, "b", "a", "b")
    golds = ["a", None, ("x", "ü"), frozenset({"q", "p"}), 3]
    predictions = [np.int64(2), np.float32(0.5), np.array([1, 2]), {"de": "แมว"}, ("老", None)]
    write_predictions(examples, golds, predictions, tmp_path / "predictions.parquet")
    table = pq.ParquetFile(tmp_path / "predictions.parquet").read().to_pydict()
    assert table["example_id"] == ["e0", "e1", "e2", "e3", "e4"]
    assert [json.loads(text) for text in table["prediction"]] == [2, 0.5, [1, 2], {"de": "แมว"}, ["老", None]]
    assert [json.loads(text) for text in table["gold"]] == ["a", None, ["x", "ü"], ["p", "q"], 3]
    assert "แมว" in table["prediction"][3], "as text, not as escapes"
    with pytest.raises(TypeError, match="cannot write object as JSON"):
        write_predictions(examples[:1], [None], [object()], tmp_path / "other.parquet")
