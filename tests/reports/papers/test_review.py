"""The review: every check passes, fails or does not apply, by what the run has; the score counts them."""

from dataclasses import replace

import pytest
from small_report import degenerate, small_table
from synthetic_counts import cell

from xstilts.analysis.answers import Answer, Contrast
from xstilts.analysis.claims.judged import AFTER, BEFORE, Judged, Registration
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.provenance import RunInfo
from xstilts.reports.papers.review import CHECKS, FAILED, NOT_APPLICABLE, PASSED, review, review_grid, score

KINDS = {asks: check.__name__ for asks, check in CHECKS.items()}


def outcomes(table, info):
    return {KINDS[one.asks]: (one.outcome, one.evidence) for one in review(table, info)}


@pytest.fixture(scope="module")
def whole():
    cells = [
        cell(arm, "xnli", language, seed, rate=rate)
        for arm, rate in (("none", 0.5), ("nli", 0.7), ("qa", 0.6))
        for language in ("eng-Latn", "swa-Latn", "rus-Cyrl", "tur-Latn")
        for seed in (1, 2, 3)
    ]
    return gain_matrix(cells, [], source_languages={"xnli": "eng-Latn"}, replicates=50)


INFO = RunInfo(name="x", experiment="targets:\n- {name: xnli, task: xnli}\n", model="mini")


def test_a_whole_run_passes(whole):
    found = outcomes(whole, INFO)
    for name in (
        "_baseline",
        "_complete",
        "_seeds",
        "_intervals",
        "_corrected",
        "_degenerate",
        "_varied",
        "_stand_ins",
    ):
        assert found[name][0] == PASSED, (name, found[name])
    assert found["_whole"] == (PASSED, "no limit is set")
    assert found["_licences"][0] == PASSED
    assert found["_looked_for"][0] == FAILED
    assert found["_clean"][0] == NOT_APPLICABLE


def test_a_run_with_gaps_fails_where_they_are(table, info):
    found = outcomes(table, info)
    assert found["_complete"] == (FAILED, "15 of 18 cells have a score")
    assert found["_seeds"][0] == FAILED
    assert found["_stand_ins"] == (FAILED, "xnli and xquad trains on English TyDiQA")
    assert found["_alike"][0] == FAILED
    assert found["_degenerate"] == (PASSED, "none was found")
    assert "seed 12" in outcomes(degenerate(table), info)["_degenerate"][1]


@pytest.mark.parametrize(
    ("budget", "evidence"),
    [
        ("budget: {max_eval_examples: 40}", "at most 40 examples of each test set and language"),
        ("profile: tiny", "the profile is tiny"),
    ],
)
def test_samples_of_test_sets_fail(whole, budget, evidence):
    info = replace(INFO, experiment=f"{INFO.experiment}{budget}\n")
    assert outcomes(whole, info)["_whole"] == (FAILED, evidence)


def test_a_data_set_of_the_users_own_has_no_known_licence(whole):
    experiment = "intermediate:\n- {name: mine, task: {files: [a.csv]}}\n" + INFO.experiment
    assert outcomes(whole, replace(INFO, experiment=experiment))["_licences"] == (FAILED, "not known here: mine")


def claim(name, status, departures=()):
    return Judged(
        name=name,
        text="t",
        sha256="0",
        run="x",
        verdict="supported",
        about=True,
        departures=departures,
        registration=Registration(status=status),
    )


def test_claims_have_to_be_registered_and_at_their_scale(whole):
    assert outcomes(whole, INFO)["_registered"][0] == NOT_APPLICABLE
    good = outcomes(whole, replace(INFO, claims=[claim("C1", BEFORE)]))
    assert (good["_registered"][0], good["_its_model"][0]) == (PASSED, PASSED)
    mixed = outcomes(whole, replace(INFO, claims=[claim("C1", BEFORE), claim("C2", AFTER, ("another model",))]))
    assert mixed["_registered"] == (FAILED, "1 of 2 tested claims")
    assert mixed["_its_model"] == (FAILED, "1 of 2 claims about a certain model or scale")


def test_power_is_asked_of_a_question_that_says_what_matters(whole):
    def found(matters):
        contrast = Contrast(arm="nli", against="none", overall=whole.average("nli", None))
        answer = Answer(text="?", contrasts=(contrast,), matters=matters)
        return outcomes(replace(whole, answer=answer), INFO)["_power"]

    assert found(None)[0] == NOT_APPLICABLE
    assert found(0.5)[0] == PASSED
    assert found(0.0001)[0] == FAILED


def test_the_score_counts_the_checks_that_apply(whole):
    checks = review(whole, INFO)
    apply = [one for one in checks if one.outcome != NOT_APPLICABLE]
    passed = sum(one.outcome == PASSED for one in apply)
    assert score(checks).startswith(f"{passed} of {len(apply)} checks passed; {len(checks) - len(apply)} do not apply")
    assert len(review_grid(checks).rows) == len(CHECKS) == len(checks)
    assert all(one.evidence for one in checks)


def test_an_empty_run_is_reviewed():
    empty = gain_matrix([], source_languages={})
    assert {one.outcome for one in review(empty, RunInfo(name="empty"))} >= {FAILED, NOT_APPLICABLE}
    assert review(small_table(seeds=(1,), replicates=20), RunInfo(name="one"))
