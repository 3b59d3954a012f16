"""The part of a report that says what goes with the gains."""

from dataclasses import replace

import pytest
from small_report import small_table

from xstilts import registry
from xstilts.analysis.explanation import ASSOCIATED, LIKE_SIZE, Effect, Explanation, Explanations, Slope
from xstilts.analysis.provenance import RunInfo
from xstilts.reports.explained import explained_lines, explained_sections

EVIL = "<b>nli</b>"


def slope(value, half, *, turned=False):
    without = {"Niger-Congo": -value if turned else value / 2, "Uralic": 2 * value}
    return Slope(value=value, low=value - half, high=value + half, smallest=1.4 * half, without=without)


@pytest.fixture
def table():
    sure, unsure = slope(0.02, 0.01, turned=True), slope(0.004, 0.009)
    effects = (
        Effect(predictor="premium", spread=0.25, alone=sure, without_size=sure, jointly=sure),
        Effect(predictor="fusion", spread=0.125, alone=sure, without_size=sure, jointly=unsure),
    )
    found = Explanation(
        arm="nli",
        effects=effects,
        families={"Indo-European": 9, "Uralic": 2},
        observations=22,
        left_out={"deu-Latn": "fusion"},
        closest=("fusion", "premium", -0.61),
    )
    refused = Explanation(arm="squad_v1", problem="4 language families with all properties; it takes 5")
    known = {"swa-Latn": {"fusion": 0.5, "premium": 1.234, "pretraining_size": 1.6}}
    return replace(
        small_table(),
        explained=Explanations(arms=(found, refused), properties=known, told=(f"Tokens: of {EVIL}.",)),
    )


def test_verdicts_are_sentences_with_families_and_what_is_missing(table):
    (title, remarks, grids), (_, refused, nothing), (_, told, _) = explained_sections(table)
    assert title == "nli"
    assert remarks[0] == "11 languages of 2 families (Indo-European 9, Uralic 2), 22 observations."
    assert remarks[1] == (
        f"Parity premium is {ASSOCIATED}: +2.0 [+1.0, +3.0] jointly, points a standard deviation (0.25)."
    )
    assert remarks[2] == (
        f"Fusion is {LIKE_SIZE}: +0.4 [−0.5, +1.3] jointly, +2.0 [+1.0, +3.0] alone, "
        "points a standard deviation (0.12)."
    )
    assert remarks[3] == "Without Niger-Congo the coefficient of parity premium has the other sign."
    assert remarks[4] == "The two predictors that are most alike are fusion and parity premium: correlation −0.61."
    assert remarks[5] == "Left out, since something of them is not known: deu-Latn (fusion)."
    assert [name for name, _ in grids[0].rows] == ["parity premium", "fusion"]
    assert [entry.main for entry in grids[0].rows[1][1]] == [
        "+2.0 ▲",
        "+2.0 ▲",
        "+0.4",
        "+0.2 to +0.8",
        "1.3",
        LIKE_SIZE,
    ]
    assert refused == ("No regression: 4 language families with all properties; it takes 5.",)
    assert nothing == ()
    assert told == (f"Tokens: of {EVIL}.",)


def test_the_languages_stand_with_their_properties_and_a_dash_where_nothing_is_known(table):
    *_, (_, _, (grid,)) = explained_sections(table)
    swahili = dict(grid.rows)["Swahili, swa-Latn"]
    assert grid.columns[:2] == ("nli", "squad_v1")
    assert [entry.main for entry in swahili[2:]] == ["0.500", "1.23", "–", "–", "–", "1.6", "Niger-Congo"]
    assert grid.folded


def test_a_terminal_has_the_verdicts(table):
    premium, fusion, refused = explained_lines(table)
    assert premium.startswith(f"nli: Parity premium is {ASSOCIATED}: +2.0")
    assert fusion.startswith(f"nli: Fusion is {LIKE_SIZE}: +0.4")
    assert refused == "squad_v1: no regression over languages: 4 language families with all properties; it takes 5."
    assert list(explained_lines(small_table())) == []


@pytest.mark.parametrize("name", ["md", "html"])
def test_a_report_has_it_and_escapes_names(table, name):
    text = registry.find("reports", name).render(table, RunInfo(name="run"))
    assert "What goes with the gains" in text
    assert LIKE_SIZE in text
    assert EVIL not in text
    plain = registry.find("reports", name).render(small_table(), RunInfo(name="run"))
    assert "What goes with the gains" not in plain
