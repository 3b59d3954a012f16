"""The question of a run: contrasts between any two arms, the verdict on them, and how the report opens."""

import pytest
from synthetic_counts import cell

from xstilts.analysis.answers import CONTRADICTED, MISSING, SUPPORTED, TOO_LITTLE_POWER, Answer, Contrast
from xstilts.analysis.cells import Average
from xstilts.analysis.contrasts import answered, contrasted
from xstilts.analysis.gain_matrix import gain_matrix

SOURCES = {"xnli": "eng-Latn"}


def cells():
    rates = {"none": 0.4, "random": 0.5, "hard": 0.8}
    return [
        cell(arm, "xnli", language, seed, rate=rate)
        for arm, rate in rates.items()
        for seed in (1, 2, 3)
        for language in ("eng-Latn", "deu-Latn", "tur-Latn")
    ]


def test_a_contrast_is_the_difference_of_two_gains():
    table = gain_matrix(cells(), source_languages=SOURCES)
    hard, random = (table.average(arm, None) for arm in ("hard", "random"))
    found = contrasted(Contrast(arm="hard", against="random"), cells(), source_languages=SOURCES)
    assert found.overall.gain == pytest.approx(hard.gain - random.gain)
    assert found.overall.gain_low < found.overall.gain < found.overall.gain_high
    assert found.overall.gain_seeds == (1, 2, 3)
    families = {one.morphology: one.languages for one in found.by_family if one.language is None}
    assert families == {"Indo-European": ("deu-Latn",), "Altaic": ("tur-Latn",)}
    assert {one.language for one in found.by_morphology if one.language} == {"deu-Latn", "tur-Latn"}


def test_a_contrast_with_the_baseline_is_its_gain():
    table = gain_matrix(cells(), source_languages=SOURCES)
    found = contrasted(Contrast(arm="hard", against="none"), cells(), source_languages=SOURCES)
    whole = table.average("hard", None)
    assert (found.overall.gain, found.overall.gain_low) == (whole.gain, whole.gain_low)


def test_an_arm_that_was_not_run_leaves_no_answer():
    found = contrasted(Contrast(arm="hard", against="gone"), cells(), source_languages=SOURCES)
    assert found.overall is None
    assert found.verdict() == MISSING


def with_interval(low, high):
    gain = (low + high) / 2
    average = Average(arm="a", metric=None, target=None, gain=gain, gain_low=low, gain_high=high, mean=0.5)
    return Contrast(arm="a", against="b", overall=average)


@pytest.mark.parametrize(
    ("low", "high", "matters", "verdict"),
    [
        (0.01, 0.03, None, SUPPORTED),
        (-0.03, -0.01, None, CONTRADICTED),
        (-0.01, 0.02, None, TOO_LITTLE_POWER),
        (-0.004, 0.004, 0.005, CONTRADICTED),
        (-0.004, 0.006, 0.005, TOO_LITTLE_POWER),
    ],
)
def test_the_interval_decides(low, high, matters, verdict):
    assert with_interval(low, high).verdict(matters) == verdict


def test_what_could_have_been_seen_follows_from_the_interval():
    # 1 point to either side is 0.51 standard errors a point: 80 % power takes 2.80 of them.
    assert with_interval(-0.008, 0.012).smallest == pytest.approx(0.0143, abs=1e-4)


def test_all_contrasts_have_to_hold():
    yes, open_, no = with_interval(0.01, 0.03), with_interval(-0.01, 0.02), with_interval(-0.03, -0.01)
    verdicts = [Answer(text="?", contrasts=some).verdict for some in [(yes, yes), (yes, open_), (yes, open_, no)]]
    assert verdicts == [SUPPORTED, TOO_LITTLE_POWER, CONTRADICTED]


def test_the_question_of_a_record_is_answered():
    asked = {
        "text": "Do hard rows help?",
        "contrasts": [{"arm": "hard", "against": "random", "targets": [], "claim": None}],
        "about": ["mT5"],
        "settles": False,
        "matters": 0.5,
    }
    found = answered(asked, cells(), source_languages=SOURCES)
    assert found.verdict == SUPPORTED
    assert found.matters == 0.005
    said = found.as_object()
    assert said["contrasts"][0]["gain"] == found.contrasts[0].overall.gain
    assert not said["settles"]
