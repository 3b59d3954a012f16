"""MultiCheckList: answers as upstream compares them, and cases that fail with one of their questions."""

from __future__ import annotations

import numpy as np
import pytest

from xstilts.evaluation.scoring import score
from xstilts.metrics.checklist import METRIC, cleaned
from xstilts.metrics.metric import ClusterMetric
from xstilts.reading.examples import Example


@pytest.mark.parametrize(
    ("language", "given", "left"),
    [
        ("eng-Latn", "a baker.", "baker"),
        ("eng-Latn", "The baker", "The baker"),  # letters keep their case, and so do articles
        ("deu-Latn", "eine Lampe,", "Lampe"),
        ("fin-Latn", " lamppu. ", "lamppu"),
        ("pol-Latn", "„zielony”", "zielony"),
        ("ben-Beng", "একজন শিক্ষক৷", "শিক্ষক"),
        ("que-Latn", "a, b", "a, b"),
    ],
)
def test_what_is_left_of_an_answer(language, given, left):
    assert cleaned(given, language) == left


def test_a_case_fails_with_one_of_its_questions():
    cases = ["c1", "c1", "c2", "c3", "c1", "c3"]
    predicted = ["Ida", "Mara", "Olaf", "Jens", "Ida", "Rosa"]
    golds = [["Ida"], ["Ida"], ["Olaf."], ["Jens"], ["the Ida", "Ida"], ["Rosa"]]  # c1 fails with its second question
    examples = [Example(example_id=str(i), cluster_id=case) for i, case in enumerate(cases)]
    scored = score(METRIC, examples, golds, predicted, language="eng-Latn")
    assert scored.counts.tolist() == [
        [0, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0],
    ]  # fmt: skip
    found = {name: float(value) for name, value in METRIC.scores(scored.counts.sum(axis=0)).items()}
    assert found == pytest.approx({"pass_rate": 2 / 3, "error_rate": 1 / 3, "question_error_rate": 1 / 6})


def test_counts_stay_additive_over_whole_cases():
    counts = np.array([[1.0, 1, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1]])
    together = METRIC.by_cluster(counts, ["a", "a", "b"]).sum(axis=0)
    apart = METRIC.by_cluster(counts[:2], ["a", "a"]).sum(axis=0) + METRIC.by_cluster(counts[2:], ["b"]).sum(axis=0)
    assert together.tolist() == apart.tolist() == [1, 3, 1, 2]


def test_other_metrics_count_examples():
    from xstilts import registry

    assert [
        name for name in registry.names("metrics") if isinstance(registry.find("metrics", name), ClusterMetric)
    ] == ["checklist"]
