"""Contamination in a report: what is shared, the gains without it, and the warning where a gain is gone."""

from csv import DictReader
from dataclasses import replace

import pytest
from synthetic_counts import cell, with_leak

from xstilts.analysis.clean_part import contamination
from xstilts.analysis.contamination import Contamination
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.overlaps import Shared
from xstilts.analysis.provenance import RunInfo
from xstilts.data.overlap.verdicts import Found, Verdicts
from xstilts.reports import csv, html, md
from xstilts.reports.contamination import contamination_grids, contamination_remarks, contamination_warnings

SOURCES = {"xnli": "eng-Latn"}
LANGUAGES = ("deu-Latn", "eng-Latn", "swa-Latn")


def shared(language, count, **other):
    found = tuple(Found(f"e{n}", 1.0, ("first",), n % 2 == 0) for n in range(count))
    verdicts = Verdicts(examples=60, characters=600, shared=10 * count, too_short=2, found=found)
    said = {"text": "leaks", "phase": "ii", "arms": ("leaky",), "target": "xnli", **other}
    return Shared(**said, language=language, verdicts=verdicts)


@pytest.fixture(scope="module")
def cells():
    return with_leak([cell("none", "xnli", one, seed, rate=0.4) for one in LANGUAGES for seed in (1, 2, 3)])


def table_of(cells, *some, **options):
    whole = gain_matrix(cells, source_languages=SOURCES, replicates=100)
    found = contamination(cells, some, source_languages=SOURCES, replicates=100, **options)
    return replace(whole, contamination=found)


@pytest.fixture(scope="module")
def table(cells):
    texts = [shared("deu-Latn", 20), shared("swa-Latn", 20), shared("eng-Latn", 0)]
    return table_of(cells, *texts, shared("deu-Latn", 0, text="wiki", phase="i"), parallel=["xnli"])


def test_what_is_shared_and_the_gain_without_it_are_shown(table):
    overlaps, gains, by_language = contamination_grids(table)
    assert [title for title, _ in overlaps.rows] == ["i: wiki", "ii: leaks"]
    entry = overlaps.rows[1][1][0]
    assert entry.main == "22.2"
    assert entry.details == ("whole 20", "in part 20 (first 20)", "parallel 20", "of 180", "most in deu-Latn 33.3")
    assert entry.hint == "too short to be looked for: 6"
    assert [title for title, _ in gains.rows] == ["leaky"], "the other arm has read nothing of it"
    told = gains.rows[0][1][0]
    assert told.main == "0.0"
    assert "without 40 of 120" in told.details
    assert any(one.startswith("change −") and one.endswith("▼") for one in told.details)
    assert by_language.folded
    assert [title for title, _ in by_language.rows] == list(table.languages("xnli"))


def test_a_gain_that_is_gone_is_told_of_at_the_top(table):
    (warning,) = contamination_warnings(table)
    assert warning.startswith("The gain of leaky on xnli (+")
    assert warning.endswith("it is 0.0 [0.0, 0.0] without the 40 of 120 test examples that the arm was trained on.")
    page = md.render(table, RunInfo(name="leak"))
    assert page.index("Read this first") < page.index("The gain of leaky on xnli") < page.index("## Contamination")
    assert "#### Shared with the test sets, all languages" in page


def test_csv_has_a_row_for_every_gain_on_the_clean_part(table):
    rows = [row for row in DictReader(csv.render(table, RunInfo(name="leak")).splitlines()) if "clean" in row["row"]]
    assert [(row["row"], row["language"], row["examples"]) for row in rows] == [
        *(("cell, clean of phase ii", language, "40") for language in LANGUAGES),
        ("average over target languages, clean of phase ii", "", "80"),
    ]
    assert {(row["arm"], row["target"], float(row["gain"])) for row in rows} == {("leaky", "xnli", 0.0)}


def test_html_has_the_same_and_folds_the_languages(table):
    page = html.render(table, RunInfo(name="leak"))
    assert "<h2>Contamination</h2>" in page
    assert "<details><summary>xnli by language</summary>" in page
    assert "<ul>\n</ul>" not in page


def test_where_nothing_is_found_a_sentence_says_so(cells):
    table = table_of(cells, shared("deu-Latn", 0), shared("deu-Latn", 0, text="wiki", phase="i"), told=["mnli is gone"])
    assert contamination_grids(table) == ()
    assert contamination_warnings(table) == ()
    assert contamination_remarks(table) == (
        "No test example was found in what was trained on: wiki, leaks.",
        "mnli is gone.",
    )
    assert "No test example was found" in md.render(table, RunInfo(name="clean"))


def test_a_run_without_it_has_no_such_section(cells):
    whole = gain_matrix(cells, source_languages=SOURCES, replicates=100)
    for one in (whole, replace(whole, contamination=Contamination(overlaps=()))):
        assert "Contamination" not in md.render(one, RunInfo(name="without"))
        assert "Contamination" not in html.render(one, RunInfo(name="without"))
