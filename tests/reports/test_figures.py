"""What the charts show, and that what is drawn is safe to put into a page."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest
from small_report import small_table
from synthetic_counts import cell, failure

from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.reports.figures import multiples as multiples_module
from xstilts.reports.figures.data_map import DataMap
from xstilts.reports.figures.drawing import svg
from xstilts.reports.figures.multiple_drawing import svg as panel_svg
from xstilts.reports.figures.multiples import LanguagePanel, Multiples, multiples
from xstilts.reports.figures.numbers_of import numbers_of
from xstilts.reports.figures.pictures import Line, Mark, Panel, Picture, forest, language_chart

EVIL = "<script>alert(1)</script>&\"'\u202e"


def texts(picture):
    root = ElementTree.fromstring(svg(picture))
    return [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_forest_has_every_arm_on_every_target(table):
    picture = forest(table)
    assert [line.label for line in picture.lines if line.strong] == ["all targets", "xnli", "panx", "tatoeba"]
    assert [line.label for line in picture.lines if not line.strong] == ["nli", "squad_v1"] * 4
    first = picture.lines[1]
    average = table.average("nli", None)
    assert (first.marks[0].value, first.marks[0].low, first.marks[0].sign) == (average.gain, average.gain_low, 1)
    assert "▲ [+" in first.remark
    assert picture.lines[0].remark.startswith("none scores ")


def test_missing_is_a_dash_and_failed_says_so(table):
    by_label = {line.label: line for line in forest(table).lines[6:9]}
    assert by_label["squad_v1"].remark == "–"
    chart = language_chart(table)
    zho = next(line for line in chart.lines if "zho-Hans" in line.label)
    assert zho.marks[2] == Mark(value=None, words="failed")
    assert {"failed", "–"} <= {*texts(chart), *texts(forest(table))}


def test_languages_stand_under_their_type(table):
    lines = [(line.strong, line.label) for line in language_chart(table).lines]
    assert lines == [
        (True, "agglutinative (1 language)"),
        (False, "Swahili, swa-Latn (3)"),
        (True, "not known (1 language)"),
        (False, "zho-Hans (1)"),
    ]
    assert [panel.title for panel in language_chart(table).panels] == ["none (score)", "nli (gain)", "squad_v1 (gain)"]


def test_the_source_language_is_in_no_chart(table):
    assert not any("eng-Latn" in line.label for line in language_chart(table).lines)


def test_there_is_nothing_to_draw_without_numbers():
    failed = [failure(arm, "xnli", "swa-Latn", 1) for arm in ("none", "nli")]
    for empty in (gain_matrix([], source_languages={}), gain_matrix([], failed, source_languages={})):
        assert forest(empty) is None
        assert language_chart(empty) is None
    alone = gain_matrix([cell("none", "xnli", "swa-Latn", 1)], source_languages={}, replicates=20)
    assert forest(alone) is None
    assert "none (score)" in texts(language_chart(alone))


@pytest.mark.parametrize("draw", [forest, language_chart])
def test_drawing_is_deterministic_and_needs_nothing(draw):
    picture = draw(small_table(replicates=20))
    found = svg(picture)
    assert found == svg(draw(small_table(replicates=20)))
    assert found.startswith('<svg role="img" aria-label="')
    assert found.count(" role=") == 1, "parts of the chart are no images of their own"
    assert not re.search(r"<script|<style|<image|<a |href=|url\(|\bid=|\bon\w+=", found), "no ids: two may share a page"
    for line in picture.lines:
        assert line.label in texts(picture)


def test_marks_differ_in_colour_and_shape():
    marks = [Mark(value=v, low=v - 0.01, high=v + 0.01, sign=s) for v, s in ((0.1, 1), (-0.1, -1), (0.0, 0))]
    lines = tuple(Line(label=str(i), marks=(mark,)) for i, mark in enumerate(marks))
    found = svg(Picture(description="d", panels=(Panel(title="t", gains=True),), lines=lines))
    points = re.findall(r'<path transform="[^"]*" d="(\w[^"]*)" fill="(var[^"]*)"', found)
    assert [fill for _, fill in points] == ["var(--gain)", "var(--loss)", "var(--back)"]
    assert len({shape for shape, _ in points}) == 3
    assert "1e+1" not in found


def test_hostile_names_are_text():
    line = Line(label=EVIL, strong=True, marks=(Mark(value=0.1),), remark=EVIL)
    found = svg(Picture(description=EVIL, panels=(Panel(title=EVIL, gains=True),), lines=(line,)))
    assert "<script" not in found
    assert 'aria-label="&lt;script' in found
    root = ElementTree.fromstring(found)
    assert root.get("aria-label") == EVIL
    assert [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")].count(EVIL) >= 2


def test_every_language_has_a_panel_on_one_axis(table):
    found = multiples(table)
    assert [panel.title for panel in found.panels] == ["Swahili, swa-Latn", "zho-Hans"]
    swahili, chinese = found.panels
    assert [name for name, _ in swahili.lines] == list(itertools.product(table.targets, ("nli", "squad_v1")))
    cell = table.cell("nli", "xnli", "swa-Latn")
    assert swahili.lines[0][1] == Mark(value=cell.gain, low=cell.gain_low, high=cell.gain_high, sign=1)
    assert swahili.lines[3][1] == Mark(value=None, words="–")
    assert chinese.lines[1][1] == Mark(value=None, words="failed")
    low, high = found.ends
    assert low <= 0 <= high
    drawn = panel_svg(found, swahili)
    assert ElementTree.fromstring(drawn).get("aria-label").startswith("Gains in Swahili, swa-Latn: xnli nli +")
    assert drawn.count("<path transform=") == 5
    shown = [one.text for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert shown[:6] == ["xnli", "nli", "squad_v1", "panx", "nli", "squad_v1"], "arms are under their target"


def test_too_many_panels_show_means_of_arms(table, monkeypatch):
    monkeypatch.setattr(multiples_module, "MARKS", 4)
    assert [name for name, _ in multiples(table).panels[0].lines] == [("nli",), ("squad_v1",)]
    monkeypatch.setattr(multiples_module, "MARKS", 3)
    assert multiples(table) is None


def test_hostile_names_are_text_in_a_panel():
    panel = LanguagePanel(language=EVIL, title=EVIL, lines=(((EVIL, EVIL), Mark(value=0.1)),))
    found = panel_svg(Multiples(shows="", panels=(panel,)), panel)
    assert "<script" not in found
    assert EVIL in ElementTree.fromstring(found).get("aria-label")


def test_the_numbers_of_a_figure_are_those_it_shows(table):
    header, *rows = numbers_of(forest(table))
    assert header[:4] == ["group", "line", "panel", "value"]
    average = table.average("nli", "xnli")
    assert ["xnli", "nli", "Gain over none, points", round(average.gain, 6)] in [row[:4] for row in rows]
    assert len(numbers_of(multiples(table))) == 1 + 6 + 2
    points = DataMap(title="", description="", points=((0.1, 0.2, 3.0, 1.0),), epochs=3)
    assert numbers_of(points)[1] == [0.1, 0.2, 3.0, 1.0]
