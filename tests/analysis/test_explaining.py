"""Which properties of languages go with a gain: planted effects are found, and intervals over few families hold."""

import collections

import numpy as np
import pytest

from xstilts import languages
from xstilts.analysis.cells import Cell
from xstilts.analysis.cluster_jackknife import fitted
from xstilts.analysis.explaining import FEWEST_FAMILIES, explain, explained_in
from xstilts.analysis.explanation import ASSOCIATED, LIKE_OTHERS, LIKE_SIZE, NOTHING, SIZE
from xstilts.analysis.table import Table

KNOWN = {one.id: one for one in languages.all_languages() if one.family and one.id != "eng-Latn"}
BENCHMARK = sorted(name for name, one in KNOWN.items() if "xtreme-r" in one.benchmarks)
FAMILIES = collections.Counter(KNOWN[name].family for name in BENCHMARK)


def table_of(gains, *, targets=("xnli", "udpos"), source="eng-Latn"):
    """A gain matrix of one arm whose gain in a language is given, and ten points more in the second target."""
    cells = [
        Cell(arm=arm, metric="accuracy", target=target, language=language, gain=extra if arm == "nli" else None)
        for place, target in enumerate(targets)
        for arm in ("none", "nli")
        for language, extra in [(source, 9.0), *((name, gain + 0.1 * place) for name, gain in gains.items())]
    ]
    return Table(cells=tuple(cells), source_languages=dict.fromkeys(targets, source))


def properties(names, *, seed=1, like_size=0.0):
    rng = np.random.default_rng(seed)
    found = {}
    for name in names:
        size = rng.normal()
        fusion = like_size * size + np.sqrt(1 - like_size**2) * rng.normal()
        found[name] = {"fusion": fusion, "premium": rng.normal(), SIZE: 10 ** (1 + size)}
    return found


def gains(of, *, fusion=0.0, size=0.0, noise=0.002, seed=2):
    rng = np.random.default_rng(seed)
    return {
        name: fusion * one["fusion"] + size * np.log10(one[SIZE]) + rng.normal(0, noise) for name, one in of.items()
    }


PREDICTORS = ("fusion", "premium", SIZE)


def test_a_planted_effect_is_found_and_the_others_are_not():
    of = properties(BENCHMARK)
    found = explain(table_of(gains(of, fusion=0.02)), "nli", PREDICTORS, of)
    by_name = {effect.predictor: effect for effect in found.effects}
    fusion = by_name["fusion"]
    assert fusion.verdict == ASSOCIATED
    assert fusion.jointly.value == pytest.approx(0.02 * fusion.spread, rel=0.1), "points a standard deviation"
    assert fusion.jointly.low < 0.02 * fusion.spread < fusion.jointly.high
    assert {by_name[name].verdict for name in ("premium", SIZE)} == {NOTHING}
    assert found.observations == 2 * len(BENCHMARK), "the source language is in neither target"
    assert found.families == dict(FAMILIES.most_common())
    assert set(fusion.jointly.without) == set(FAMILIES)
    assert fusion.jointly.smallest < fusion.jointly.value


def test_what_is_data_size_is_not_told_from_it():
    of = properties(BENCHMARK, like_size=0.9)
    found = explain(table_of(gains(of, size=0.01, noise=0.004)), "nli", ("fusion", SIZE), of)
    fusion, size = found.effects
    assert fusion.alone.sign == fusion.without_size.sign == 1
    assert (fusion.jointly.sign, fusion.verdict) == (0, LIKE_SIZE)
    assert size.verdict == ASSOCIATED
    assert found.closest[:2] in (("fusion", SIZE), (SIZE, "fusion"))
    assert found.closest[2] > 0.8


def test_two_predictors_that_are_alike_are_not_told_apart():
    of = properties(BENCHMARK)
    for place, one in enumerate(of.values()):
        one["premium"] = one["fusion"] + 0.05 * np.sin(7 * place)
    found = explain(table_of(gains(of, fusion=0.005, noise=0.008)), "nli", ("fusion", "premium"), of)
    assert {effect.verdict for effect in found.effects} == {LIKE_OTHERS}


def test_every_language_weighs_the_same():
    of = properties(BENCHMARK)
    once = table_of(gains(of, fusion=0.02))
    again = Table(
        cells=(*once.cells, *(c for c in table_of({BENCHMARK[0]: 0.5}, targets=("panx",)).cells)),
        source_languages={**once.source_languages, "panx": "eng-Latn"},
    )
    one, other = (explain(some, "nli", ("fusion",), of).effects[0].jointly.value for some in (once, again))
    assert one == pytest.approx(other, rel=0.05), "a target of one language says nothing: its intercept takes it"


def test_languages_of_which_something_is_not_known_are_left_out_by_name():
    of = properties(BENCHMARK)
    of["fin-Latn"]["fusion"] = None
    of["qqq-Zzzz"] = {"fusion": 0.3, "premium": 1.0, SIZE: 1.0}
    found = explain(table_of(gains(of | {"fin-Latn": {**of["fin-Latn"], "fusion": 0.0}})), "nli", PREDICTORS, of)
    assert found.left_out == {"fin-Latn": "fusion", "qqq-Zzzz": "family"}
    assert "fin-Latn" not in found.families


def test_too_few_families_are_refused():
    few = [name for name in BENCHMARK if KNOWN[name].family in {"Indo-European", "Uralic", "Dravidian", "Austronesian"}]
    of = properties(few)
    found = explain(table_of(gains(of)), "nli", ("fusion",), of)
    assert found.effects == ()
    assert found.problem == f"4 language families with all properties; it takes {FEWEST_FAMILIES}"
    more = [*few, "tur-Latn", *(name for name in BENCHMARK if KNOWN[name].family == "Altaic")]
    five = properties(dict.fromkeys(more))
    assert explain(table_of(gains(five)), "nli", ("fusion",), five).effects


def test_too_few_languages_beside_the_largest_family_are_refused():
    some = [name for name in BENCHMARK if KNOWN[name].family == "Indo-European"]
    some += ["fin-Latn", "tam-Taml", "ind-Latn", "tur-Latn"]
    of = properties(some)
    found = explain(table_of(gains(of)), "nli", PREDICTORS, of)
    assert found.problem == "4 languages without Indo-European; 3 predictors take 6"


def test_predictors_without_a_difference_are_refused():
    of = {name: {**one, "premium": 1.0} for name, one in properties(BENCHMARK).items()}
    assert explain(table_of(gains(of)), "nli", PREDICTORS, of).problem.startswith("the predictors cannot be told apart")


def test_a_run_that_does_not_ask_has_no_regression():
    of = properties(BENCHMARK)
    found = table_of(gains(of, fusion=0.02))
    assert explained_in({}, found) is None
    asked = explained_in({"explain": {"gain": ["fusion"], "languages": of, "told": ["So."]}}, found)
    assert [one.arm for one in asked.arms] == ["nli"]
    assert asked.told == ("So.",)
    said = asked.as_object()["nli"]["predictors"]["fusion"]
    assert said["verdict"] == ASSOCIATED
    assert said["jointly"]["low"] < said["jointly"]["value"] < said["jointly"]["high"]


@pytest.mark.parametrize("families", [["big"] * 12 + ["a", "b", "c", "d", "d"], sorted(FAMILIES.elements())])
def test_intervals_cover_about_as_often_as_they_say(families):
    """Gains and predictors are alike within families; the largest holds two thirds, or a third, of the languages."""
    rng = np.random.default_rng(5)
    names = sorted(set(families))
    of = np.array([names.index(name) for name in families])
    rows = np.repeat(np.arange(len(families)), 2)
    covered, trials = 0, 120
    for _ in range(trials):
        shared = rng.normal(0, 0.7, (3, len(names)))[:, of]
        predictors = (shared + rng.normal(0, 0.7, shared.shape)).T
        outcome = 0.5 * predictors[:, 0] + rng.normal(0, 0.7, len(names))[of] + rng.normal(0, 0.7, len(families))
        fit = fitted(
            outcome[rows] + rng.normal(0, 0.3, len(rows)),
            predictors[rows],
            groups=["t1", "t2"] * len(families),
            clusters=[families[row] for row in rows],
            weights=np.full(len(rows), 0.5),
        )
        low, high = fit.interval(0)
        covered += low <= 0.5 <= high
    assert 0.88 <= covered / trials <= 1.0
