"""What tasks of a particular making become in the graph: unions, label sets that are found, chains, one pool."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.errors import ConfigError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
EXPERIMENT = """
name: made
model: scratch:small
intermediate: [{intermediate}]
targets: [{targets}]
seeds: [11]
recipe: {{epochs: 1}}
profile: tiny
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("ccg", "anli_plus", "mewslix", "xcopa", "copa", "siqa", "xnli", "lareqa", "squad_v1"):
        shutil.copytree(FIXTURES / name, tmp_path / "data", dirs_exist_ok=True)
    return tmp_path / "data"


def study(
    data: Path, *sets: str, intermediate: str = "", targets: str = "mewslix", planning: bool = False
) -> ExperimentGraph:
    file = data.parent / "made.yaml"
    file.write_text(EXPERIMENT.format(intermediate=intermediate, targets=targets))
    return build(load_experiment(file, sets), data=data, store=Store(data.parent / "store"), cores=1, planning=planning)


def nodes(built: ExperimentGraph, kind: str) -> list[Node]:
    return [node for node in built.nodes if node.kind == kind]


def test_a_union_trains_on_the_files_of_all_its_parts(data: Path) -> None:
    (node,) = nodes(study(data, intermediate="anli_plus"), "single_task")
    (entry,) = node.params["tasks"]
    assert entry["train"]["task"] == "anli_plus"
    (part,) = entry["train"]["parts"]
    names = [Path(node.paths[role]).name for role in part["files"]]
    assert names == ["train.jsonl"] * 3 + ["train-en.tsv", "snli_1.0_train.jsonl"]
    parts = [registry.find("tasks", name) for name in ("anli", "mnli", "snli")]
    assert node.versions["tasks.anli_plus"] == sum(part.version for part in parts)


def test_a_union_is_priced_and_refused_by_its_parts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object) -> str:
        raise ConfigError("no connection")

    monkeypatch.setattr("xstilts.data.downloads.resolve", unreachable)
    (data / "snli_1.0" / "snli_1.0_train.jsonl").unlink()
    (node,) = nodes(study(data, intermediate="anli_plus", planning=True), "single_task")
    assert node.estimate["measured"] is False
    with pytest.raises(ConfigError, match="data is missing") as caught:
        study(data, "profile=null", intermediate="anli_plus")
    assert "no connection" in str(caught.value)


def test_supertags_are_those_of_the_training_set(data: Path) -> None:
    (data / "ccg" / "train.stagged").write_text("the|NP/N dog|N sleeps|V\n" * 10 + "it|NP rains|V\n")
    built = study(data, intermediate="ccg")
    (node,) = nodes(built, "single_task")
    assert node.params["tasks"][0]["train"]["labels"] == ["N", "NP/N", "V", "rare"]
    again = study(data, intermediate="ccg")
    assert [one.key for one in again.nodes] == [one.key for one in built.nodes]
    (data / "ccg" / "train.stagged").write_text("a|DT dog|N sleeps|V\n" * 10)
    (other,) = nodes(study(data, intermediate="ccg"), "single_task")
    assert other.params["tasks"][0]["train"]["labels"] == ["DT", "N", "V", "rare"]


def test_xcopa_trains_on_siqa_then_on_copa(data: Path) -> None:
    built = study(data, intermediate="anli_plus", targets="xcopa")
    copa = [node for node in nodes(built, "fine_tuning") if node.params["tasks"][0]["train"]["task"] == "copa"]
    assert len(copa) == 2  # under each arm
    for node in copa:
        before = node.parents["model"]
        assert before.params["tasks"][0]["train"]["task"] == "siqa"
        assert before.kind == "fine_tuning"
    assert built.stand_ins == ()


@pytest.mark.parametrize("choice", ["train_on: copa", "train_file: xcopa/train.en.jsonl"])
def test_what_the_experiment_trains_on_replaces_the_chain(choice: str, data: Path) -> None:
    built = study(data, targets=f"{{task: xcopa, {choice}}}")
    (node,) = nodes(built, "fine_tuning")
    assert {parent.kind for parent in node.parents.values()} <= {"tokenizer"}


def test_a_pool_is_one_node_with_the_candidates_as_data(data: Path) -> None:
    built = study(data, intermediate="ccg")
    for node in nodes(built, "zero_shot"):
        assert [part["language"] for part in node.params["dataset"]["parts"]] == ["deu-Latn", "eng-Latn"]
        files = [Path(node.paths[role]).name for part in node.params["dataset"]["parts"] for role in part["files"]]
        assert files == ["wikinews_mentions-test.jsonl", "candidate_set_entities.jsonl"] * 2
    assert len(nodes(built, "zero_shot")) == 2  # under each arm
    assert {e.language for e in built.evaluations} == {"deu-Latn", "eng-Latn"}


def test_lareqa_trains_on_squads_questions_as_a_dual_encoder(data: Path) -> None:
    built = study(data, "recipe.selection.every=0.5", targets="{task: lareqa, recipe: {batch_size: 4}}")
    (node,) = nodes(built, "fine_tuning")
    (entry,) = node.params["tasks"]
    train, dev = entry["train"], entry["dev"]
    assert (train["task"], train["kind"], train["hold_out"]) == ("squad_v1", "dual_encoder", "train")
    # SQuAD's dev set holds XQuAD's questions: rows of train select, by LAReQA's metric.
    assert (dev["task"], dev["hold_out"], dev["metric"]) == ("squad_v1", "dev", "mean_average_precision")
    assert entry["max_length"] == 256
    assert [Path(place).name for role, place in node.paths.items() if "train" in role] == ["train-v1.1.json"]
    assert {"heads.encoder.dual_encoder", "tasks.squad_v1"} <= set(node.versions)
    (evaluated,) = nodes(built, "zero_shot")
    assert evaluated.params["dataset"]["kind"] == "dual_encoder"
    assert {e.language for e in built.evaluations} == {"deu-Latn", "eng-Latn"}
    assert built.stand_ins == ()


def test_mewslix_trains_on_wikipedia_and_selects_on_its_own_pairs(data: Path) -> None:
    built = study(data, "recipe.selection.every=0.5")
    (node,) = nodes(built, "fine_tuning")
    (entry,) = node.params["tasks"]
    assert (entry["train"]["task"], entry["train"]["kind"]) == ("mewslix", "dual_encoder")
    assert (entry["dev"]["split"], "hold_out" in entry["train"]) == ("select", False)
    names = {Path(place).name for role, place in node.paths.items() if role.startswith("0/dev")}
    assert names == {"wikipedia_pairs-dev.jsonl", "candidate_set_entities.jsonl"}


def test_other_questions_train_a_dual_encoder_too_and_other_kinds_do_not(data: Path) -> None:
    shutil.copytree(FIXTURES / "tydiqa", data, dirs_exist_ok=True)
    built = study(data, targets="{task: lareqa, train_on: tydiqa}")
    (node,) = nodes(built, "fine_tuning")
    assert node.params["tasks"][0]["train"]["task"] == "tydiqa"
    assert "target lareqa: trained on tydiqa" in built.stand_ins
    for target in ("{task: lareqa, train_on: copa}", "{task: tydiqa, train_on: mewslix}"):
        with pytest.raises(ConfigError, match="kind and labels must be equal"):
            study(data, targets=target)


def test_what_is_trained_has_no_layer_to_choose(data: Path) -> None:
    with pytest.raises(ConfigError, match="only untrained retrieval chooses a layer"):
        study(data, targets="{task: lareqa, layer: 1}")


def test_a_tiny_run_trains_lareqa_on_what_stands_in(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object) -> str:
        from xstilts.data.downloads import HubError

        raise HubError("no connection")

    monkeypatch.setattr("xstilts.data.downloads.resolve", unreachable)
    shutil.rmtree(data / "squad")
    shutil.copytree(FIXTURES / "tydiqa", data, dirs_exist_ok=True)
    built = study(data, targets="tydiqa, lareqa")
    assert "target lareqa: trained on tydiqa" in built.stand_ins
    alone = study(data, targets="xnli, lareqa")
    assert [one.name for one in alone.experiment.targets] == ["xnli"]
    assert any("target lareqa is left out: squad_v1, train, eng-Latn" in note for note in alone.notes)
    with pytest.raises(ConfigError, match=r"squad_v1, train, eng-Latn: provide squad/train-v1\.1\.json"):
        study(data, "profile=null", targets="lareqa")


def test_a_published_pool_is_part_of_the_price(tmp_path: Path) -> None:
    file = tmp_path / "made.yaml"
    file.write_text(EXPERIMENT.format(intermediate="", targets="mewslix").replace("profile: tiny", ""))
    built = build(load_experiment(file), data=None, store=Store(tmp_path / "store"), cores=1, planning=True)
    (evaluated,) = nodes(built, "zero_shot")
    assert float(evaluated.estimate["characters"]) > 250_000_000  # a million descriptions
    (trained,) = nodes(built, "fine_tuning")
    assert float(trained.estimate["characters"]) == pytest.approx(167_719 * 900, rel=0.2)
