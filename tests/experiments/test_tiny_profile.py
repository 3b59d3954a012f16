"""``profile: tiny`` on published models and on the data that is here, and what a real run says instead."""

from __future__ import annotations

import json
import shutil

import pytest

import studies
from xstilts.errors import CheckpointError, ConfigError

LARGE = ("model=xlm_roberta:large", "pretraining=null")
HUB = "xstilts.data.downloads._head"
COMMIT = "a" * 40


@pytest.fixture
def asked(monkeypatch):
    """Nobody answers; what was asked for is noted."""
    from xstilts.data.downloads import HubError

    repositories: list[str] = []

    def head(hub):
        repositories.append(hub.repository)
        raise HubError("no connection")

    monkeypatch.setattr(HUB, head)
    return repositories


@pytest.fixture
def own(tmp_path, asked):
    return studies.write_study(tmp_path)


def targets(built) -> list[str]:
    return [target.name for target in built.experiment.targets]


def arms(built) -> list[str]:
    return [arm.name for arm in built.experiment.intermediate]


# The model.


@pytest.mark.parametrize(
    ("model", "tiny"),
    [
        ("xlm_roberta:large", "scratch:tiny"),
        ("scratch:small", "scratch:tiny"),
        ("someone/encoder", "scratch:tiny"),
        ("mt5:base", "scratch_text_to_text:tiny"),
        ("byt5:small", "scratch_text_to_text:tiny"),
        ("mini", "mini"),
        ("qwen3:0.6b", "qwen3:0.6b"),
    ],
)
def test_the_smallest_of_the_same_architecture_stands_in(own, model, tiny):
    built = own.build("pretraining=null", f"model={model}", "profile=tiny", planning=True)
    assert built.experiment.model == tiny
    assert any(f"{tiny} replaces {model}" in note for note in built.notes) == (model != tiny)


@pytest.mark.parametrize(("model", "kept"), [("xlm_roberta:large", False), ("scratch:small", True), ("mini", True)])
def test_a_learning_rate_of_another_family_is_left_to_the_tiny_model(own, model, kept):
    """Eight steps at a published model's rate teach a model that starts from scratch nothing: all cells were equal."""
    asked_for = ("recipe={learning_rate: 1.0e-5}", "targets=[{task: xnli, recipe: {learning_rate: 2.0e-5}}]")
    arm = "intermediate=[{name: nli, task: mnli, recipe: {learning_rate: 3.0e-5}}]"
    built = own.build("pretraining=null", f"model={model}", "profile=tiny", *asked_for, arm)
    rates = {node.kind: node.params["recipe"]["learning_rate"] for node in built.nodes if "recipe" in node.params}
    assert set(rates) == {"single_task", "fine_tuning"}
    assert (rates == {"single_task": 3e-5, "fine_tuning": 2e-5}) == kept
    assert (min(rates.values()) >= 1e-4) != kept


def test_a_layer_that_the_tiny_model_lacks_is_its_last(own):
    layered = "targets=[xnli, {task: tatoeba, layer: 14}]"
    built = own.build(*LARGE, "profile=tiny", layered)
    assert {n.params.get("layer") for n in built.nodes if n.kind == "zero_shot"} == {None, 2}


# Data that is not here.


def test_nothing_is_left_out_where_all_is_here(own):
    whole, tiny = own.build(planning=True), own.build("profile=tiny")
    assert (targets(tiny), arms(tiny)) == (targets(whole), arms(whole))
    assert tiny.stand_ins == whole.stand_ins
    assert not any("left out" in note for note in tiny.notes)


def test_targets_and_arms_without_data_are_left_out_and_said(own):
    shutil.rmtree(own.data / "udpos")
    extra = "intermediate=[mnli, squad_v2, {name: two, method: multi_task, tasks: [mnli, hellaswag, qqp]}]"
    built = own.build(*LARGE, "profile=tiny", extra)
    assert "udpos" not in targets(built)
    assert arms(built) == ["mnli", "two"]
    assert built.experiment.intermediate[1].tasks == ("mnli", "hellaswag")
    notes = [note for note in built.notes if "left out" in note]
    assert [note.split(" is left out")[0] for note in notes] == [
        "profile tiny: arm squad_v2",
        "profile tiny: arm two (qqp)",
        "profile tiny: target udpos",
    ]
    assert "squad/train-v2.0.json" in notes[0]
    assert "no connection" in notes[0]
    assert {e.target for e in built.evaluations} == set(targets(built))


def test_another_training_set_of_the_form_stands_in(own):
    built = own.build(*LARGE, "profile=tiny", "intermediate=[]", "targets=[tydiqa, xquad]")
    assert targets(built) == ["tydiqa", "xquad"]
    assert "target xquad: trained on tydiqa" in built.stand_ins


def test_dev_rows_stand_in_for_a_training_set(own):
    built = own.build(*LARGE, "profile=tiny", "intermediate=[hellaswag]", "targets=[xnli]")
    assert arms(built) == ["hellaswag"]
    (arm,) = {
        node.key: node for node in built.nodes if node.kind == "single_task" and node.params["seed"] == 11
    }.values()
    assert [file.rpartition("/")[2] for file in arm.paths.values()][:1] == ["hellaswag_val.jsonl"]
    assert any("dev rows of HellaSwag" in line for line in built.stand_ins)


def test_dev_is_evaluated_where_test_is_not_here(own):
    for file in (own.data / "xnli").glob("test-*.tsv"):
        file.unlink()
    built = own.build(*LARGE, "profile=tiny", "intermediate=[]", "targets=[xnli]")
    assert {e.language for e in built.evaluations} == {"eng-Latn", "deu-Latn", "tur-Latn"}
    assert any("evaluated on dev, not on test" in line for line in built.stand_ins)


def test_without_any_target_everything_missing_is_named(own, asked):
    shutil.rmtree(own.data / "udpos")
    with pytest.raises(ConfigError, match="data is missing") as caught:
        own.build(*LARGE, "profile=tiny", "intermediate=[squad_v2]", "targets=[udpos]")
    assert "udpos, test, 38 languages" in str(caught.value)
    assert "squad_v2, train, eng-Latn" in str(caught.value)
    assert len(asked) == len(set(asked))  # each repository once


def test_languages_that_the_hub_does_not_give_are_left_out_and_said(own, monkeypatch):
    """Some languages of a test set come from the hub and some do not: the rest is evaluated all the same."""
    from xstilts.data.downloads import HubError

    def rows(hub, config, split, revision):
        if config == "fr":
            raise HubError("no such file")
        return [{"premise": "a", "hypothesis": "b", "label": label} for label in (0, 1, 2)]

    monkeypatch.setattr(HUB, lambda hub: COMMIT)
    monkeypatch.setattr("xstilts.data.downloads._rows", rows)
    for file in [*(own.data / "xnli").glob("test-*.tsv"), *(own.data / "xnli").glob("dev-*.tsv")]:
        file.unlink()
    built = own.build(*LARGE, "profile=tiny", "intermediate=[]", "targets=[xnli]", "languages=[en, fr]")
    assert {e.language for e in built.evaluations} == {"eng-Latn"}
    (note,) = (note for note in built.notes if "left out" in note)
    assert note.startswith("profile tiny: target xnli (fra-Latn) is left out: xnli, test, fra-Latn")
    assert "no such file" in note
    with pytest.raises(ConfigError, match="xnli, test, fra-Latn"):
        own.build(*LARGE, "intermediate=[]", "targets=[xnli]", "languages=[en, fr]")


def test_an_arm_of_several_goes_on_without_the_arms_that_were_left_out(own):
    arms_of = "{name: two, method: multi_task, tasks: [gone, nli, mnli]}, {name: one, method: multi_task, "
    arms_of += "tasks: [gone, nli]}"
    own_task = "{name: nli, task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, "
    own_task += "contradiction]}}"
    built = own.build(
        *LARGE,
        "profile=tiny",
        f"intermediate=[{{name: gone, task: squad_v2}}, {own_task}, {arms_of}]",
        "targets=[xnli]",
    )
    assert arms(built) == ["nli", "two"]
    assert built.experiment.intermediate[1].tasks == ("nli", "mnli")
    assert "profile tiny: arm two (gone) is left out: what it needs was left out" in built.notes
    assert "profile tiny: arm one is left out: what it needs was left out" in built.notes


def test_fine_tuning_does_without_the_task_that_comes_first(own):
    for split, rows in (("train", 8), ("val", 4), ("test", 4)):
        lines = [
            {"premise": f"It rained {i}.", "choice1": f"wet {i}", "choice2": f"dry {i}", "question": "effect"}
            | {"label": i % 2, "idx": i, "changed": False}
            for i in range(rows)
        ]
        folder = own.data / "xcopa"
        folder.mkdir(exist_ok=True)
        for code in ("en",) if split == "train" else ("en", "id"):
            file = folder / f"{split}.{code}.jsonl"
            file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    built = own.build(*LARGE, "profile=tiny", "intermediate=[]", "targets=[xcopa]")
    assert "target xcopa: not trained on siqa first" in built.stand_ins
    tuned = {node.key for node in built.nodes if node.kind == "fine_tuning"}
    assert len(tuned) == len(built.experiment.seeds)  # one training each, not two
    assert {e.language for e in built.evaluations} == {"eng-Latn", "ind-Latn"}


# A real run refuses.


def test_a_run_names_all_missing_sets_and_the_model_at_once(own, monkeypatch):
    monkeypatch.setattr("xstilts.models.hub._ask", _no_model)
    for folder in ("udpos", "xnli"):
        shutil.rmtree(own.data / folder)
    (own.folder / "xstilts.lock.json").write_text(json.dumps({"datasets": {"google/xtreme": COMMIT}}))
    monkeypatch.setattr("xstilts.data.downloads._rows", _no_rows)
    with pytest.raises(ConfigError) as caught:
        own.build(*LARGE, "targets=[xnli, udpos, lareqa]", "intermediate=[mnli, ccg]")
    lines = str(caught.value).splitlines()
    assert [" ".join(line.split()[:3]) for line in lines] == [
        "data is missing:",
        "mnli, train, eng-Latn:",
        "ccg, train, eng-Latn:",
        "xnli, test, 15",
        "udpos, test, 38",
        "udpos, train, eng-Latn:",
        "lareqa, test, 11",
        "squad_v1, train, eng-Latn:",
        "cannot get FacebookAI/xlm-roberta-large@main",
    ]
    message = str(caught.value)
    assert "provide udpos/test-{code}.tsv or " in message
    assert f"google/xtreme [udpos.{{name}}] at revision {COMMIT} reachable on the hub" in message
    assert "no rows" in message
    assert "cannot get FacebookAI/xlm-roberta-large" in message
    assert message.endswith("(nothing was trained)")
    assert not (own.folder / "store" / "objects").exists()


def test_the_model_alone_is_said_as_before(own, monkeypatch):
    monkeypatch.setattr("xstilts.models.hub._ask", _no_model)
    with pytest.raises(CheckpointError, match="cannot get FacebookAI/xlm-roberta-large"):
        own.build(*LARGE)


def _no_model(repository, revision):
    raise CheckpointError(f"cannot get {repository}@{revision} from the hub")


def _no_rows(*arguments):
    from xstilts.data.downloads import HubError

    raise HubError("no rows")
