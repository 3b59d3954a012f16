"""A search on real trainings: within its budget, without a test row, and taken up again where it was."""

import json
from pathlib import Path

import pytest

from xstilts.analysis.rungs import Trial
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


def trials(folder, *settings):
    experiment = load_experiment(folder / "searched.yaml", settings)
    return searching.trials_of(experiment, data=None, store=Store(folder / "store"), cores=1)


def test_a_share_of_an_experiment_is_a_share_of_every_training(folder):
    found = trials(folder)

    def given(node):
        return node.params["tasks"][0]["train"]["limit"], node.params["recipe"]["max_steps"]

    def arm(study, name):
        return given(next(node for node in study.nodes if node.label == f"single_task {name} · seed 11"))

    def tuned(study):
        nodes = [one.node.parents["model"] for one in study.evaluations if (one.arm, one.target) == ("nli", "short")]
        return given(nodes[0])

    whole, half = found.whole, found.study(0.5)
    assert (arm(whole, "nli"), arm(whole, "long"), tuned(whole)) == ((32, None), (96, None), (32, 4))
    assert (arm(half, "nli"), arm(half, "long"), tuned(half)) == ((16, None), (48, None), (16, 2))
    assert {node.key for node in whole.nodes} == {node.key for node in found.built(1.0).nodes}


def test_only_targets_with_dev_scores_choose(folder):
    assert trials(folder).targets == ("micro_paraphrase",)  # the other one keeps its last weights
    with pytest.raises(ConfigError, match=r"recipe\.selection\.every: arms are searched by their dev scores"):
        trials(folder, "recipe.epochs=1")


def test_what_trials_share_counts_once(folder):
    found = trials(folder)
    assert found.cost([], final="long") > found.cost([], final="nli")
    # An arm that starts from another one brings that along, and together they are no dearer.
    both = [Trial(arm, 11, 1.0) for arm in ("nli", "after")]
    alone = [found.cost([one]) for one in both]
    assert max(alone) < found.cost(both) < sum(alone)
    assert found.cost(both * 2) == found.cost(both)


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
    assert len(first["rungs"][0]["arms"]) == 4
    store = Store(folder / "kept")
    manifests = list(store.ls())
    assert first["spent"] == pytest.approx(took(folder, store, manifests, first["rungs"]))
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


def took(folder, store, manifests, rungs):
    """FLOPs of everything in a store, by the tokens that were counted."""
    found = trials(folder)
    total = {}
    for share in {1.0, *(rung["share"] for rung in rungs)}:
        study = found.study(share)
        here = [node for node in study.nodes if store.has(node.key)]
        total |= flops_of(here, store, study.reference)
    assert {one["key"] for one in manifests if one["kind"] in ("single_task", "fine_tuning", "zero_shot")} <= set(total)
    return sum(total.values())
