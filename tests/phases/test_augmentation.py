"""Training sets that are augmented: in the key, in the price, refused while planning, and run."""

from __future__ import annotations

import json

import pytest

import studies
from xstilts.errors import ConfigError, DataError
from xstilts.experiments.schema import Experiment
from xstilts.phases.options.validation import ExperimentError
from xstilts.pipeline.node import Node
from xstilts.reports.facts import facts

ONE = ("targets=[xnli]", "languages=[de]", "seeds=[11]")
NEAR = {"paints": ["draws", "colours"], "lamp.": ["light."], "lamp": ["light"], "finds": ["meets"], "sells": ["trades"]}


def write_study(folder):
    made = studies.write_study(folder)
    (made.data / "near.json").write_text(json.dumps(NEAR, indent=0), encoding="utf-8")
    return made


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path)


def arm(keys: str, task: str = "mnli") -> str:
    return f"intermediate=[{{name: more, task: {task}{keys}}}]"


def trained(built, kind: str = "single_task") -> Node:
    (found,) = (one for one in built.nodes if one.kind == kind)
    return found


def test_it_is_in_the_key_and_in_the_price(study):
    plain, three, other, seeded, kept = (
        trained(study.build(*ONE, arm(keys)))
        for keys in (
            "",
            ", augment: {name: smoothing, copies: 3, neighbours: near.json}",
            ", augment: {name: smoothing, copies: 4, neighbours: near.json}",
            ", augment: {name: smoothing, copies: 3, neighbours: near.json, seed: 2}",
            ", augment: {name: smoothing, copies: 3, neighbours: near.json, keep_originals: true}",
        )
    )
    assert len({node.key for node in (plain, three, other, seeded, kept)}) == 5
    assert "transform" not in plain.params["tasks"][0]["train"]
    assert three.params["tasks"][0]["train"]["transform"] == {
        "name": "smoothing",
        "options": {"copies": 3, "keep_originals": False},
        "seed": 0,
        "reads": {"neighbours": "0/train/neighbours"},
    }
    assert three.versions["data.transforms.smoothing"] == 1
    assert three.estimate["characters"] == pytest.approx(3 * plain.estimate["characters"])
    assert kept.estimate["characters"] == pytest.approx(4 * plain.estimate["characters"])


def test_the_key_has_what_a_file_holds_and_not_its_name(study):
    keys = ", augment: {{name: smoothing, neighbours: {}}}"
    (study.data / "same.json").write_bytes((study.data / "near.json").read_bytes())
    (study.data / "other.json").write_text('{"finds": ["sees"]}', encoding="utf-8")
    near, same, other = (
        trained(study.build(*ONE, arm(keys.format(name)))).key for name in ("near.json", "same.json", "other.json")
    )
    assert near == same != other


def test_neighbours_are_made_of_what_the_arms_start_from(study):
    built = study.build(*ONE, arm(", augment: {name: smoothing, nearest: 4}"))
    node, made = trained(built), trained(built, "neighbours")
    assert node.parents["0/train/neighbours"] == made
    assert (made.params["nearest"], made.params["among"]) == (4, "training_set")
    assert made.parents["model"] == trained(built, "masked_lm")
    assert "transform" not in made.params["dataset"]
    again = study.build(*ONE, arm(", augment: {name: smoothing, nearest: 5}"))
    assert trained(again).key != node.key


def test_a_target_may_be_augmented(study):
    targets = "targets=[{task: xnli, augment: {name: smoothing, copies: 2, neighbours: near.json}}]"
    node = [
        n
        for n in study.build("languages=[de]", "seeds=[11]", "intermediate=[]", targets).nodes
        if n.kind == "fine_tuning"
    ]
    assert {one.params["tasks"][0]["train"]["transform"]["name"] for one in node} == {"smoothing"}


def test_an_arm_of_several_tasks_takes_augmented_training_sets(study):
    arms = (
        "{name: more, task: mnli, augment: {name: smoothing, copies: 2, neighbours: near.json}}, "
        "{name: both, method: multi_task, tasks: [more, mnli]}"
    )
    (node,) = (n for n in study.build(*ONE, f"intermediate=[{arms}]").nodes if n.kind == "multi_task")
    first, second = (task["train"] for task in node.params["tasks"])
    assert first["transform"]["reads"] == {"neighbours": "0/train/neighbours"}
    assert "transform" not in second


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ((arm(", augment: smothing"),), ExperimentError, "unknown augmentation 'smothing'; did you mean 'smoothing'?"),
        ((arm(", augment: {name: smoothing, copies: 0}"),), ExperimentError, "copies: 0 is out of range"),
        (
            (arm(", augment: {name: smoothing, copy: 3}"),),
            ExperimentError,
            "unknown key 'copy'; did you mean 'copies'?",
        ),
        ((arm(", augment: {copies: 3}"),), ExperimentError, "key 'name' is missing"),
        ((arm(", augment: smoothing", task="hellaswag"),), ConfigError, "not of multiple_choice"),
        ((arm(", augment: {name: smoothing, neighbours: nowhere.json}"),), ConfigError, "nowhere.json"),
        (
            (arm(", augment: {name: smoothing, neighbours: near.json, nearest: 3}"),),
            ConfigError,
            "leave one of the two",
        ),
        (("pretraining=null", arm(", augment: smoothing")), ConfigError, "is untrained"),
        (("targets=[{task: tatoeba, augment: smoothing}]",), ConfigError, "target tatoeba trains nothing"),
    ],
)
def test_mistakes_are_found_while_planning(study, settings, error, said):
    with pytest.raises(error) as found:
        study.build(*(one for one in ONE if not any("targets" in s and "targets" in one for s in settings)), *settings)
    assert said in str(found.value)


def test_a_damaged_file_is_found_while_planning(study):
    (study.data / "near.json").write_text('{"a": ["b"],\n"c": 3}', encoding="utf-8")
    with pytest.raises(DataError, match=r"near\.json.*2"):
        study.build(*ONE, arm(", augment: {name: smoothing, neighbours: near.json}"))


def test_the_report_says_it():
    from xstilts.phases.methods import sentence_of
    from xstilts.phases.options.augment import augment_sentence

    keys = {"name": "smoothing", "copies": 3, "neighbours": "near.json"}
    said = "augmented: each example 3 times, words drawn among themselves and their neighbours in near.json"
    assert augment_sentence(keys) == said
    assert sentence_of({"name": "more", "task": "mnli", "augment": keys}) == f"mnli; {said}"
    assert "the 8 nearest of the training set in the model's embeddings" in augment_sentence("smoothing")
    assert augment_sentence({"name": "gone"}) == "augmented by gone, which is not installed here in that version"
    assert augment_sentence(None) == ""


def test_an_experiment_is_written_with_it(study):
    experiment: Experiment = study.experiment(*ONE, arm(", augment: {name: smoothing, copies: 3}"))
    assert experiment.intermediate[0].augment == {"name": "smoothing", "copies": 3}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A study in whose store runs find what others have pretrained."""
    return write_study(tmp_path_factory.mktemp("augmented"))


@pytest.mark.slow
@pytest.mark.parametrize("neighbours", ["neighbours: near.json", "nearest: 3, among: vocabulary"], ids=["file", "made"])
@pytest.mark.usefixtures("at_once")
def test_a_training_on_augmented_rows_runs(shared, neighbours):
    study, earlier = shared, {row["key"] for row in shared.store.ls()}
    settings = (*ONE, arm(f", augment: {{name: smoothing, copies: 3, {neighbours}}}"))
    result = study.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    rows = {row["key"]: row for row in study.store.ls()}
    node = trained(study.build(*settings))
    counts = rows[node.key]["facts"]["augmented"]
    (cache,) = (
        row
        for key, row in rows.items()
        if key not in earlier and row["kind"] == "token_cache" and "transform" in row["identity"]["params"]["dataset"]
    )
    assert cache["facts"]["augmented"] == counts
    assert counts["words"] > 0
    assert counts["words_of_copies"] == 3 * counts["words"]
    assert counts["changed"] > 0
    assert 0 < counts["with_neighbours"] < counts["words"]
    assert cache["facts"]["examples"] == 3 * 20, "as many rows as the budget allows, and then three copies"
    told = dict(item for one in facts(result.table, result.info) for item in one.items)
    said = f"{counts['with_neighbours']:,} of {counts['words']:,} have neighbours, "
    assert told["words of an augmented training set"].startswith(said)
    assert "each example 3 times" in told["arm more"]


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_no_neighbours_are_a_failure_that_says_so(shared):
    """The study's tokenizer has 230 pieces, and two words of the training set are one of them."""
    result = shared.run(*ONE, arm(", augment: smoothing"))
    (failure,) = result.outcome.failed.values()
    assert "no word of the training set has a neighbour: neighbours are drawn from 2 words" in failure.message
    assert failure.user_error
