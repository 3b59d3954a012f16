"""Zero-shot and few-shot targets are never averaged together, nor languages with and without examples."""

import pytest
from synthetic_counts import cell

from xstilts.analysis.answers import Contrast
from xstilts.analysis.contrasts import contrasted
from xstilts.analysis.gain_matrix import gain_matrix

SOURCES = {"xnli": "eng-Latn", "few": "eng-Latn", "pos": "eng-Latn"}
SHOTS = {"few": {"deu-Latn": 10}}
LANGUAGES = ("eng-Latn", "deu-Latn", "tur-Latn")


def cells(targets=("xnli", "few", "pos")):
    return [
        cell(arm, target, language, seed, rate=0.4 if arm == "none" else 0.7)
        for arm in ("none", "hard")
        for target in targets
        for seed in (1, 2, 3)
        for language in LANGUAGES
    ]


def table(targets=("xnli", "few", "pos"), shots=SHOTS):
    return gain_matrix(cells(targets), source_languages=SOURCES, few_shot=shots)


def test_the_average_over_targets_is_of_the_zero_shot_ones():
    whole, alone = table(), table(("xnli", "pos"), {})
    assert whole.average("hard", None).targets == ("xnli", "pos")
    assert whole.average("hard", None).gain == alone.average("hard", None).gain
    assert whole.few_shot_average("hard").targets == ("few",)
    assert whole.few_shot_average("hard").gain == pytest.approx(whole.cell("hard", "few", "deu-Latn").gain)


def test_a_language_without_examples_has_a_cell_and_is_in_no_average():
    found = table()
    assert found.average("hard", "few").languages == ("deu-Latn",)
    assert found.cell("hard", "few", "tur-Latn").mean is not None


def test_means_of_languages_are_of_zero_shot_targets():
    found = {one.language: one.targets for one in table().by_morphology if one.arm == "hard" and one.language}
    assert found == {"deu-Latn": ("xnli", "pos"), "tur-Latn": ("xnli", "pos")}


def test_where_all_targets_are_few_shot_they_are_what_is_averaged():
    found = table(("few",))
    assert found.average("hard", None).targets == ("few",)
    assert found.average("hard", None).few_shot
    assert found.few_shot_average("hard") is None
    assert {one.language for one in found.by_morphology if one.language} == {"deu-Latn"}


def test_a_contrast_is_about_zero_shot_targets_unless_it_names_others():
    def of(*targets):
        wanted = Contrast(arm="hard", against="none", targets=targets)
        return contrasted(wanted, cells(), source_languages=SOURCES, few_shot=SHOTS).overall

    assert of().targets == ("xnli", "pos")
    assert not of().few_shot
    assert of("few").targets == ("few",)
    assert of("few").few_shot


def test_a_run_without_few_shot_targets_is_as_it_was():
    shown = table(("xnli", "pos"), {})
    assert shown.few_shot == {}
    assert shown.few_shot_average("hard") is None
    assert {one.few_shot for one in shown.averages} == {False}
