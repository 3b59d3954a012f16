"""Trainings that came out near nothing are found, healthy ones are left alone."""

import numpy as np
import pytest
from synthetic_runs import answers, curve, spans

from xstilts.analysis.degenerate import degenerate_runs
from xstilts.analysis.evidence import DEGENERATE, HALF, standard_errors

ARMS, SEEDS = ("none", "nli", "qamr"), (11, 12, 13)


def found(runs=(), curves=()):
    return {(one.arm, one.target, one.seed): one for one in degenerate_runs(list(runs), list(curves))}


def healthy(**more):
    return [answers(arm, seed, **more) for arm in ARMS for seed in SEEDS]


# By their answers.


def test_one_answer_to_everything():
    bad = answers("multi", 12, rate=0.33, one=0.97)
    named = found([*healthy(), answers("multi", 11), bad])
    assert list(named) == [("multi", "xnli", 12)]
    one = named["multi", "xnli", 12]
    assert one.level == DEGENERATE
    assert one.sentence.startswith("multi × xnli, seed 12, is degenerate: answers “neutral” for 9")
    assert "% of 150 items in eng-Latn, where the gold has it for 33.3 %" in one.evidence
    assert "(33.3 % for always giving the commonest answer)" in one.evidence
    assert one.as_object()["seed"] == 12


def test_mostly_one_answer_is_half_of_it():
    named = found([*healthy(), answers("multi", 12, rate=0.6, one=0.65)])
    assert named["multi", "xnli", 12].level == HALF


def test_where_every_training_does_so_nobody_is_singled_out():
    runs = [answers(arm, seed, rate=0.6, one=0.65) for arm in ARMS for seed in SEEDS]
    assert not found(runs)


def test_a_skewed_gold_is_no_accident():
    run = answers("none", 11, rate=0.9)
    skewed = type(run)(**{**run.__dict__, "share": 0.93, "gold_share": 0.9, "answer": "no"})
    assert not found([skewed])


def test_a_score_that_is_luck_where_the_others_is_not():
    named = found([*healthy(), answers("multi", 11, rate=0.34), answers("multi", 12)])
    assert list(named) == [("multi", "xnli", 11)]
    assert named["multi", "xnli", 11].level == DEGENERATE
    assert "within luck of the 33.3 % for one answer to all; the other trainings score" in (
        named["multi", "xnli", 11].evidence
    )


def test_less_than_half_the_way_of_the_other_seeds():
    runs = [answers("none", 11, rate=0.85, n=400), answers("none", 12, rate=0.5, n=400)]
    named = found(runs)
    assert list(named) == [("none", "xnli", 12)]
    assert named["none", "xnli", 12].level == HALF
    assert "% of the way from the 33.5 % for one answer to all to the" in named["none", "xnli", 12].evidence
    assert named["none", "xnli", 12].evidence.endswith("of its other seeds")


def test_all_seeds_of_an_arm_are_measured_by_the_baseline():
    runs = [answers("none", seed, rate=0.8, n=400) for seed in SEEDS]
    runs += [answers("multi", seed, rate=0.45, n=400) for seed in SEEDS]
    assert set(found(runs)) == {("multi", "xnli", seed) for seed in SEEDS}


def test_the_baseline_is_not_measured_by_arms_that_help():
    runs = [answers("none", seed, rate=0.5, n=400) for seed in SEEDS]
    runs += [answers(arm, seed, rate=0.85, n=400) for arm in ("nli", "multi") for seed in SEEDS]
    assert not found(runs)


@pytest.mark.parametrize(("score", "level"), [(0.01, DEGENERATE), (0.08, DEGENERATE), (0.2, HALF), (0.3, None)])
def test_spans(score, level):
    runs = [spans("none", seed, score=0.5) for seed in SEEDS] + [spans("multi", 11, score=score)]
    named = found(runs)
    assert {one.level for one in named.values()} == ({level} if level else set())
    if score == 0.2:
        assert "of the way from zero to the" in named["multi", "tydiqa", 11].evidence


def test_questions_that_get_no_answer():
    runs = [spans("none", seed, score=0.5) for seed in SEEDS] + [spans("multi", 11, score=0.0, share=0.96)]
    assert found(runs)["multi", "tydiqa", 11].evidence.startswith("answers nothing for 96.0 % of 100 items")


def test_nothing_is_concluded_from_few_items():
    assert not found([answers("multi", 12, rate=0.33, one=1.0, n=18), *healthy(n=18)])
    assert standard_errors(np.ones(40), ["one"] * 40) is None
    assert standard_errors(np.zeros(40), [str(i) for i in range(40)]) == 0.0


def test_the_items_of_a_cluster_count_once():
    alone = standard_errors(np.ones(80), [str(i) for i in range(80)])
    paired = standard_errors(np.ones(80), [str(i // 2) for i in range(80)])
    assert alone == pytest.approx(80**0.5)
    assert paired == pytest.approx(40**0.5)


def test_healthy_studies_raise_hardly_any_alarm():
    """Arms whose rates differ by some points, seeds by some more: what a study without accidents looks like."""
    rng, alarms, trainings = np.random.default_rng(7), 0, 0
    for study in range(150):
        level = rng.uniform(0.5, 0.8)
        rates = {arm: level + rng.normal(0, 0.04) for arm in ARMS}
        runs = [
            answers(arm, seed, rate=rate + rng.normal(0, 0.025), noise=study)
            for arm, rate in rates.items()
            for seed in SEEDS
        ]
        alarms += len(found(runs))
        trainings += len(runs)
    assert (alarms, trainings) == (17, 1350), "docs/degenerate-runs.md says so"


# By their losses.


def test_a_loss_that_stays_is_found_without_any_peer():
    named = found(curves=[curve("nli", 11, end=1.1, targets=(), guess=np.log(3))])
    one = named["nli", None, 11]
    assert one.level == DEGENERATE
    assert one.name == "nli, intermediate training, seed 11"
    assert "is still that of guessing after 63 steps (1.0" in one.evidence
    assert ", guessing: 1.10)" in one.evidence
    flat = found(curves=[curve("qamr", 11, start=4.0, end=4.0, targets=())])["qamr", None, 11]
    assert "its training loss did not fall over 63 steps (4.0" in flat.evidence


def test_the_same_training_elsewhere_is_quoted():
    named = found(curves=[curve("none", 11, end=1.1), curve("none", 12), curve("nli", 11)])
    assert list(named) == [("none", "xnli", 11)]
    assert "; of the same rows, none seed 12 0.9" in named["none", "xnli", 11].evidence


def test_a_loss_that_begins_where_others_end_has_nothing_to_fall():
    curves = [curve("none", 11, start=1.1, end=0.6), curve("none", 12, start=1.1, end=0.6)]
    assert not found(curves=[*curves, curve("same", 11, start=0.4, end=0.4, noise=0.02)])


def test_a_loss_that_falls_less_than_half_as_far():
    curves = [curve("none", seed, end=0.7) for seed in SEEDS]
    named = found(curves=[*curves, curve("multi", 11, end=1.0), curve("multi", 12, end=0.68)])
    assert list(named) == [("multi", "xnli", 11)]
    assert named["multi", "xnli", 11].level == HALF
    assert "fell less than half as far" in named["multi", "xnli", 11].evidence


def test_all_seeds_are_measured_by_the_baselines_loss_and_the_baseline_by_none():
    none = [curve("none", seed, end=0.7) for seed in SEEDS]
    multi = [curve("multi", seed, end=1.0) for seed in SEEDS]
    assert {place[0] for place in found(curves=none + multi)} == {"multi"}
    weak = [curve("none", seed, end=1.0) for seed in SEEDS]
    strong = [curve("multi", seed, end=0.5) for seed in SEEDS]
    assert not found(curves=weak + strong)


def test_other_rows_are_no_measure():
    assert not found(curves=[curve("none", 11, end=0.4, group="a"), curve("none", 12, end=1.0, group="b")])


def test_one_training_that_serves_two_targets_is_named_for_both():
    named = found(curves=[curve("none", 11, start=4.5, end=4.5, targets=("tydiqa", "xquad"))])
    assert set(named) == {("none", "tydiqa", 11), ("none", "xquad", 11)}


def test_short_trainings_and_unsplit_mixtures_are_not_judged_by_their_beginning():
    assert not found(curves=[curve("nli", 11, end=1.1, steps=19)])
    assert not found(curves=[curve("multi", 11, start=2.0, end=2.3, targets=(), mixed=True)])
    falls = [curve("multi", seed, start=3.0, end=1.5, targets=(), mixed=True) for seed in (11, 12)]
    stays = curve("multi", 13, start=3.0, end=2.8, targets=(), mixed=True)
    assert list(found(curves=[*falls, stays])) == [("multi", None, 13)]


def test_losses_that_fall_raise_no_alarm():
    rng = np.random.default_rng(3)
    for study in range(60):
        curves = [
            curve(arm, 100 * study + seed, start=1.12 + rng.normal(0, 0.01), end=end + rng.normal(0, 0.02))
            for arm, end in (("none", 0.9), ("nli", 0.7), ("qamr", 0.87))
            for seed in SEEDS
        ]
        assert not found(curves=curves)


# Both together.


def test_evidence_is_put_together():
    runs = [*healthy(), answers("multi", 12, rate=0.33, one=0.97)]
    curves = [curve("none", 11), curve("multi", 12, end=1.1, guess=np.log(3))]
    (one,) = found(runs, curves).values()
    assert one.evidence.count("; ") >= 2
    assert "answers “neutral”" in one.evidence
    assert "still that of guessing" in one.evidence


def test_answers_that_are_clearly_better_than_one_answer_speak_for_a_training():
    curves = [curve("none", 11, end=1.1, guess=np.log(3))]
    assert found([answers("none", 11, rate=0.6)], curves)["none", "xnli", 11].level == HALF
    assert found([], curves)["none", "xnli", 11].level == DEGENERATE


def test_the_arms_own_trainings_come_first():
    curves = [curve("none", 11, end=1.1), curve("nli", 11, end=1.1, targets=(), group="own")]
    assert list(found(curves=curves)) == [("nli", None, 11), ("none", "xnli", 11)]
