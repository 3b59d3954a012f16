"""The sentence at the top says what the intervals allow, and no more."""

from dataclasses import replace

import pytest
from small_report import degenerate, small_table
from synthetic_counts import cell

from xstilts.analysis.cells import Average, Cell
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.table import Table
from xstilts.reports.alarms import alarms
from xstilts.reports.verdict import verdict


def table_of(*gains, seeds=(1, 2, 3), absent=()):
    """A table whose averages over targets are given: (arm, gain, low, high)."""
    cells = [Cell(arm="none", metric="accuracy", target="xnli", language="swa-Latn", mean=0.5)]
    averages = [Average(arm="none", metric=None, target=None, mean=0.5, targets=("xnli",))]
    for arm, gain, low, high in gains:
        numbers = {"mean": 0.5 + gain, "gain": gain, "gain_low": low, "gain_high": high, "gain_seeds": seeds}
        cells.append(Cell(arm=arm, metric="accuracy", target="xnli", language="swa-Latn", **numbers))
        averages.append(Average(arm=arm, metric=None, target=None, targets=("xnli",), **numbers))
    averages = [replace(one, absent=("panx",)) if one.arm in absent else one for one in averages]
    return Table(cells=tuple(cells), averages=tuple(averages))


def test_a_real_gain_is_named_with_its_interval():
    found = verdict(table_of(("nli", 0.023, 0.004, 0.041), ("qamr", 0.01, -0.01, 0.03), ("cola", -0.02, -0.03, -0.01)))
    assert found.sentence.startswith(
        "Intermediate training on nli helps most: +2.3 points (95 % interval +0.4 to +4.1)"
    )
    assert "1 target," in found.sentence
    assert "preliminary" not in found.sentence
    assert "Not distinguishable from zero: qamr +1.0 points" in found.details[0]
    assert "Below zero: cola −2.0 points" in found.details[0]
    assert "not corrected for that" in found.details[-1]


def test_a_gain_within_chance_is_not_claimed():
    found = verdict(table_of(("nli", 0.01, -0.002, 0.02), ("qamr", 0.0, -0.1, 0.1)))
    assert found.sentence.startswith(
        "No intermediate training shows a gain that is distinguishable from zero: nli comes first"
    )
    assert "does not exclude zero" in found.sentence


def test_a_loss_is_called_a_loss():
    found = verdict(table_of(("nli", -0.05, -0.07, -0.02)))
    assert found.sentence.startswith("Intermediate training does not help: nli has a gain of −5.0 points")


@pytest.mark.parametrize(("seeds", "words"), [((1,), "one seed was run"), ((1, 2), "only 2 seeds"), ((), None)])
def test_few_seeds_are_said(seeds, words):
    sentence = verdict(table_of(("nli", 0.05, 0.02, 0.07), seeds=seeds)).sentence
    assert (words in sentence) if words else ("seed" not in sentence)


def test_incomplete_arms_are_not_ranked_first():
    found = verdict(table_of(("nli", 0.5, 0.4, 0.6), ("qamr", 0.02, 0.01, 0.03), absent=("nli",)))
    assert "on qamr helps most" in found.sentence
    assert any("Not ranked" in detail and "nli" in detail for detail in found.details)


def test_nothing_to_compare():
    cells = [cell("none", "xnli", "swa-Latn", 1)]
    assert verdict(gain_matrix(cells, source_languages={}, replicates=20)).sentence.startswith("Only the baseline")
    cells = [cell("nli", "xnli", "swa-Latn", 1)]
    assert verdict(gain_matrix(cells, source_languages={}, replicates=20)).sentence.startswith("No gain can be given")


def test_no_interval_no_claim():
    assert "it cannot be distinguished from chance" in verdict(table_of(("nli", 0.05, None, None))).sentence


def test_negative_transfer_on_a_target_is_named():
    found = gain_matrix(
        [
            cell(arm, target, "swa-Latn", seed, n=400, rate=rate)
            for seed in (1, 2, 3)
            for arm, target, rate in (
                ("none", "xnli", 0.4),
                ("nli", "xnli", 0.9),
                ("none", "panx", 0.8),
                ("nli", "panx", 0.5),
            )
        ],
        source_languages={},
        replicates=100,
    )
    (alarm,) = alarms(found)
    assert alarm.startswith("nli on panx: −")


def test_the_small_table_answers():
    assert "nli" in verdict(small_table(replicates=100)).sentence


def test_degenerate_runs_are_named_in_one_clause():
    table = small_table(replicates=100)
    (clause,) = set(verdict(degenerate(table)).details) - set(verdict(table).details)
    assert clause == (
        "Degenerate runs are part of these numbers: nli (its own training), seed 11 by half; nli on xnli, seed 12."
    )
