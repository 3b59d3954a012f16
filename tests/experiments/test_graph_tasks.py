"""What tasks of a particular making become in the graph: unions, label sets that are found, chains, one pool."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xstilts.errors import ConfigError
from xstilts.experiments.graph import Study, build
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
    for name in ("ccg", "anli_plus", "mewslix", "xcopa", "copa", "siqa", "xnli"):
        shutil.copytree(FIXTURES / name, tmp_path / "data", dirs_exist_ok=True)
    return tmp_path / "data"


def study(data: Path, *sets: str, intermediate: str = "", targets: str = "mewslix", planning: bool = False) -> Study:
    file = data.parent / "made.yaml"
    file.write_text(EXPERIMENT.format(intermediate=intermediate, targets=targets))
    return build(load_experiment(file, sets), data=data, store=Store(data.parent / "store"), cores=1, planning=planning)


def nodes(built: Study, kind: str) -> list[Node]:
    return [node for node in built.nodes if node.kind == kind]


def test_a_union_trains_on_the_files_of_all_its_parts(data: Path) -> None:
    (node,) = nodes(study(data, intermediate="anli_plus"), "single_task")
    (entry,) = node.params["tasks"]
    assert entry["train"]["task"] == "anli_plus"
    (part,) = entry["train"]["parts"]
    names = [Path(node.paths[role]).name for role in part["files"]]
    assert names == ["train.jsonl"] * 3 + ["train-en.tsv", "snli_1.0_train.jsonl"]
    assert node.versions["tasks.anli_plus"] == 3


def test_a_union_is_priced_and_refused_by_its_parts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object) -> str:
        raise ConfigError("no connection")

    monkeypatch.setattr("xstilts.tasks.sources.resolve", unreachable)
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
