"""Differences of differences: interactions of two trainings, and what languages differ by."""

import numpy as np
import pytest
from synthetic_counts import cell

from xstilts.analysis.answers import MISSING, SUPPORTED, Contrast
from xstilts.analysis.contrasts import answered, contrasted
from xstilts.reports.question import answer_sentence, title

SOURCES = {"xnli": "eng-Latn", "pos": "eng-Latn"}
RATES = {"none": 0.3, "text": 0.4, "task": 0.45, "both": 0.8}
BOTH = Contrast(arm="both", against="text", less=Contrast(arm="task", against="none"))


def cells(**more):
    rates = RATES | more
    return [
        cell(arm, target, language, seed, rate=rate + (0.15 if language == "tur-Latn" and arm == "both" else 0.0))
        for arm, rate in rates.items()
        for target in SOURCES
        for seed in (1, 2, 3)
        for language in ("eng-Latn", "deu-Latn", "tur-Latn")
    ]


def gain(arm, against, languages=()):
    found = contrasted(Contrast(arm=arm, against=against, languages=languages), cells(), source_languages=SOURCES)
    return found.overall.gain


def test_an_interaction_is_the_difference_of_two_differences():
    found = contrasted(BOTH, cells(), source_languages=SOURCES)
    assert found.overall.gain == pytest.approx(gain("both", "text") - gain("task", "none"))
    assert found.overall.gain_low < found.overall.gain < found.overall.gain_high
    assert found.overall.gain_seeds == (1, 2, 3)
    assert found.overall.targets == ("xnli", "pos")
    assert np.mean([one.gain for one in found.by_target]) == pytest.approx(found.overall.gain)
    groups = {one.morphology: one.gain for one in found.by_family if one.language is None}
    assert set(groups) == {"Indo-European", "Altaic"}
    assert np.mean(list(groups.values())) == pytest.approx(found.overall.gain)
    assert found.verdict() == SUPPORTED


def test_what_both_have_in_common_cancels_out():
    same = Contrast(arm="both", against="text", less=Contrast(arm="both", against="text"))
    found = contrasted(same, cells(), source_languages=SOURCES)
    assert (found.overall.gain, found.overall.gain_low, found.overall.gain_high) == (0, 0, 0)


def test_languages_are_compared_with_each_other():
    turkish = Contrast(arm="both", against="none", languages=("tur-Latn",))
    german = Contrast(arm="both", against="none", languages=("deu-Latn",))
    found = contrasted(
        Contrast(arm="both", against="none", languages=("tur-Latn",), less=german), cells(), source_languages=SOURCES
    )
    by_itself = [contrasted(one, cells(), source_languages=SOURCES).overall.gain for one in (turkish, german)]
    assert found.overall.gain == pytest.approx(by_itself[0] - by_itself[1])
    assert not found.by_family
    assert found.by_target[0].languages == ("tur-Latn",)


def test_an_arm_that_was_not_run_leaves_no_answer():
    gone = Contrast(arm="both", against="text", less=Contrast(arm="task", against="gone"))
    assert contrasted(gone, cells(), source_languages=SOURCES).verdict() == MISSING


def test_the_question_of_a_record_may_ask_for_it():
    less = {"arm": "task", "against": "none", "targets": [], "languages": ["tur-Latn"]}
    one = {"arm": "both", "against": "text", "targets": [], "languages": ["tur-Latn"], "less": less, "claim": "more"}
    found = answered({"text": "More?", "contrasts": [one]}, cells(), source_languages=SOURCES)
    said = found.as_object()["contrasts"][0]
    assert said["less"] == {"arm": "task", "against": "none", "languages": ["tur-Latn"]}
    assert said["gain"] == pytest.approx(gain("both", "text", ("tur-Latn",)) - gain("task", "none", ("tur-Latn",)))
    assert title(found.contrasts[0]) == "(both − text in Turkish) − (task − none in Turkish)"
    assert "the difference (both − text in Turkish) − (task" in answer_sentence(found, model_is="this model")
