"""Robustness: paired changes from the rows as they are, the minimum of each example, means over pairs of languages."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_counts import cell, failure

from xstilts.analysis.contrasts import answered
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.robustness import robustness
from xstilts.analysis.variants import MINIMUM, Audit, Form, Varied, minimum, under, with_minimum

SOURCES = {"xnli": "eng-Latn"}
LANGUAGES = ("eng-Latn", "deu-Latn", "swa-Latn")
SLIPS, CASE = Form(perturbation="keyboard_slips"), Form(perturbation="letter_case")


@pytest.fixture(scope="module")
def clean():
    rates = {"none": 0.5, "nli": 0.8}
    return [cell(arm, "xnli", one, seed, rate=rates[arm]) for arm in rates for one in LANGUAGES for seed in (1, 2, 3)]


def spoilt(cells, share):
    """Every example of ``share`` at the start made wrong."""
    found = []
    for one in cells:
        counts = one.counts.copy()
        counts[: int(share * len(counts)), 0] = 0
        found.append(replace(one, counts=counts, node=f"{one.node}-spoilt"))
    return found


def varied(counts, **other):
    return Varied(counts=counts, **{"failed": {}, "undefined": {}, "rates": {"xnli": 0.05}, **other})


def test_the_same_rows_change_nothing(clean):
    table = robustness(clean, varied({SLIPS: clean}), source_languages=SOURCES, replicates=200)
    mean = table.of("xnli", "nli", form=SLIPS, language=None)
    assert mean.languages == ("deu-Latn", "swa-Latn")
    assert (mean.gain_change.mean, mean.gain_change.low, mean.gain_change.high) == (0, 0, 0)
    plain = gain_matrix(clean, source_languages=SOURCES, replicates=200).average("nli", "xnli")
    assert (mean.gain, mean.gain_low, mean.gain_high) == (plain.gain, plain.gain_low, plain.gain_high)


def test_means_of_a_few_shot_target_cover_the_languages_that_it_trains_on(clean):
    shots = {"xnli": {"swa-Latn": 10}}
    table = robustness(clean, varied({SLIPS: clean}), source_languages=SOURCES, few_shot=shots, replicates=100)
    plain = gain_matrix(clean, source_languages=SOURCES, few_shot=shots, replicates=100).average("nli", "xnli")
    for form in (Form(), SLIPS):
        mean = table.of("xnli", "nli", form=form, language=None)
        assert mean.languages == plain.languages == ("swa-Latn",)
        assert mean.gain == plain.gain
        assert table.of("xnli", "nli", form=form, language="deu-Latn") is not None


def test_changes_are_paired_differences(clean):
    worse = spoilt(clean, 0.5)
    table = robustness(clean, varied({SLIPS: worse}), source_languages=SOURCES, replicates=200)
    for arm in ("none", "nli"):
        own = table.of("xnli", arm, form=SLIPS, language="deu-Latn")
        before = table.of("xnli", arm, form=Form(), language="deu-Latn")
        assert own.score_change.mean == pytest.approx(own.mean - before.mean)
        assert own.score_change.high < 0
        assert own.score_change.sign == -1
        if arm == "nli":
            assert own.gain_change.mean == pytest.approx(own.gain - before.gain)
            assert own.gain_change.low <= own.gain_change.mean <= own.gain_change.high
    assert table.of("xnli", "none", form=SLIPS, language="deu-Latn").gain_change is None


def test_the_minimum_is_taken_example_by_example(clean):
    first, second = spoilt(clean, 0.3), [replace(one, counts=one.counts[::-1].copy()) for one in clean]
    lowest = minimum([clean[0], first[0], second[0]])
    wanted = np.min([one.counts[:, 0] for one in (clean[0], first[0], second[0])], axis=0)
    assert lowest.counts[:, 0].tolist() == wanted.tolist()
    told = with_minimum(clean, varied({SLIPS: first, CASE: second}))
    table = robustness(clean, told, source_languages=SOURCES, replicates=100)
    means = [table.of("xnli", "nli", form=form, language=None).mean for form in (Form(), SLIPS, CASE)]
    assert table.of("xnli", "nli", form=Form(perturbation=MINIMUM), language=None).mean <= min(means)


def test_a_language_without_the_perturbation_is_in_no_mean_of_it(clean):
    some = [one for one in spoilt(clean, 0.5) if one.language != "swa-Latn"]
    table = robustness(clean, varied({SLIPS: some}), source_languages=SOURCES, replicates=100)
    mean = table.of("xnli", "nli", form=SLIPS, language=None)
    assert mean.languages == ("deu-Latn",)
    alone = table.of("xnli", "nli", form=SLIPS, language="deu-Latn")
    assert mean.gain_change.mean == pytest.approx(alone.gain_change.mean)
    assert table.of("xnli", "nli", form=SLIPS, language="swa-Latn") is None


def test_pairs_of_languages_have_one_mean(clean):
    pairs = {
        Form(second=second): spoilt([one for one in clean if one.language == first], 0.2)
        for first, second in (("eng-Latn", "deu-Latn"), ("deu-Latn", "swa-Latn"))
    }
    table = robustness(clean, varied(pairs), source_languages=SOURCES, replicates=100)
    mean = table.of("xnli", "nli", form=Form(second="*"), language=None)
    assert mean.languages == ("eng-Latn × deu-Latn", "deu-Latn × swa-Latn")
    assert mean.score_change.mean < 0


def test_failures_and_audits_are_kept(clean):
    failed = {SLIPS: [failure("nli", "xnli", "deu-Latn", seed) for seed in (1, 2, 3)]}
    some = [one for one in clean if (one.arm, one.language) != ("nli", "deu-Latn")]
    audit = Audit(
        target="xnli",
        language="swa-Latn",
        perturbation="keyboard_slips",
        error_rate=0.051,
        tokens_changed=0.2,
        changed=0.9,
        examples=100,
    )
    told = varied({SLIPS: some}, failed=failed, audits=[audit])
    table = robustness(clean, told, source_languages=SOURCES, replicates=100)
    assert table.of("xnli", "nli", form=SLIPS, language="deu-Latn").failure
    assert table.of("xnli", "nli", form=SLIPS, language="swa-Latn").error_rate == 0.051


def test_a_question_may_be_asked_of_perturbed_rows(clean):
    told = with_minimum(clean, varied({SLIPS: spoilt(clean, 1.0)}))
    forms = ({}, {"under": "keyboard_slips"}, {"under": "minimum"})
    contrasts = [{"arm": "nli", "against": "none", **form} for form in forms]
    answer = answered({"text": "?", "contrasts": contrasts}, clean, source_languages=SOURCES, varied=told)
    assert answer.contrasts[0].overall.gain > 0
    assert answer.contrasts[1].overall.gain == 0
    assert answer.contrasts[2].overall.gain == 0
    assert under("minimum", told) == told.counts[Form(perturbation=MINIMUM)], "those that the table shows"
    assert under("keyboard_slips", None) == []
