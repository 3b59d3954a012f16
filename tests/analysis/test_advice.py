"""Advice for a target: the nearest gains decide, runs and models are not pooled, and what it was worth is measured."""

import numpy as np
import pytest

from xstilts.analysis.advice import HELPS, HURTS, UNCLEAR, UNKNOWN, Known, Wanted, advised, scores
from xstilts.analysis.advice_worth import worth
from xstilts.analysis.bootstrap import Sampled


def gain(mean, *, spread=0.004, seed=0):
    """A gain over three seeds, with replicates around it."""
    rng = np.random.default_rng([seed, round(1e6 * abs(mean))])
    seeds = {11 + i: mean + spread * shift for i, shift in enumerate((-1, 0, 1))}
    fixed = mean + rng.normal(size=400) * spread
    crossed = fixed + rng.normal(size=400) * spread
    return Sampled(mean=mean, by_seed=seeds, fewest=3, clusters=200, crossed=crossed, fixed=fixed)


def known(gains, run="r", **more):
    of_arms = {
        arm: {
            target: {language: gain(value, spread=more.get("spread", 0.002)) for language, value in of_target.items()}
            for target, of_target in of_arm.items()
        }
        for arm, of_arm in gains.items()
    }
    targets = {target: target for of_arm in gains.values() for target in of_arm}
    kinds = {
        "xnli": "pair_classification",
        "pawsx": "pair_classification",
        "udpos": "tagging",
        "xquad": "extractive_qa",
    }
    own = more.pop("own", {})
    more.pop("spread", None)
    return Known(run=run, model="m", scale="3 seeds", gains=of_arms, tasks=targets, kinds=kinds, own=own, **more)


NLI = Wanted(target="xnli", kind="pair_classification", languages=("swa-Latn", "deu-Latn"))


def test_the_nearest_gains_speak_for_an_arm():
    run = known(
        {
            "near": {"xnli": {"swa-Latn": 0.02, "fra-Latn": -0.5}, "pawsx": {"swa-Latn": -0.5}},
            "family": {"xnli": {"nld-Latn": 0.03, "tur-Latn": -0.5}},
            "kind": {"pawsx": {"deu-Latn": 0.04}, "udpos": {"deu-Latn": -0.5}},
            "other": {"udpos": {"tur-Latn": -0.05}},
        }
    )
    found = {one.arm: one for one in advised([run], NLI, ["new"])}
    assert list(found) == ["kind", "family", "near", "new", "other"]
    assert [found[arm].evidence[0].level for arm in ("near", "family", "kind", "other")] == [0, 1, 3, 8]
    assert found["near"].evidence[0].languages == ("swa-Latn",)
    assert found["kind"].evidence[0].nearness == "targets of its kind, in these languages"
    assert (found["new"].verdict, found["other"].verdict) == (UNKNOWN, HURTS)
    assert found["near"].verdict == HELPS


def test_runs_are_not_pooled_and_the_nearest_then_the_narrowest_speaks():
    far = known({"a": {"pawsx": {"swa-Latn": 0.09}}}, "far")
    wide = known({"a": {"xnli": {"swa-Latn": 0.05}}}, "wide", spread=0.05)
    narrow = known({"a": {"xnli": {"swa-Latn": 0.01}}}, "narrow", spread=0.001)
    (one,) = advised([far, wide, narrow], NLI)
    assert [evidence.run for evidence in one.evidence] == ["narrow", "wide", "far"]
    assert one.evidence[0].gain == pytest.approx(0.01)
    assert advised([wide], NLI)[0].verdict == UNCLEAR


def test_the_targets_own_training_set_is_no_source():
    run = known({"a": {"xnli": {"swa-Latn": 0.01}}, "b": {"xnli": {"swa-Latn": 0.2}}}, own={"xnli": frozenset({"b"})})
    first, second = advised([run], NLI)
    assert (first.arm, second.arm, second.own, second.evidence) == ("a", "b", True, ())


def test_predictors_order_what_was_never_measured():
    predicted = {("xnli", "swa-Latn"): {"logme": {"p": 1.0, "q": 2.0}, "size": {"p": 5.0, "q": 5.0}}}
    run = known({"a": {"xnli": {"swa-Latn": -0.001}}}, predicted=predicted)
    found = advised([run], NLI, ["n", "p", "q"])
    assert [one.arm for one in found] == ["a", "q", "p", "n"]
    assert [(rank.predictor, rank.place, rank.arms) for rank in found[2].ranks] == [("logme", 2, 2), ("size", 1.5, 2)]
    given = scores(found)
    assert given["a"] > given["q"] > given["p"] > given["n"]


def test_advice_that_holds_everywhere_costs_nothing():
    means = {"good": 0.05, "fair": 0.02, "bad": -0.03}
    targets = {"xnli": ("swa-Latn", "deu-Latn"), "pawsx": ("deu-Latn",), "udpos": ("tur-Latn",)}
    run = known({arm: {t: dict.fromkeys(spoken, mean) for t, spoken in targets.items()} for arm, mean in means.items()})
    average, _, *of_targets = worth([run])
    assert (average.target, average.targets, average.arms, average.k) == ("", 3, 3, 1)
    assert average.regret == pytest.approx(0)
    assert average.interval[0] == 0
    assert average.by_lot == pytest.approx((0 + 0.03 + 0.08) / 3)
    assert {one.target for one in of_targets} == set(targets)


def test_advice_that_misleads_costs_the_difference():
    gains = {
        "a": {"xnli": {"swa-Latn": 0.06}, "udpos": {"swa-Latn": 0.0}},
        "b": {"xnli": {"swa-Latn": 0.0}, "udpos": {"swa-Latn": 0.04}},
    }
    (average, *of_targets) = worth([known(gains)])
    assert average.regret == pytest.approx(0.05)
    assert average.interval[0] > 0
    assert average.by_lot == pytest.approx(0.025)
    assert [one.regret for one in of_targets] == pytest.approx([0.06, 0.04])


def test_nothing_is_claimed_of_advice_without_other_targets():
    assert worth([known({"a": {"xnli": {"swa-Latn": 0.1}}, "b": {"xnli": {"swa-Latn": 0.0}}})]) == ()
