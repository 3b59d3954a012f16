"""The table at the end of a run."""

import io

import pytest
from rich.console import Console
from small_report import degenerate

from xstilts.reports.terminal import print_matrix


def printed(table, info, *, width=200, encoding="utf-8"):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    print_matrix(table, info, Console(file=stream, width=width, color_system=None))
    return raw.getvalue().decode(encoding)


def test_arms_targets_marks_and_notes(table, info):
    text = printed(table, info)
    for needed in ("all targets", "xnli", "panx", "tatoeba", "none (score)", "nli (gain)", "▲", "failed", "–"):
        assert needed in text
    assert "small: mean over target languages (only 2 seeds: intervals may be too narrow)" in text
    assert "note: Stand-in: xquad trains on English TyDiQA" in text
    average = table.average("nli", "xnli")
    assert f"{100 * average.gain:+.1f}" in text


@pytest.mark.parametrize("width", [20, 60, 80])
def test_a_narrow_terminal_gets_several_tables(table, info, width):
    text = printed(table, info, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("none (score)") > 1 or width == 20


def test_a_terminal_without_unicode_gets_ascii(table, info):
    text = printed(table, info, encoding="ascii")
    assert "?" not in text
    assert "^" in text


def test_names_do_not_move_the_cursor(info):
    from synthetic_counts import cell

    from xstilts.analysis.gain_matrix import gain_matrix

    cells = [cell(arm, "x\x1b[2J", "swa-Latn", 1) for arm in ("none", "[red]\x1b]0;owned\x07")]
    text = printed(gain_matrix(cells, source_languages={}, replicates=20), info)
    assert "\x1b" not in text
    assert "[red]" in text, "rich markup in a name is text"


def test_degenerate_runs_are_named(table, info):
    text = printed(degenerate(table), info)
    assert "\ndegenerate: nli × xnli, seed 12: answers “neutral” for 97.0 % of 150 items" in text
