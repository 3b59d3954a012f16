"""Fusion scores: what the table holds is what Grambank's authors published, and follows from Grambank's judgements.

The rule is that of `make_theo_score_fusion.R` in grambank/grambank-analysed: of the features whose boundness is not 0,
the mean of those that were judged, where a feature of boundness 0.5 that is present counts half; languages of which
more than a quarter of all features is missing have no score.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from xstilts import languages
from xstilts.languages.table import TABLE

FOLDER = Path(__file__).parent / "grambank"
FEATURES = 195
MOST_MISSING = Fraction(1, 4)
AGREEMENT = (170, 171, 172, 184, 185, 186)
"""Agreement in gender and in number: of adjectives, demonstratives and articles."""
WITHOUT_JUDGEMENTS = {"east2328", "kare1335", "indo1316"}
"""Published for another variety of the language than the one whose judgements are here."""


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


BOUNDNESS = {row["feature"]: Fraction(row["boundness"]) for row in _read("boundness.tsv")}
JUDGED = {row["glottocode"]: row for row in _read("values.tsv")}
PUBLISHED = {row["glottocode"]: float(row["fusion"]) for row in _read("published.tsv")}


def points(values: Mapping[str, str]) -> tuple[Fraction, int]:
    """The published rule: points of what is present, and features that were judged; values are 0, 1 or ``?``."""
    judged = {name: int(value) for name, value in values.items() if value != "?" and BOUNDNESS[name] != 0}
    return sum((BOUNDNESS[name] * value for name, value in judged.items()), Fraction(0)), len(judged)


def _known(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name.startswith("GB") and "|" not in name}


def _possible(row: Mapping[str, str]) -> set[tuple[Fraction, int]]:
    """Points and features of a language: of a pair of agreement features it is known only whether one is present."""
    combinations = {"0": ["00"], "1": ["01", "10", "11", "1?", "?1"], "?": ["??", "0?", "?0"]}
    found, judged = points(_known(row))
    chosen = itertools.product(*(combinations[value] for name, value in row.items() if "|" in name))
    together = {"".join(values) for values in chosen}
    return {(found + some.count("1"), judged + len(some) - some.count("?")) for some in together}


def test_the_features_that_count() -> None:
    weights = list(BOUNDNESS.values())
    assert (weights.count(Fraction(1)), weights.count(Fraction(1, 2)), weights.count(Fraction(0))) == (55, 6, 16)
    counted = {f"GB{number}" for number in AGREEMENT} | set(_known(next(iter(JUDGED.values()))))
    assert counted == {name for name, weight in BOUNDNESS.items() if weight}


def test_the_table_holds_what_was_published() -> None:
    held = {each.glottocode: each.fusion for each in languages.all_languages() if each.fusion is not None}
    assert set(held) == set(PUBLISHED)
    for glottocode, score in held.items():
        assert score == pytest.approx(PUBLISHED[str(glottocode)], abs=1e-12)


def test_judgements_without_agreement_reproduce_the_published_score_exactly() -> None:
    exact = {
        glottocode: points({**_known(row), **dict.fromkeys(map("GB{}".format, AGREEMENT), "0")})
        for glottocode, row in JUDGED.items()
        if glottocode in PUBLISHED and all(value == "0" for name, value in row.items() if "|" in name)
    }
    assert len(exact) == 24
    assert {"nucl1301", "mand1415", "nucl1643", "kore1280", "esto1258"} & set(exact)
    for glottocode, (found, judged) in exact.items():
        assert float(found / judged) == pytest.approx(PUBLISHED[glottocode], abs=1e-12), glottocode


def test_ancient_greek_whose_agreement_is_known() -> None:
    """Its whole sheet is a fixture of grambank/rgrambank: it agrees in all six; that package's own test says 0.4836."""
    found, judged = points({**_known(JUDGED["anci1242"]), **dict.fromkeys(map("GB{}".format, AGREEMENT), "1")})
    assert round(float(found / judged), 4) == 0.4836
    assert languages.get("grc-Grek").fusion == pytest.approx(float(found / judged))


@pytest.mark.parametrize("glottocode", sorted(set(PUBLISHED) - WITHOUT_JUDGEMENTS))
def test_every_published_score_follows_from_the_judgements(glottocode: str) -> None:
    possible = {float(found / judged) for found, judged in _possible(JUDGED[glottocode])}
    assert any(score == pytest.approx(PUBLISHED[glottocode], abs=1e-12) for score in possible)


def test_the_numbers_of_the_table_are_points_and_judged_features() -> None:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = {row["grambank"]: row["fusion"] for row in csv.DictReader(lines, delimiter="\t") if row["fusion"]}
    for glottocode in set(rows) - WITHOUT_JUDGEMENTS:
        found, judged = rows[glottocode].split("/")
        assert (Fraction(found), int(judged)) in _possible(JUDGED[glottocode]), glottocode


def test_languages_of_which_too_much_is_missing_have_no_score() -> None:
    sparse = {code for code, row in JUDGED.items() if Fraction(int(row["missing"]), FEATURES) > MOST_MISSING}
    assert {"thai1261", "viet1252", "telu1262", "taga1270"} <= sparse
    assert sparse & set(PUBLISHED) <= WITHOUT_JUDGEMENTS
    assert set(JUDGED) - sparse <= set(PUBLISHED)
    by_code = {each.glottocode: each for each in languages.all_languages() if each.glottocode}
    for code in sparse - WITHOUT_JUDGEMENTS:
        assert by_code[code].fusion is None


@pytest.mark.parametrize(("id_", "fusion"), [("eng-Latn", 0.295), ("fin-Latn", 0.369), ("tur-Latn", 0.434)])
def test_spot_checks(id_: str, fusion: float) -> None:
    assert languages.get(id_).fusion == pytest.approx(fusion, abs=5e-4)


@pytest.mark.parametrize("id_", ["deu-Latn", "afr-Latn", "ben-Beng", "spa-Latn", "urd-Arab", "vie-Latn", "que-Latn"])
def test_what_grambank_does_not_score_is_missing(id_: str) -> None:
    assert languages.get(id_).fusion is None
