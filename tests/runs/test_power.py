"""The smallest gain that a planned run could see, as is assumed and as an earlier run varied."""

import pytest

import studies
from xstilts.analysis.comparisons import ArmGain, Comparisons
from xstilts.analysis.power import Spread, planned
from xstilts.errors import UserError
from xstilts.runs.power import ALL, as_assumed, from_a_run

VARIED = Spread(seeds=0.02**2, items=0.2, rest=0.2)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("power")).build()


@pytest.fixture(scope="module")
def targets(built):
    return list(dict.fromkeys(one.target for one in built.evaluations))


def test_every_target_has_a_row_and_seeds_that_differ_more_see_less(built, targets):
    rows = as_assumed(built)
    assert [row["target"] for row in rows] == targets
    for row in rows:
        assert row["tested"] == min(
            int(one.node.estimate["tested"]) for one in built.evaluations if one.target == row["target"]
        )
        if row["tested"] > 1:
            assert 0 < row["0.0"] <= row["3.9"] or row["seeds"] == 1


def test_a_finished_run_says_how_much_gains_vary(built, targets):
    arm = ArmGain(
        arm="nli",
        few_shot=False,
        gain=0.01,
        crossed=(0.0, 0.02),
        components=(0.0, 0.02),
        freedom=4.0,
        chosen=None,
        smallest=0.02,
        seeds=2,
        spread=VARIED,
        clusters=10,
    )
    rows = from_a_run(built, Comparisons(arms=(arm,), spreads=dict.fromkeys(targets, VARIED)))
    assert [row["target"] for row in rows] == [ALL, *targets]
    seeds = len(built.experiment.seeds)
    for row in rows:
        assert row["sd_over_seeds"] == 2.0
        if row["tested"] > 1:
            assert row[f"with_{seeds}"] == round(100 * planned(VARIED, seeds=seeds, clusters=row["tested"]), 2)
            assert row["with_10"] < row["with_5"]
    some = from_a_run(built, Comparisons(arms=(arm,), spreads={targets[0]: VARIED}))
    assert [row["target"] for row in some] == targets[:1]


@pytest.mark.parametrize("found", [None, Comparisons(spreads={"lareqa": VARIED})])
def test_a_run_on_other_targets_says_nothing(built, found):
    with pytest.raises(UserError, match="--like: that run has no gain on"):
        from_a_run(built, found)
