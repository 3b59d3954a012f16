"""A search on real trainings: within its budget, without a test row, and taken up again where it was."""

import json
from pathlib import Path

import pytest

from xstilts.analysis.rungs import Trial, possible
from xstilts.cli import main
from xstilts.errors import ConfigError
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs import searching
from xstilts.runs.planning import expected_flops, flops_of

EXPERIMENT = """\
name: searched
model: scratch:tiny
intermediate:
  - {name: nli, task: micro_nli}
  - {name: long, task: micro_nli, budget: {max_train_examples: 96}}
  - {name: pos, task: micro_pos}
  - {name: after, task: micro_pos, after: nli}
targets: [micro_paraphrase, {name: short, task: micro_paraphrase, recipe: {max_steps: 4, selection: {every: 2}}}]
languages: [en, de]
seeds: [11, 12]
recipe: {learning_rate: 1.0e-3, batch_size: 8, epochs: 2, max_length: 48, precision: fp32}
budget: {max_train_examples: 32, max_eval_examples: 10}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    (folder / "searched.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return folder


def trials(folder, *settings, store="store"):
    experiment = load_experiment(folder / "searched.yaml", settings)
    return searching.trials_of(experiment, data=None, store=Store(folder / store), cores=1)


def test_a_share_of_an_experiment_is_a_share_of_every_training(folder):
    found = trials(folder)
    whole, half = found.whole, found.study(0.5)
    limits = [
        {
            (node.label.split(" · ")[0]): (
                node.params["tasks"][0]["train"]["limit"],
                node.params["recipe"]["max_steps"],
            )
            for node in study.nodes
            if "tasks" in node.params
        }
        for study in (whole, half)
    ]
    assert limits[0]["single_task nli"] == (32, None)
    assert limits[1]["single_task nli"] == (16, None)
    assert limits[1]["single_task long"] == (48, None)
    assert (limits[0]["fine_tuning short ← nli"], limits[1]["fine_tuning short ← nli"]) == ((32, 4), (16, 2))
    assert {node.key for node in trials(folder).whole.nodes} == {node.key for node in whole.nodes}


def test_only_targets_with_dev_scores_choose(folder):
    assert trials(folder).targets == ("micro_paraphrase",)  # the other one keeps its last weights
    with pytest.raises(ConfigError, match=r"recipe\.selection\.every: arms are searched by their dev scores"):
        trials(folder, "recipe.epochs=1")


def test_what_trials_share_counts_once(folder):
    found = trials(folder)
    alone = {arm: found.cost([], final=arm) for arm in found.arms}
    base = alone["nli"] - sum(
        found._price(node.key)
        for node in found.whole.nodes
        if node.label.endswith(("← nli · seed 11", "← nli · seed 12"))
    )
    assert alone["long"] > alone["nli"] > base
    # An arm that starts from another one brings that along, and together they are no dearer.
    both = [Trial(arm, 11, 1.0) for arm in ("nli", "after")]
    assert max(map(found.cost, ([one] for one in both))) <= found.cost(both) < sum(found.cost([one]) for one in both)


def test_mistakes_are_one_message_each(folder, capsys):
    file = str(folder / "searched.yaml")
    store = ["--store", str(folder / "store")]
    assert main(["search", file, *store, "--budget", "1e5"]) == 2
    said = capsys.readouterr().err
    assert "--budget: 1e+05 FLOPs are too few: the cheapest search of searched takes" in said
    cheapest = float(said.split("searched takes ")[1].split(",")[0])
    found = trials(folder)
    assert cheapest == pytest.approx(searching.priced(found)[-1]["flops"], rel=0.01)
    assert cheapest >= searching.priced(found)[-1]["flops"]
    assert main(["search", file, *store, "--budget", "-1"]) == 2
    assert "--budget: expected FLOPs, e.g. 1e15, not -1" in capsys.readouterr().err
    assert main(["search", file, *store, "--set", "intermediate=[micro_nli]", "--budget", "1e15"]) == 2
    assert "has one arm: there is nothing to choose among (xstilts run runs it)" in capsys.readouterr().err


def test_without_a_budget_it_says_what_searches_cost(folder, capsys):
    store = ["--store", str(folder / "store")]
    assert main(["search", str(folder / "searched.yaml"), *store, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    costs = [one["flops"] for one in said["searches"]]
    assert costs == sorted(costs, reverse=True)
    assert "4 × 2 seeds" in [one["rungs"] for one in said["searches"]]
    assert said["grid_planned"] == pytest.approx(sum(expected_flops(trials(folder).whole).values()))


@pytest.mark.slow
def test_a_search_stays_within_its_budget_and_is_taken_up_again(folder, capsys, monkeypatch):
    """Four arms, two rungs: what nodes took is within the budget; the second call trains nothing and says the same."""
    monkeypatch.chdir(folder)
    whole = trials(folder)
    prices = [one["flops"] for one in searching.priced(whole)]
    budget = 1.05 * prices[-3]
    command = [
        "search",
        "searched.yaml",
        "--store",
        "kept",
        "--budget",
        str(budget),
        "--cores",
        "1",
        "--quiet",
        "--json",
    ]
    assert main([*command, "--out", "out"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["spent"] <= budget
    assert first["run_in_full"]
    assert [len(rung["arms"]) for rung in first["rungs"]] == [4, 2]
    assert (
        first["rungs"][0]["share"] * first["rungs"][0]["seeds"]
        < first["rungs"][1]["share"] * first["rungs"][1]["seeds"]
    )
    store = Store(folder / "kept")
    manifests = list(store.ls())
    assert first["spent"] == pytest.approx(took(folder, store, manifests))
    # Test rows were read by the evaluations of the last run alone: of the arm that was chosen, and the baseline.
    tested = {one["label"] for one in manifests if one["kind"] == "zero_shot"}
    assert tested
    assert all(f"← {first['chosen']}" in label or "← none" in label for label in tested)
    assert json.loads(Path("out/search.json").read_text(encoding="utf-8")) == first
    report = Path("out/report.md").read_text(encoding="utf-8")
    assert f"{first['chosen']} was chosen among 4 arms" in report
    before = {one["key"]: one["created"] for one in manifests}
    assert main([*command, "--out", "again"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert {one["key"]: one["created"] for one in store.ls()} == before


def took(folder, store, manifests):
    """FLOPs of everything in a store, by the tokens that were counted: of every share that a search can give."""
    found = trials(folder, store="kept")
    total = {}
    for share in {stage.level.share for stages in possible(4, 2) for stage in stages} | {
        stage.level.share for stages in possible(2, 2) for stage in stages
    }:
        study = found.study(share)
        here = [node for node in study.nodes if store.has(node.key)]
        total |= flops_of(here, store, study.reference)
    assert {one["key"] for one in manifests if one["kind"] in ("single_task", "fine_tuning", "zero_shot")} <= set(total)
    return sum(total.values())
