"""An objective of somebody else's package: named in YAML, planned at its price, run, reported; found by its name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import studies
from xstilts.cli import main
from xstilts.pipeline.store import Store

PLUG_IN = Path(__file__).resolve().parents[1] / "plugin"
TASK = "{files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}"
EXPERIMENT = f"""\
name: objectives
model: scratch:tiny
intermediate:
  - {{name: nli, task: {TASK}}}
  - {{name: nli_uphill, task: {TASK}, objective: {{name: uphill, epsilon: 0.5}}}}
targets:
  - xnli
  - {{name: xnli_uphill, task: xnli, objective: uphill}}
languages: [en, de]
seeds: [11]
recipe: {{learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 64, precision: fp32}}
budget: {{max_train_examples: 16, max_eval_examples: 6}}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> studies.Study:
    return studies.write_study(tmp_path_factory.mktemp("objectives"), EXPERIMENT)


def xstilts(study, *arguments, installed: bool = True):
    code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
    paths = [str(PLUG_IN)] * installed + [os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=study.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )


def settled(study, command: str, *more, **options):
    return xstilts(study, command, "study.yaml", "--data", "data", "--store", "store", *more, **options)


@pytest.fixture
def here(study, plugin, capsys, monkeypatch):
    """Calls a command in this process, with the package: exit code, what it prints on stdout, and on stderr."""
    monkeypatch.chdir(study.folder)

    def call(command: str, *more) -> tuple[int, str, str]:
        code = main([command, "study.yaml", "--data", "data", "--store", "store", *more])
        return code, *capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def planned(study) -> dict[str, dict]:
    """Label → row of the plan."""
    done = settled(study, "plan", "--json")
    assert done.returncode == 0, done.stderr
    return {row["label"]: row for row in json.loads(done.stdout)["nodes"]}


@pytest.fixture(scope="module")
def finished(study, planned) -> Store:
    """The store after the run."""
    done = settled(study, "run", "--out", "out", "--cores", "1", "--json")
    assert done.returncode == 0, done.stderr
    nodes = json.loads(done.stdout)["nodes"]
    assert (nodes["failed"], nodes["not_run"]) == (0, 0)
    return Store(study.folder / "store")


def test_the_plan_prices_its_passes(planned):
    plain, twice = planned["single_task nli · seed 11"], planned["single_task nli_uphill · seed 11"]
    assert plain["key"] != twice["key"]
    assert plain["tokens"] == twice["tokens"]
    assert twice["flops"] == 2 * plain["flops"]


def test_masked_lm_beside_it_costs_what_it_did(here, planned):
    beside = ("intermediate.1.masked_lm.text=text/mono", "intermediate.1.masked_lm.share=0.2")
    costs = {}
    for name in ("uphill", "plain"):
        settings = [part for one in (*beside, f"intermediate.1.objective={name}") for part in ("--set", one)]
        code, out, err = here("plan", "--json", *settings)
        assert code == 0, err
        (costs[name],) = (row for row in json.loads(out)["nodes"] if row["kind"] == "with_masked_lm")
    assert costs["uphill"]["tokens"] == costs["plain"]["tokens"]
    assert costs["uphill"]["flops"] - costs["plain"]["flops"] == planned["single_task nli · seed 11"]["flops"]


@pytest.mark.slow
def test_it_trains_with_it_and_fine_tuning_does_too(finished, planned):
    plain, twice = (
        finished.open(planned[f"single_task {arm} · seed 11"]["key"]).json("training.json")["losses"]
        for arm in ("nli", "nli_uphill")
    )
    assert twice[0] > 1.5 * plain[0], "the loss that is reported is the sum of both passes'"
    params = [
        row["identity"]["params"]["objective"] for row in finished.ls() if "objective" in row["identity"]["params"]
    ]
    assert sorted(one["epsilon"] for one in params) == [0.5, 1.0, 1.0, 1.0], "one arm, and a target under three arms"
    versions = {row["identity"]["versions"].get("training.objectives.uphill") for row in finished.ls()}
    assert versions == {None, 1}


@pytest.mark.slow
def test_the_report_says_so(study, finished):
    run = study.folder / "out"
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "objective uphill (One step uphill; epsilon 0.5)" in page
    again = xstilts(study, "report", run, "--format", "md", installed=False)
    assert again.returncode == 0, again.stderr
    assert "objective uphill, which is not installed here in that version" in again.stdout


def test_without_the_package_it_is_an_unknown_name(study):
    done = settled(study, "plan", installed=False)
    assert done.returncode == 2
    assert "intermediate.1.objective.name: unknown objective 'uphill'; known: " in done.stderr


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("intermediate.1.objective.epsilon=0", "intermediate.1.objective.epsilon: 0 is out of range; expected more"),
        ("intermediate.1.objective.epsilom=1.0", "unknown key 'epsilom'; did you mean 'epsilon'?"),
        ("targets.1.objective=uphil", "targets.1.objective: unknown objective 'uphil'; did you mean 'uphill'?"),
        ("targets.1.task=tatoeba", "targets.1.objective: target xnli_uphill trains nothing"),
    ],
)
def test_mistakes_are_the_users_and_are_named(here, setting, said):
    code, _, err = here("plan", "--set", setting)
    assert code == 2, err
    assert said in err


def test_the_plain_objective_is_what_an_arm_has_that_names_none(here, planned):
    code, out, err = here("plan", "--json", "--set", "intermediate.1.objective=plain")
    assert code == 0, err
    (only,) = (row for row in json.loads(out)["nodes"] if row["kind"] == "single_task")
    assert only["key"] == planned["single_task nli · seed 11"]["key"]
