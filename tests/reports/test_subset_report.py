"""Chosen rows in a report: each arm beside its random subset, what it was trained on, and the data map."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from small_report import SOURCES, small_table
from synthetic_counts import cell

from xstilts import registry
from xstilts.analysis.answers import Contrast
from xstilts.analysis.contrasts import contrasted
from xstilts.analysis.subsets import Measured, Points, Subset
from xstilts.reports.figures.data_map import MOST, data_maps
from xstilts.reports.figures.map_drawing import svg
from xstilts.reports.subsets import subset_grids

WHOLE = Measured(
    rows=1200,
    languages={"eng-Latn": 600, "swa-Latn": 600},
    labels={"yes": 800, "no": 400},
    length=81.4,
    overlap=0.5,
    scores={"confidence": 0.61},
)
HARD = replace(WHOLE, rows=300, labels={"yes": 150, "no": 150}, length=99.6, overlap=None, scores={"confidence": 0.2})
POINTS = Points(rows=1200, points=((0.1, 0.9, 5.0, 0), (0.3, 0.5, 2.0, 1), (0.02, 0.1, 0.0, 0)))
EVIL = "<b>hard</b>"


@pytest.fixture
def chosen():
    """A table with two arms on chosen rows and one on random ones."""
    rates = {"none": 0.4, "hard": 0.8, "hard.random": 0.5}
    some = [
        cell(arm, "xnli", language, seed, rate=rate)
        for arm, rate in rates.items()
        for seed in (11, 12, 13)
        for language in ("swa-Latn", "zho-Hani")
    ]
    pair = contrasted(Contrast(arm="hard", against="hard.random"), some, source_languages=SOURCES)
    random = replace(HARD, scores={})
    subsets = (
        Subset(arm="hard", chosen=HARD, whole=WHOLE, points=POINTS),
        Subset(arm="hard.random", chosen=random, whole=WHOLE),
        Subset(arm=EVIL, chosen=random, whole=replace(WHOLE, rows=900, scores={})),
    )
    return replace(small_table(replicates=20), pairs=(pair,), subsets=subsets)


def test_the_pair_comes_first_with_its_difference(chosen):
    pair, trained = subset_grids(chosen)
    assert pair.title == "Chosen minus random: mean over target languages"
    assert pair.columns == ("hard − hard.random",)
    assert [title for title, _ in pair.rows] == ["all targets", "xnli"]
    assert pair.rows[0][1][0].main.startswith("+")
    assert trained.title == "What was trained on"


def test_each_set_that_was_chosen_from_is_shown_once_before_its_arms(chosen):
    trained = subset_grids(chosen)[1]
    assert trained.columns == ("rows", "of", "labels", "languages", "characters", "overlap", "confidence")
    assert [title for title, _ in trained.rows] == [
        "all rows of hard",
        "hard",
        "hard.random",
        f"all rows of {EVIL}",
        EVIL,
    ]
    cells = dict(trained.rows)
    assert [one.main for one in cells["hard"]] == ["300", "1,200", "yes 50 %", "eng-Latn 50 %", "100", "–", "0.200"]
    assert cells["hard"][2].details == ("no 50 %",)
    assert cells["hard"][5].status == "missing"
    assert cells["hard.random"][-1].main == "–", "a random subset is chosen by no score"


def test_many_labels_are_counted_and_none_is_a_dash(chosen):
    many = Measured(rows=7, labels={str(number): 1 for number in range(7)})
    table = replace(chosen, subsets=(Subset(arm="a", chosen=many, whole=many),))
    entries = dict(subset_grids(table)[1].rows)["a"]
    assert [one.main for one in entries] == ["7", "7", "7 of them", "–", "–", "–"]


def test_without_chosen_rows_there_is_nothing(table):
    assert subset_grids(table) == ()
    assert data_maps(table) == ()


def test_a_map_says_of_how_many_rows_it_is(chosen):
    (found,) = data_maps(chosen)
    assert found.title == "hard: 3 of 1,200 rows; filled: chosen"
    assert found.epochs == 5
    assert "coloured by the number of epochs" in found.description
    whole = Subset(arm="all", chosen=HARD, whole=WHOLE, points=replace(POINTS, rows=3))
    many = replace(whole, points=Points(rows=9_000, points=POINTS.points * MOST))
    one, other = data_maps(replace(chosen, subsets=(whole, many)))
    assert one.title == "all: all 3 rows; filled: chosen"
    assert (len(other.points), other.title) == (MOST, "all: 2,000 of 9,000 rows; filled: chosen")
    empty = Subset(arm="none", chosen=HARD, whole=WHOLE, points=Points(rows=3, points=()))
    assert data_maps(replace(chosen, subsets=(empty,))) == ()


def test_the_drawing_has_every_row_and_both_axes(chosen):
    (picture,) = data_maps(chosen)
    drawn = svg(picture)
    assert drawn == svg(picture), "the same bytes every time"
    assert drawn.startswith('<svg role="img" aria-label="Data map of hard')
    root = ElementTree.fromstring(drawn)
    written = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"variability", "confidence", "epochs right", picture.title} <= set(written)
    legend = [int(text) for text in written if text in {"0", "1", "2", "3", "4", "5"}]
    assert legend == [5, 4, 3, 2, 1, 0], "from the top, as confidence is"
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    left = [one for one in paths if one.get("stroke-width") == "0.8" and one.get("fill") is None]
    chosen_ones = [one for one in paths if one.get("opacity") == "0.75"]
    assert (len(left), len(chosen_ones)) == (2, 1)
    with_one_epoch = replace(picture, points=((0.0, 0.4, 0.0, 0),), epochs=0)
    assert "epochs right" in svg(with_one_epoch)


def test_pages_have_the_section_and_no_markup_of_others(chosen, info):
    for name in ("html", "md"):
        page = registry.find("reports", name).render(chosen, info)
        assert "Chosen rows" in page
        assert EVIL not in page
    html = registry.find("reports", "html").render(chosen, info)
    assert html.count('aria-label="Data map of') == 1
    assert "yes 50 % · no 50 %" in registry.find("reports", "md").render(chosen, info)
