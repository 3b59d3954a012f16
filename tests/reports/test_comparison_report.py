"""What the reports say of many comparisons, of choosing on dev rows, and of negative transfer."""

import csv
import io
from dataclasses import replace

import pytest
from small_report import SOURCES
from synthetic_counts import cell

from xstilts import registry
from xstilts.analysis.cells import Average, Cell
from xstilts.analysis.comparisons import ArmGain, Comparisons
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.power import Spread
from xstilts.analysis.table import Table
from xstilts.reports import alarms as alarms_module
from xstilts.reports.alarms import alarms
from xstilts.reports.comparisons import comparison_sections
from xstilts.reports.dev_selection import selection_sections
from xstilts.reports.verdict import verdict

LANGUAGES = ("deu-Latn", "swa-Latn", "tur-Latn")
RATES = {
    "none": dict.fromkeys(LANGUAGES, 0.5),
    "nli": {"deu-Latn": 0.85, "swa-Latn": 0.1, "tur-Latn": 0.8},
    "worse": dict.fromkeys(LANGUAGES, 0.2),
}
DEV = {(arm, "xnli"): dict.fromkeys((1, 2, 3), score) for arm, score in (("none", 0.5), ("worse", 0.9))}


@pytest.fixture(scope="module")
def found():
    cells = [
        cell(arm, "xnli", language, seed, rate=rate, n=200, per_cluster=1)
        for arm, rates in RATES.items()
        for language, rate in rates.items()
        for seed in (1, 2, 3)
    ]
    return gain_matrix(cells, source_languages=SOURCES, replicates=200, dev_scores=DEV)


def texts(sections):
    return " ".join(
        [*(remark for _, remarks, _ in sections for remark in remarks)]
        + [
            f"{name}: {entry.main} {entry.hint}"
            for *_, grids in sections
            for g in grids
            for name, e in g.rows
            for entry in e
        ]
    )


def test_languages_are_named(found):
    said = texts([*comparison_sections(found)])
    assert "nli on xnli helps in 2 of 3 languages, namely deu-Latn and tur-Latn; hurts in 1 of 3 languages" in said
    assert "nli: 2 of 3" in said
    assert "For exploring alone: 6 of all 6 gains" in said


def test_negative_transfer_is_an_alarm_that_names_languages_the_largest_loss_first(found):
    first, second = alarms(found)
    assert first.startswith("worse on xnli: −")
    assert "in 3 of 3 languages, namely deu-Latn −" in first
    assert second.startswith("nli on xnli: +")
    assert "in 1 of 3 languages, namely swa-Latn −" in second


def test_many_alarms_are_cut_and_counted(found, monkeypatch):
    monkeypatch.setattr(alarms_module, "MOST", 1)
    assert alarms(found)[1:] == ("… and 1 more arms and targets with a smaller mean loss.",)


def test_an_alarm_without_languages_gives_the_mean_alone(found):
    (only,) = alarms(replace(found, comparisons=None))
    assert only.startswith("worse on xnli: −")
    assert only.endswith("on average.")


def test_choosing_on_dev_is_shown_with_its_cost(found):
    said = texts([*selection_sections(found)])
    assert "xnli: worse" in said
    assert "xnli: none" in said
    ((_, _, grids),) = selection_sections(found)
    assert [grid.folded for grid in grids] == [False, True]
    assert [*selection_sections(replace(found, selections=()))] == []


@pytest.mark.parametrize("name", ["html", "md", "csv"])
def test_every_format_has_them(found, info, name):
    text = registry.find("reports", name).render(found, info)
    if name == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        kinds = {row["gain_interval"] for row in rows if row["row"].endswith("compared")}
        assert kinds == {"variance components", "crossed", "max-T over arms", "max-T over languages"}
        hurt = [row for row in rows if row["status"] == "hurt"]
        assert [row["language"] for row in hurt if row["arm"] == "nli"] == ["swa-Latn"]
        return
    for needed in ("Negative transfer", "Many comparisons", "Choosing on source-language dev", "corrected for 2 arms"):
        assert needed in text, needed
    assert text.index("Negative transfer") < text.index("Gain matrix")


def arms_of(*gains):
    """A table whose averages and corrected intervals are given: (arm, gain, low, high, corrected)."""
    cells, averages, arms = [], [], []
    for arm, gain, low, high, corrected in (("none", None, None, None, None), *gains):
        numbers = {"arm": arm, "mean": 0.5, "gain": gain, "gain_low": low, "gain_high": high, "gain_seeds": (1, 2, 3)}
        cells.append(Cell(metric="accuracy", target="xnli", language="swa-Latn", **numbers))
        averages.append(Average(metric=None, target=None, targets=("xnli",), **numbers))
        if corrected is not None:
            more = {"components": (low, high), "crossed": (low, high), "freedom": 5.0, "smallest": 0.02, "seeds": 3}
            more |= {"spread": Spread(seeds=0.0, items=0.1, rest=0.1), "clusters": 100}
            arms.append(ArmGain(arm=arm, few_shot=False, gain=gain, chosen=corrected, **more))
    return Table(cells=tuple(cells), averages=tuple(averages), comparisons=Comparisons(arms=tuple(arms)))


def test_the_best_arm_is_corrected_for_having_been_chosen():
    table = arms_of(("nli", 0.03, 0.01, 0.05, (0.004, 0.056)), ("qa", 0.01, -0.01, 0.03, (-0.02, 0.04)))
    sentence = verdict(table).sentence
    assert sentence.startswith(
        "Intermediate training on nli helps most: +3.0 points (95 % interval +1.0 to +5.0; +0.4 to +5.6 corrected for "
        "the choice among 2 arms) on average"
    )
    assert "the corrected interval holds for all arms at once" in verdict(table).details[-1]
    assert verdict(table).sign == 1


def test_a_gain_that_the_correction_takes_away_is_not_claimed():
    table = arms_of(("nli", 0.03, 0.01, 0.05, (-0.004, 0.064)), ("qa", 0.01, -0.01, 0.03, (-0.02, 0.04)))
    found = verdict(table)
    assert found.sentence.startswith("No intermediate training shows a gain that is distinguishable from zero: nli")
    assert "which excludes zero only before the correction" in found.sentence
    assert found.sign == 0
