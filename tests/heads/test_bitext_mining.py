"""The mining head: which sentences are candidates, what is scored, how dev chooses the threshold."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny

from xstilts.errors import UserError
from xstilts.heads.any.bitext_mining import HEAD
from xstilts.metrics.mining_f1 import METRIC
from xstilts.tasks.kinds.bitext_mining import KIND

NEAR = np.eye(6, dtype="f4")


def decode(examples, table):
    """Candidates, from a vector for each text."""
    rows = tiny.encode(HEAD, examples)
    assert [row["example"] for row in rows] == list(range(len(examples)))
    outputs = [{"vector": table[example.text]} for example in examples]
    return tiny.decoded(HEAD, outputs, rows, examples)


def world():
    """Two translations, a German sentence without one, and one in each text that stands there twice."""
    examples = [
        tiny.comparable("de-0", "eins", "en-1"),
        tiny.comparable("de-1", "doppelt", "en-2"),
        tiny.comparable("de-2", "zwei", "en-3"),
        tiny.comparable("de-3", "allein"),
        tiny.comparable("de-4", "doppelt"),
        tiny.comparable("en-1", "one"),
        tiny.comparable("en-2", "double"),
        tiny.comparable("en-3", "two"),
        tiny.comparable("en-4", "other"),
    ]
    table = {"eins": NEAR[0], "one": NEAR[0], "doppelt": NEAR[1], "double": NEAR[1], "zwei": NEAR[2], "two": NEAR[2]}
    return examples, table | {"allein": NEAR[3], "other": (NEAR[3] + 2 * NEAR[4]) / np.sqrt(5)}


def test_candidates_stand_with_the_sentences_of_the_language():
    examples, table = world()
    found = decode(examples, table)
    assert [one and one["translation"] for one in found] == ["en-1", None, "en-3", "en-4", *[None] * 5]
    assert found[0]["margin"] == found[2]["margin"] == pytest.approx(4)
    assert found[3]["margin"] == pytest.approx(4), "alone, it stands out as much"


def test_what_stands_twice_is_mined_as_one_and_is_no_candidate():
    examples, table = world()
    examples[1] = tiny.comparable("de-1", "nur einmal", "en-2")
    table["nur einmal"] = table["doppelt"]
    found = decode(examples, table)
    assert [one and one["translation"] for one in found] == ["en-1", "en-2", "en-3", "en-4", *[None] * 5]
    table["nur einmal"] = NEAR[5]
    assert decode(examples, table)[1] is None, "the repeated sentence took its translation"


def test_english_sentences_are_found_and_not_scored():
    examples, _ = world()
    assert KIND.scored(examples) == [0, 1, 2, 3, 4]
    assert KIND.golds(examples) == [("en-1",), ("en-2",), ("en-3",), (), (), (), (), (), ()]


def test_one_text_alone():
    examples, table = world()
    assert decode(examples[:5], table) == [None] * 5
    assert decode(examples[5:], table) == [None] * 4


def candidate(translation, margin):
    return {"translation": translation, "margin": margin}


DEV = [candidate("en-0", 1.6), candidate("en-1", 1.4), candidate("en-9", 1.2), None], [("en-0",), ("en-1",), (), ()]


def test_dev_chooses_the_threshold():
    predictions = [candidate("en-0", 1.5), candidate("en-8", 1.35), candidate("en-2", 1.25), None]
    golds = [("en-0",), (), ("en-2",), ("en-3",)]
    tuned, thresholds = KIND.tuning.tuned(predictions, golds, DEV)
    assert thresholds == {"submitted": pytest.approx(1.3), "oracle": pytest.approx(1.25)}
    assert [one["submitted"] for one in tuned] == [["en-0"], ["en-8"], [], []]
    assert [one["oracle"] for one in tuned] == [["en-0"], ["en-8"], ["en-2"], []]
    assert tuned[0] | candidate("en-0", 1.5) == tuned[0]
    totals = sum(METRIC.counts(g, p, language="deu-Latn") for g, p in zip(golds, tuned, strict=True))
    assert totals.tolist() == [1, 1, 2, 2, 1, 1]


def test_a_hidden_gold_has_no_oracle():
    tuned, thresholds = KIND.tuning.tuned([candidate("en-0", 1.5), None], [None, ()], DEV)
    assert set(thresholds) == {"submitted"}
    assert [(one["submitted"], one["oracle"]) for one in tuned] == [(["en-0"], []), ([], [])]


def test_dev_needs_its_gold():
    with pytest.raises(UserError, match="the gold of dev is hidden"):
        KIND.tuning.tuned([None], [()], (DEV[0], [None] * 4))
