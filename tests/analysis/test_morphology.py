"""Averages by language and by morphological type."""

import pytest
from synthetic_counts import cell, failure

from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.morphology import TYPES, UNKNOWN, morphology_of
from xstilts.languages import MORPHOLOGIES

SOURCES = {"xnli": "eng-Latn", "panx": "eng-Latn"}


def table(failed=()):
    cells = [
        cell(arm, target, language, seed, rate=rate)
        for arm, rate in (("none", 0.4), ("nli", 0.7))
        for target in ("xnli", "panx")
        for language in ("eng-Latn", "deu-Latn", "rus-Cyrl", "afr-Latn", "qqq-Zzzz")
        for seed in (1, 2, 3)
        if (arm, target, language) not in failed and (target, language) != ("panx", "rus-Cyrl")
    ]
    broken = [failure(*place, seed) for place in failed for seed in (1, 2, 3)]
    return gain_matrix(cells, broken, source_languages=SOURCES, replicates=200)


def one(found, arm, morphology, language=None):
    matches = [a for a in found.by_morphology if (a.arm, a.morphology, a.language) == (arm, morphology, language)]
    assert len(matches) == 1
    return matches[0]


def test_types_cover_the_table_of_languages():
    assert set(TYPES) == {*MORPHOLOGIES, UNKNOWN}
    assert morphology_of("deu-Latn") == "fusional"
    assert morphology_of("afr-Latn") == morphology_of("qqq-Zzzz") == UNKNOWN


def test_a_language_is_the_mean_of_its_targets_and_a_type_of_its_languages():
    found = table()
    german, russian = one(found, "nli", "fusional", "deu-Latn"), one(found, "nli", "fusional", "rus-Cyrl")
    cells = [found.cell("nli", target, "deu-Latn") for target in ("xnli", "panx")]
    assert german.targets == ("xnli", "panx")
    assert german.gain == pytest.approx(sum(c.gain for c in cells) / 2)
    assert russian.targets == ("xnli",)
    assert russian.absent == (), "a language that a target does not test is not missing from it"
    group = one(found, "nli", "fusional")
    assert group.languages == ("deu-Latn", "rus-Cyrl")
    assert group.mean == pytest.approx((german.mean + russian.mean) / 2)
    assert group.gain == pytest.approx((german.gain + russian.gain) / 2)
    assert group.gain_low < group.gain < group.gain_high
    assert (group.sign, group.gain_interval) == (1, "components")


def test_the_source_language_is_in_no_mean():
    assert all(a.language != "eng-Latn" and "eng-Latn" not in a.languages for a in table().by_morphology)


def test_languages_without_a_type_go_under_not_known():
    group = one(table(), "none", UNKNOWN)
    assert group.languages == ("afr-Latn", "qqq-Zzzz")
    assert group.gain is None


def test_what_an_arm_lacks_is_listed():
    found = table(failed=[("nli", "xnli", "deu-Latn"), ("nli", "xnli", "rus-Cyrl")])
    assert one(found, "nli", "fusional", "deu-Latn").absent == ("xnli",)
    russian = one(found, "nli", "fusional", "rus-Cyrl")
    assert (russian.mean, russian.absent) == (None, ("xnli",))
    assert one(found, "nli", "fusional").languages == ("deu-Latn",)
    assert one(found, "nli", "fusional").absent == ("deu-Latn", "rus-Cyrl")


def test_types_without_a_language_are_left_out():
    assert {a.morphology for a in table().by_morphology} == {"fusional", UNKNOWN}
