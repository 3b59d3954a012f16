"""Arms with masked LM beside their tasks: what may be written, the nodes, the price, and a run."""

from __future__ import annotations

import shutil

import pytest

import studies
from once import share_microworld
from xstilts.data import made
from xstilts.errors import ConfigError, DataError
from xstilts.phases.dispatch import run
from xstilts.pipeline.progress import Silent
from xstilts.runs.planning import MASKED_SHARE, plan

ONE = ("targets=[tatoeba]", "seeds=[11]")
PLAIN = "{name: nli, task: mnli}"
MIXED = "{name: nli_mlm, task: mnli, masked_lm: {text: text/mono, share: 0.2}}"
MULTI = (
    "{name: multi_mlm, method: multi_task, tasks: [nli, xnli], cap: 8, "
    "masked_lm: {text: [text/mono], share: 0.5, batch_tokens: 128}}"
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("mlm"))


@pytest.fixture
def own(tmp_path):
    return studies.write_study(tmp_path)


def arms(*given: str) -> str:
    return f"intermediate=[{', '.join(given)}]"


def nodes(built, kind="with_masked_lm"):
    return [node for node in built.nodes if node.kind == kind]


# What may be written.


@pytest.mark.parametrize(
    ("masked_lm", "words"),
    [
        ("{text: text/mono, share: 1}", r"masked_lm\.share: 1 is out of range; expected less than 1"),
        ("{text: text/mono, share: 0}", r"masked_lm\.share: 0 is out of range; expected more than 0"),
        ("{text: text/mono}", r"masked_lm\.share: this key is missing"),
        ("{share: 0.2}", r"masked_lm\.text: this key is missing"),
        ("{text: text/mono, share: 0.2, languages: [xx]}", "unknown language 'xx'"),
        ("{text: text/mono, share: 0.2, languages: [de, deu-Latn]}", "occurs twice here"),
        ("{text: text/mono, shares: 0.2}", "unknown key 'shares'; did you mean 'share'"),
        ("{text: text/mono, share: 0.2, languages: [fi]}", r"languages: no text in fin-Latn: text/mono has none"),
        ("{text: xnli, share: 0.2}", r"holds no xx\.txt"),
    ],
)
def test_what_cannot_be_meant_is_refused(shared, masked_lm, words):
    with pytest.raises(ConfigError, match=words):
        shared.build(*ONE, arms(f"{{name: x, task: mnli, masked_lm: {masked_lm}}}"))


def test_a_mixture_takes_tasks_and_no_masked_lm_of_other_arms(shared):
    with pytest.raises(ConfigError, match=r"'nli_mlm' is an arm with masked_lm: name its task"):
        shared.build(*ONE, arms(PLAIN, MIXED, "{name: m, method: multi_task, tasks: [nli, nli_mlm]}"))


def test_only_encoders_learn_it(shared):
    with pytest.raises(ConfigError, match=r"mt5:base is not an encoder \(text_to_text\).*leave the arm nli_mlm out"):
        shared.build(*ONE, "model=mt5:base", "pretraining=null", arms(MIXED), planning=True)


def test_empty_text_is_said(own):
    studies._write(own.data / "text/mono/de.txt", "\n")
    with pytest.raises(DataError, match=r"de\.txt: holds no text"):
        own.build(*ONE, "pretraining=null", arms(MIXED))


# Nodes.


def test_the_node_holds_tasks_text_and_share(shared):
    built = shared.build(*ONE, arms(PLAIN, MIXED))
    (node,), (plain,) = nodes(built), nodes(built, "single_task")
    assert node.label == "with_masked_lm nli_mlm · seed 11"
    assert node.params["tasks"] == plain.params["tasks"]
    assert node.params["masked_lm"] == {"share": 0.2, "batch_size": 8, "exponent": 0.5}
    texts = {role for role in node.data if role.startswith("text/")}
    assert {"text/eng-Latn", "text/deu-Latn"} <= texts
    assert node.versions["heads.encoder.masked_lm"] >= 1
    assert node.data.items() - plain.data.items() == {(role, node.data[role]) for role in texts}


def test_what_decides_the_numbers_is_in_the_key(shared):
    def key(masked_lm):
        return nodes(shared.build(*ONE, arms(f"{{name: x, task: mnli, masked_lm: {masked_lm}}}")))[0].key

    plain = key("{text: text/mono, share: 0.2}")
    assert plain == key("{text: [text/mono], share: 0.2}")
    others = ("share: 0.3", "share: 0.2, languages: [en, de]", "share: 0.2, batch_tokens: 64")
    assert len({plain, *(key(f"{{text: text/mono, {other}}}") for other in others)}) == 4


def test_chosen_languages_alone_are_read(shared):
    chosen = "{name: x, task: mnli, masked_lm: {text: text/mono, share: 0.2, languages: [en, tr]}}"
    (node,) = nodes(shared.build(*ONE, arms(chosen)))
    assert {role for role in node.paths if role.startswith("text/")} == {"text/eng-Latn", "text/tur-Latn"}


def test_an_arm_without_it_keeps_its_key(shared):
    alone, beside = (nodes(shared.build(*ONE, arms(*given)), "single_task") for given in ([PLAIN], [PLAIN, MIXED]))
    assert [node.key for node in alone] == [node.key for node in beside]


# The price.


def test_masked_steps_cost_their_tokens_and_the_softmax(shared):
    built = shared.build(*ONE, arms(PLAIN, MIXED))
    rows = {row["label"]: row for row in plan(built, shared.store)}
    plain, mixed = rows["single_task nli · seed 11"], rows["with_masked_lm nli_mlm · seed 11"]
    masked = 8 * 64  # 20 examples, 8 a step: one step at least is masked LM, of 8 rows of 64 tokens
    assert mixed["tokens"] - plain["tokens"] == masked
    shape = built.reference.shape
    softmax = 3 * masked * round(2 * shape.embedding * MASKED_SHARE)
    assert mixed["flops"] - plain["flops"] == pytest.approx(3 * 2 * shape.body * masked + softmax)


def test_a_plan_prices_it_without_the_text_and_says_so(own):
    shutil.rmtree(own.data / "text")
    built = own.build(*ONE, "pretraining=null", arms(MIXED), planning=True)
    (row,) = (row for row in plan(built, own.store) if row["kind"] == "with_masked_lm")
    assert row["basis"] == "estimated"
    assert any(
        "missing: text for masked LM (nli_mlm): no folder" in note and "text/mono" in note for note in built.notes
    )
    twice = arms(MIXED, MIXED.replace("nli_mlm", "again"))
    (note,) = (note for note in own.build(*ONE, "pretraining=null", twice, planning=True).notes if "text for" in note)
    assert "(nli_mlm, again)" in note
    with pytest.raises(ConfigError, match=r"data is missing:\n  text for masked LM \(nli_mlm\): no folder text/mono"):
        own.build(*ONE, "pretraining=null", arms(MIXED))


def test_a_tiny_run_goes_without_an_arm_whose_text_is_not_here(own):
    shutil.rmtree(own.data / "text")
    built = own.build(*ONE, "pretraining=null", "profile=tiny", arms(PLAIN, MIXED))
    assert [arm.name for arm in built.experiment.intermediate] == ["nli"]
    assert any("arm nli_mlm is left out: text for masked LM (nli_mlm): no folder" in note for note in built.notes)


# A run.


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_it_runs_and_records_what_it_did(own):
    arm = "{name: m, method: multi_task, tasks: [nli, xnli], cap: 8}"
    settings = (*ONE, "pretraining=null", arms(PLAIN, arm, MIXED, MULTI))
    result = own.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    assert {row["arm"] for row in result.table.results()} == {"none", "nli", "m", "nli_mlm", "multi_mlm"}
    built = own.build(*settings)
    trained = [node for node in built.nodes if node.kind not in ("tokenizer", "zero_shot")]
    record = {node.label.split(" · ")[0]: own.store.open(node.key).json("training.json") for node in trained}
    plain, mixed = record["single_task nli"], record["with_masked_lm nli_mlm"]
    several, both = record["multi_task m"], record["with_masked_lm multi_mlm"]
    assert (mixed["steps"], mixed["masked_lm"]["steps"]) == (plain["steps"] + 1, 1)
    assert (both["steps"], both["masked_lm"]["steps"]) == (2 * several["steps"], several["steps"])
    for one in (mixed, both):
        assert one["vocabulary"]["rows"] == one["vocabulary"]["of"]
        assert one["vocabulary"]["why"] == "the whole softmax is trained"
    assert "why" not in plain["vocabulary"]
    for node in nodes(built):
        entry = own.store.open(node.key)
        assert {task["kind"] for task in entry.json("xstilts.json")["tasks"]} == {"pair_classification"}
    text = (own.folder / "out" / "report.md").read_text(encoding="utf-8")
    assert "masked LM on text/mono in 20 % of the steps" in text
    again = own.run(*settings)
    assert again.outcome.ok
    assert not again.outcome.ran


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_the_microworld_beside_one_of_its_tasks(own, monkeypatch):
    monkeypatch.setattr(made, "TEXT_LINES", 60)
    share_microworld(own.store.root, "micro_nli", "micro_copa")
    arm = "{name: nli_mlm, task: micro_nli, masked_lm: {text: microworld, share: 0.2, languages: [en, sw]}}"
    settings = ("pretraining=null", "targets=[micro_copa]", "languages=[en, sw]", "seeds=[11]", "recipe.max_steps=4")
    result = own.run(*settings, arms(arm), "budget.max_train_examples=40")
    assert result.outcome.ok, result.outcome.failed
    assert {(row["arm"], row["status"]) for row in result.table.results()} == {("none", "ok"), ("nli_mlm", "ok")}
    (node,) = (node for node in result.outcome.ran if node.kind == "with_masked_lm")
    assert {role for role in node.data if role.startswith("text/")} == {"text/eng-Latn", "text/swa-Latn"}
    record = own.store.open(node.key).json("training.json")
    assert (record["steps"], record["masked_lm"]["steps"]) == (5, 1)


class Stopped(Exception):
    """What kills a run in a test."""


class Stopping(Silent):
    """Stops a training after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        if phase == "with_masked_lm" and step == self.step:
            raise Stopped


def test_a_killed_training_goes_on_with_the_same_numbers(tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    records = []
    for name, stops in (("whole", ()), ("stopped", (2, 4))):
        study = studies.write_study(tmp_path / name)
        built = study.build(*ONE, "pretraining=null", "recipe.epochs=2", arms(PLAIN, MULTI))
        (tokenizer,), (node,) = nodes(built, "tokenizer"), nodes(built)
        run([tokenizer], study.store, Silent())
        for stop in stops:
            with pytest.raises(Stopped):
                run([node], study.store, Stopping(stop))
        run([node], study.store, Silent())
        entry = study.store.open(node.key)
        records.append((entry.json("training.json"), entry.path("model.safetensors").read_bytes()))
    assert records[0] == records[1]
    assert records[0][0]["masked_lm"]["steps"] == records[0][0]["steps"] / 2
