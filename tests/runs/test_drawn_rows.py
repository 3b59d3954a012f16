"""A run over several languages with few-shot examples: what was drawn, and how its reports keep the two apart."""

from __future__ import annotations

import csv
import re

import pytest

import mixing
from xstilts.analysis.drawn import Drawn
from xstilts.reports.terminal import print_matrix
from xstilts.runs.running import load_run


@pytest.fixture(scope="module")
def result():
    return mixing.finished()[1]


@pytest.fixture(scope="module")
def page(result):
    return (result.directory / "report.md").read_text(encoding="utf-8")


def test_a_training_records_what_it_drew(result):
    assert result.outcome.ok, result.outcome.failed
    assert sorted(result.table.drawn, key=lambda one: one.of) == [
        Drawn(
            of="arm",
            name="many",
            examples={
                ("user", "rus-Cyrl"): 4,
                ("xnli_translated", "deu-Latn"): 4,
                ("xnli_translated", "tur-Latn"): 4,
            },
        ),
        Drawn(of="target", name="few", examples={("mnli", "eng-Latn"): 16, ("xnli", "deu-Latn"): 2}),
    ]


def test_a_run_that_is_opened_again_says_the_same(result):
    again = load_run(result.directory)
    assert again.table.drawn == result.table.drawn
    assert again.table.few_shot == {"few": {"deu-Latn": 2}}
    assert again.table.averages == result.table.averages


def test_reports_name_sources_and_languages(result, page):
    assert "## Examples by language" in page
    assert re.search(r"\| arm many: xnli.*translated \| 8 \| 4 \| – \| – \| 4 \|", page)
    assert "| target few: all | 18 | 2 | 16 | – | – |" in page
    html = (result.directory / "report.html").read_text(encoding="utf-8")
    assert "Examples by language" in html


def test_zero_shot_and_few_shot_are_apart_in_matrix_sentence_and_rows(result, page):
    assert "on average over the target languages of 1 zero-shot target" in page
    assert "Few-shot, apart from the above, on average over few (2-shot): many" in page
    assert "### Mean over target languages, zero-shot" in page
    assert "| arm | all few-shot targets | few |" in page
    assert "## few – 2-shot" in page
    assert "| deu-Latn (2-shot) |" in page
    assert "| tur-Latn (zero-shot) |" in page
    assert "they have rows and are in no average" in page


def test_the_average_of_a_few_shot_target_covers_its_languages(result):
    table = result.table
    for arm in table.arms:
        assert table.average(arm, "few").languages == ("deu-Latn",)
        assert table.average(arm, None).targets == ("xnli",)
        assert table.few_shot_average(arm).targets == ("few",)
        assert table.average(arm, "few").mean == table.cell(arm, "few", "deu-Latn").mean


def test_rows_for_programs_say_it(result):
    with (result.directory / "report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    of_target = {row["language"]: row["row"] for row in rows if row["target"] == "few" and row["language"]}
    assert of_target == {"deu-Latn": "cell, 2-shot", "tur-Latn": "cell"}
    assert {row["row"] for row in rows if row["averaged"] == "few"} == {"average over targets, few-shot"}
    assert {row["row"] for row in rows if row["averaged"] == "xnli"} == {"average over targets"}


def test_the_terminal_shows_both(result, capsys):
    from rich.console import Console

    print_matrix(result.table, result.info, Console(width=160))
    shown = capsys.readouterr().out
    assert "all zero-shot" in shown
    assert "all few-shot" in shown
