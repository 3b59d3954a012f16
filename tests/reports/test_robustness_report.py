"""Robustness in a report: heat maps of two languages, all gains on one scale, and the worst cases."""

from dataclasses import replace

import pytest
from synthetic_counts import cell

from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.robustness import robustness
from xstilts.analysis.variants import Form, Varied, with_minimum
from xstilts.reports.robustness import robustness_grids, robustness_picture, robustness_remarks

SOURCES = {"xnli": "eng-Latn"}
LANGUAGES = ("deu-Latn", "eng-Latn", "swa-Latn")
RATES = {"none": 0.5, "nli": 0.9, "worse": 0.3}


def spoilt(one, share):
    counts = one.counts.copy()
    counts[: int(share * len(counts)), 0] = 0
    return replace(one, counts=counts)


@pytest.fixture(scope="module")
def table():
    clean = [
        cell(arm, "xnli", one, seed, rate=rate)
        for arm, rate in RATES.items()
        for one in LANGUAGES
        for seed in (1, 2, 3)
    ]
    counts = {Form(perturbation="keyboard_slips"): [spoilt(one, 0.3) for one in clean if one.language != "swa-Latn"]}
    for place, second in enumerate(LANGUAGES):
        counts[Form(second=second)] = [spoilt(one, 0.2 * (place + 1)) for one in clean if one.language != second]
    undefined = {"xnli": {"keyboard_slips": {"swa-Latn": "no layout"}}}
    varied = Varied(counts=counts, failed={}, undefined=undefined, rates={"xnli": 0.05})
    varied = with_minimum(clean, varied)
    whole = gain_matrix(clean, source_languages=SOURCES, replicates=100)
    return replace(whole, robustness=robustness(clean, varied, source_languages=SOURCES, replicates=100))


def maps(table):
    return {grid.title.partition(": ")[2]: grid for grid in robustness_grids(table, "xnli") if grid.corner == "first"}


def test_every_arm_has_a_map_of_two_languages(table):
    found = maps(table)
    assert list(found) == ["none (score), coloured by the change from the diagonal", "nli (gain)", "worse (gain)"]
    for grid in found.values():
        assert grid.columns == tuple(title for title, _ in grid.rows) == LANGUAGES


def test_the_gains_of_all_arms_are_on_one_scale(table):
    nli, worse = (maps(table)[name] for name in ("nli (gain)", "worse (gain)"))
    assert nli.largest == worse.largest
    strengths = [entry.strength for grid in (nli, worse) for _, row in grid.rows for entry in row]
    assert max(map(abs, strengths)) == pytest.approx(1.0)
    assert min(strengths) < 0 < max(strengths)


def test_the_scores_of_the_baseline_are_coloured_by_what_mixing_costs(table):
    grid = next(iter(maps(table).values()))
    for place, (_, row) in enumerate(grid.rows):
        assert (row[place].strength, row[place].sign) == (0.0, 0), "the diagonal is the rows as they are"
        assert all(entry.strength < 0 for other, entry in enumerate(row) if other != place)
    assert grid.rows[0][1][2].sign == -1
    assert "change −" in grid.rows[0][1][2].hint


def test_the_worst_cases_name_where_they_are(table):
    worst = next(grid for grid in robustness_grids(table, "xnli") if grid.title.startswith("The worst"))
    entries = dict(worst.rows)["none"]
    assert entries[1].details == ("keyboard_slips",)
    assert entries[2].details[0].endswith("× keyboard_slips")


def test_what_is_not_defined_is_said(table):
    assert robustness_remarks(table, "xnli") == (
        "Character error rate asked for: 5.0 %.",
        "keyboard_slips is not defined for swa-Latn.",
    )
    assert [line.label for line in robustness_picture(table).lines] == [
        "xnli",
        "rows as they are",
        "keyboard_slips",
        "minimum of each example",
        "mean over pairs of two languages",
    ]
    assert robustness_grids(replace(table, robustness=None), "xnli") == ()
