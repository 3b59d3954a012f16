"""The graph of a study: every shared node once, and keys that change only with what changes the numbers."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

import studies
from xstilts.errors import ConfigError, DataError, UserError

GOLDEN = Path(__file__).parent / "golden_keys.json"
RENEW = "XSTILTS_RENEW_GOLDEN"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="module")
def built(study):
    return study.build()


@pytest.fixture
def own(tmp_path):
    """A study whose files a test may change."""
    return studies.write_study(tmp_path)


def keys(built, *kinds) -> set[str]:
    return {node.key for node in built.nodes if not kinds or node.kind in kinds}


def cells(built, **place):
    return [e for e in built.evaluations if all(getattr(e, name) == value for name, value in place.items())]


def test_every_shared_node_is_there_once(built):
    assert Counter(node.kind for node in built.nodes) == {
        "tokenizer": 1,
        "masked_lm": 1,
        "single_task": 3 * 2,  # arms × seeds
        "multi_task": 2,
        "fine_tuning": 4 * 5 * 2,  # xquad and tydiqa share theirs; arms and the baseline
        "zero_shot": (3 + 4 * 2) * 5 * 2 + 2 * (1 + 4 * 2),  # Tatoeba × none depends on no seed
    }


def test_parents_come_first_and_all_start_from_one_pretraining(built):
    seen: set[str] = set()
    for node in built.nodes:
        assert all(parent.key in seen for parent in node.parents.values())
        seen.add(node.key)
    (pretraining,) = (node for node in built.nodes if node.kind == "masked_lm")
    baseline = [n for n in built.nodes if n.kind == "fine_tuning" and n.parents["model"] == pretraining]
    assert len(baseline) == 4 * 2
    assert all(n.parents["model"] == pretraining for n in built.nodes if n.kind in ("single_task", "multi_task"))


def test_targets_with_one_training_set_share_the_fine_tuning(built):
    for seed in (11, 12):
        for arm in ("none", "multi"):
            places = [cells(built, arm=arm, target=target, seed=seed) for target in ("xquad", "tydiqa")]
            assert all(places)
            assert len({e.node.parents["model"].key for found in places for e in found}) == 1


def test_every_cell_of_the_matrix_has_a_node(built):
    found = {(e.arm, e.target, e.language, e.seed) for e in built.evaluations}
    assert len(found) == len(built.evaluations)
    languages = {
        "xnli": ("deu-Latn", "eng-Latn", "tur-Latn"),
        "udpos": ("eng-Latn", "rus-Cyrl"),
        "panx": ("eng-Latn", "rus-Cyrl"),
        "tydiqa": ("eng-Latn", "rus-Cyrl"),
        "xquad": ("eng-Latn", "tur-Latn"),
        "tatoeba": ("deu-Latn", "rus-Cyrl"),
    }
    for target, expected in languages.items():
        for arm in ("none", "nli", "spans", "hellaswag", "multi"):
            seeds = (None,) if (arm, target) == ("none", "tatoeba") else (11, 12)
            for seed in seeds:
                assert {e.language for e in cells(built, arm=arm, target=target, seed=seed)} == set(expected)
    assert len(cells(built, arm="none", target="tatoeba")) == 2
    assert built.source_languages == dict.fromkeys(("xnli", "udpos", "panx", "tydiqa", "xquad"), "eng-Latn")
    assert built.metrics["panx"] == "span_f1"


def test_evaluations_of_one_checkpoint_go_together(built):
    by_group = Counter(node.group for node in built.nodes if node.kind == "zero_shot")
    tuned = next(node for node in built.nodes if node.kind == "fine_tuning" and "TyDiQA" in node.label)
    assert by_group[f"zero_shot {tuned.key}"] == 4


def test_stand_ins_are_recorded(built):
    assert built.stand_ins == (
        "arm hellaswag: training set of HellaSwag replaced by hellaswag/hellaswag_val.jsonl",
        "target xquad: trained on tydiqa",
    )


# What changes which keys.


def test_a_new_language_adds_evaluations_and_nothing_else(own):
    before = own.build()
    studies.write_xnli(own.data / "xnli/test-ru.tsv", "ru", 8, seed=4)
    studies.write_tagged(own.data / "panx/test-de.tsv", "panx", "de", 8, seed=5)
    studies.write_tatoeba(own.data / "tatoeba", "tr", "tur", 8, seed=11)
    after = own.build()
    assert keys(before) < keys(after)
    added = [node for node in after.nodes if node.key not in keys(before)]
    assert {node.kind for node in added} == {"zero_shot"}
    assert len(added) == 2 * (5 * 2) + (1 + 4 * 2)


def test_other_files_of_a_task_change_nothing(own):
    before = own.build()
    studies.write_tagged(own.data / "udpos/train-tr.tsv", "udpos", "tr", 8, seed=6)
    studies.write_xnli(own.data / "xnli/dev-ru.tsv", "ru", 8, seed=6)
    assert keys(own.build()) == keys(before)


def test_a_changed_training_file_changes_only_what_reads_it(own):
    before = own.build()
    studies.write_tagged(own.data / "udpos/train-en.tsv", "udpos", "en", 24, seed=99)
    after = own.build()
    gone = [node for node in before.nodes if node.key not in keys(after)]
    assert {node.kind for node in gone} == {"fine_tuning", "zero_shot"}
    assert all("UD POS" in node.label or "udpos" in node.label for node in gone)
    assert len(gone) == 10 + 20


def test_where_files_lie_does_not_matter(study, built, tmp_path):
    elsewhere = studies.write_study(tmp_path / "elsewhere")
    assert keys(elsewhere.build()) == keys(built)
    (elsewhere.data / "own/nli.csv").rename(elsewhere.data / "own/renamed.csv")
    assert keys(elsewhere.build("intermediate.0.task.files=own/renamed.csv")) == keys(built)


def test_an_arms_name_is_a_label(study, built):
    renamed = study.build("intermediate.0.name=other", "intermediate.3.tasks=[other, spans, hellaswag]")
    assert keys(renamed) == keys(built)
    assert {e.arm for e in renamed.evaluations} == {"none", "other", "spans", "hellaswag", "multi"}


def test_a_targets_name_is_a_label(study, built):
    renamed = study.build("targets.0={name: inference, task: xnli}")
    assert keys(renamed) == keys(built)


def test_the_evaluation_budget_is_in_evaluation_keys_alone(study, built):
    other = study.build("budget.max_eval_examples=5")
    training = ("tokenizer", "masked_lm", "single_task", "multi_task", "fine_tuning")
    assert keys(other, *training) == keys(built, *training)
    assert not keys(other, "zero_shot") & keys(built, "zero_shot")


def test_selection_has_a_limit_of_its_own(study):
    few, many = (study.build("recipe.epochs=2", f"recipe.selection.max_examples={n}") for n in (4, 5))
    assert keys(few, "masked_lm", "tokenizer") == keys(many, "masked_lm", "tokenizer")
    assert not keys(few, "fine_tuning") & keys(many, "fine_tuning")
    tuned = next(node for node in few.nodes if node.kind == "fine_tuning" and "UD POS" in node.label)
    (task,) = tuned.params["tasks"]
    assert (task["dev"]["split"], task["dev"]["limit"]) == ("dev", 4)
    assert tuned.versions["metrics.pos"] == 1  # it decides which checkpoint is kept


def test_a_dev_set_that_is_the_test_never_selects(study):
    selecting = study.build("recipe.epochs=2")
    tuned = next(node for node in selecting.nodes if node.kind == "fine_tuning" and "TyDiQA" in node.label)
    (task,) = tuned.params["tasks"]
    assert task["train"]["hold_out"] == "train"
    assert task["dev"]["hold_out"] == "dev"
    assert set(tuned.data) == {"0/train/eng-Latn/0"}


def test_seeds_may_be_added_and_taken_away(study, built):
    more, fewer = study.build("seeds=[11, 12, 13]"), study.build("seeds=[12]")
    assert keys(fewer) < keys(built) < keys(more)
    assert {node.params["seed"] for node in more.nodes if node.key not in keys(built) and "seed" in node.params} == {13}


def test_the_pretraining_seed_is_its_own(study, built):
    other = study.build("pretraining.seed=2")
    assert keys(other, "tokenizer") == keys(built, "tokenizer")
    assert len(keys(other) & keys(built)) == 1


def test_the_order_of_arms_and_targets_does_not_matter(study, built):
    reversed_ = study.build("targets=[tatoeba, {task: xquad, train_on: tydiqa}, tydiqa, panx, udpos, xnli]")
    assert keys(reversed_) == keys(built)


def test_an_arm_less_leaves_the_others(study, built):
    baseline = study.build("intermediate=[]")
    assert keys(baseline) < keys(built)
    assert {e.arm for e in baseline.evaluations} == {"none"}


def test_an_arms_own_recipe_and_budget_are_its_own(study, built):
    own = study.build("intermediate.3.budget.max_train_examples=5", "intermediate.0.recipe.epochs=3")
    shared = keys(own) & keys(built)
    changed = [node for node in own.nodes if node.key not in shared]
    assert {n.label.split(" · ")[0] for n in changed if n.kind in ("single_task", "multi_task")} == {
        "single_task nli",
        "multi_task multi",
    }
    multi = next(node for node in own.nodes if node.kind == "multi_task")
    assert [task["train"]["limit"] for task in multi.params["tasks"]] == [5, 5, 5]


def test_budgets_are_keyed_by_training_set(built):
    limits = {
        (task["train"]["task"], task["train"]["limit"])
        for node in built.nodes
        if node.kind == "fine_tuning"
        for task in node.params["tasks"]
    }
    assert limits == {("mnli", 20), ("udpos", 20), ("panx", 20), ("tydiqa", 16)}


def test_a_layer_belongs_to_retrieval(study, built):
    chosen = study.build("targets.5.layer=2")
    changed = [node for node in chosen.nodes if node.key not in keys(built)]
    assert {node.params["dataset"]["task"] for node in changed} == {"tatoeba"}
    assert {node.params["layer"] for node in changed} == {2}


def test_precision_and_micro_batches_change_numbers(study, built):
    # The study's pretraining names its own precision; what it does not name is that of the run.
    for setting, kept in (
        ("recipe.precision=bf16", ("tokenizer", "masked_lm")),
        ("recipe.micro_batch_tokens=2048", ("tokenizer",)),
        ("recipe.plain=true", ("tokenizer",)),
    ):
        other = study.build(setting)
        assert keys(other) & keys(built) == keys(built, *kept)
        assert len(other.nodes) == len(built.nodes)


def test_plain_is_left_out_of_the_key_where_it_is_not_asked_for(study, built):
    assert keys(study.build("recipe.plain=false")) == keys(built)
    recipes = [node.params["recipe"] for node in study.build("recipe.plain=true").nodes if "recipe" in node.params]
    assert {recipe["plain"] for recipe in recipes} == {True}
    assert not any("plain" in node.params.get("recipe", node.params) for node in built.nodes)


def test_threads_are_outside_the_key(study, built):
    from xstilts.experiments.graph import build

    other = build(study.experiment(), data=study.data, store=study.store, cores=7)
    assert keys(other) == keys(built)
    assert {node.threads for node in other.nodes if node.kind == "masked_lm"} == {7}


def test_golden_keys(built):
    """Keys are promises: what a store holds stays valid as long as these stay the same.

    Where a version was raised on purpose, or the test data changed, run this test with XSTILTS_RENEW_GOLDEN=1.
    """
    chosen = {
        "tokenizer",
        "masked_lm pretraining",
        "single_task nli · seed 11",
        "single_task hellaswag · seed 12",
        "multi_task multi · seed 11",
        "fine_tuning MultiNLI ← none · seed 11",
        "fine_tuning TyDiQA-GoldP ← multi · seed 12",
        "zero_shot udpos rus-Cyrl ← none · seed 11",
        "zero_shot tatoeba deu-Latn ← none",
    }
    found = {node.label: node.key for node in built.nodes if node.label in chosen}
    if os.environ.get(RENEW):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert len(found) == 9
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8")), f"if that is meant, renew them with {RENEW}=1"


def test_the_tiny_profile_is_the_same_graph_and_nothing_in_it_is_larger(study, built):
    large = ("model=scratch:small", "recipe.epochs=9", "budget.max_train_examples={default: 5000, tydiqa: 7}")
    own = ("intermediate.0.budget.max_train_examples=4000", "intermediate.0.recipe.epochs=30")
    tiny = study.build(*large, *own, "profile=tiny", "budget.max_eval_examples=null", "targets.5.recipe.max_steps=900")
    assert Counter(node.kind for node in tiny.nodes) == Counter(node.kind for node in built.nodes)
    assert tiny.reference.scratch == "tiny"
    assert tiny.experiment.folder == study.folder
    for node in tiny.nodes:
        if "recipe" in node.params and node.kind != "masked_lm":
            assert node.params["recipe"]["max_steps"] == 8
            assert node.params["recipe"]["epochs"] == 1
            limits = {task["train"]["task"]: task["train"]["limit"] for task in node.params["tasks"]}
            assert all(limit == (7 if task == "tydiqa" else 64) for task, limit in limits.items())
        if node.kind == "zero_shot":
            assert node.params["dataset"]["limit"] == 20
    assert all(node.params["max_tokens"] == 2000 for node in tiny.nodes if node.kind == "masked_lm")


# Languages, missing data, tasks of one's own.


def test_chosen_languages_alone_are_evaluated(study, built):
    chosen = study.build("languages=[en, ru]")
    assert {e.language for e in chosen.evaluations} == {"eng-Latn", "rus-Cyrl"}
    assert keys(chosen) < keys(built)
    assert keys(chosen, "fine_tuning") == keys(built, "fine_tuning")


def test_a_chosen_language_without_data_is_said(study):
    chosen = study.build("languages=[en, sw]")
    assert any("swa-Latn" in note or "swh-Latn" in note for note in chosen.notes)
    with pytest.raises(ConfigError, match="nothing to evaluate"):
        study.build("languages=[sw]")


def test_all_missing_data_is_named_at_once(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", _offline)
    (own.data / "panx/train-en.tsv").unlink()
    (own.data / "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.en.train.json").unlink()
    with pytest.raises(ConfigError) as caught:
        own.build()
    message = str(caught.value)
    assert "panx/train-en.tsv" in message
    assert "tydiqa.en.train.json" in message
    assert "nothing was trained" in message


def _offline(hub):
    from xstilts.data.downloads import HubError

    raise HubError("no connection")


def test_a_language_that_is_not_in_the_table_runs_under_its_code(own):
    studies.write_xnli(own.data / "xnli/test-xx.tsv", "ru", 8, seed=4)
    found = own.build()
    assert any("'xx'" in note for note in found.notes)
    assert len(cells(found, target="xnli", language="xx-Zzzz")) == 5 * 2


OWN_TARGET = (
    "targets=[{name: mine, task: {files: own/nli.csv, kind: pair_classification, "
    "labels: [entailment, neutral, contradiction], test: {de: own/test-de.csv}}}]"
)


def test_a_target_of_ones_own(own):
    studies.write_nli_csv(own.data / "own/test-de.csv", 9, seed=20)
    found = own.build(OWN_TARGET, "intermediate=[]")
    assert {(e.target, e.language) for e in found.evaluations} == {("mine", "deu-Latn")}
    tuned = next(node for node in found.nodes if node.kind == "fine_tuning")
    assert tuned.params["tasks"][0]["train"]["spec"]["kind"] == "pair_classification"
    assert "mine" not in json.dumps(tuned.identity)


def test_test_files_by_code(own):
    for code in ("de", "tr"):
        studies.write_nli_csv(own.data / f"own/test-{code}.csv", 9, seed=20)
    found = own.build(OWN_TARGET.replace("{de: own/test-de.csv}", "'own/test-{code}.csv'"), "intermediate=[]")
    assert {e.language for e in found.evaluations} == {"deu-Latn", "tur-Latn"}


def test_a_chosen_metric_is_taken(own):
    studies.write_tagged(own.data / "own/tags.conll", "panx", "en", 20, seed=30)
    task = "{files: own/tags.conll, kind: tagging, labels: [O, B-LOC], test: {en: own/tags.conll}, metric: pos}"
    found = own.build(f"targets=[{{name: mine, task: {task}}}]", "intermediate=[]")
    assert found.metrics == {"mine": "pos"}


def test_dev_files_that_are_evaluated_do_not_select(own):
    studies.write_nli_csv(own.data / "own/dev.csv", 9, seed=20)
    found = own.build(OWN_TARGET.replace("test: {de: own/test-de.csv}", "dev: own/dev.csv"), "recipe.epochs=2")
    tuned = next(node for node in found.nodes if node.kind == "fine_tuning")
    assert tuned.params["tasks"][0]["dev"]["hold_out"] == "dev"
    assert {e.language for e in found.evaluations} == {"eng-Latn"}


def test_a_published_target_trains_on_files_of_ones_own(own):
    files = "{files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}"
    found = own.build(f"targets=[{{task: xnli, train_on: {files}}}]", "recipe.epochs=2")
    tuned = [node for node in found.nodes if node.kind == "fine_tuning"]
    assert tuned
    for node in tuned:
        (entry,) = node.params["tasks"]
        assert entry["train"]["labels"] == ["entailment", "neutral", "contradiction"]
        assert [Path(place).name for role, place in node.paths.items() if "train" in role] == ["nli.csv"]
        assert entry["dev"]["task"] == "xnli"
    assert "target xnli: trained on own/nli.csv" in found.stand_ins
    with pytest.raises(ConfigError, match="kind and labels must be equal"):
        own.build("targets=[{task: xnli, train_on: {files: [own/nli.csv], kind: pair_classification, labels: [a, b]}}]")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([OWN_TARGET.replace(", test: {de: own/test-de.csv}", "")], ["mine", "evaluate"]),
        ([OWN_TARGET], ["own/test-de.csv"]),
        (["targets.0={task: xnli, train_on: udpos}"], ["targets.0.train_on", "pair_classification", "tagging"]),
        (["targets.0={task: xnli, layer: 1}"], ["targets.0.layer", "retrieval"]),
        (["targets.5.layer=9"], ["targets.5.layer", "2"]),
        (["intermediate.0.task.files=own/nil.csv"], ["own/nil.csv", "did you mean own/nli.csv?"]),
        (["intermediate.0.task.files=../study.yaml"], ["escapes its folder"]),
        ([OWN_TARGET.replace("{de: own/test-de.csv}", "'../t-{code}.csv'")], ["escapes its folder"]),
        (["pretraining.text=text/momo"], ["text/momo", "did you mean text/mono?"]),
        (["model=scratch:tiney"], ["tiney", "tiny"]),
    ],
)
def test_refuses(study, settings, words):
    with pytest.raises(UserError) as caught:
        study.build(*settings)
    for word in words:
        assert word in str(caught.value)


def test_pretraining_on_one_file(study, built):
    one = study.build("pretraining.text=text/mono/en.txt", "pretraining.parallel=null")
    node = next(node for node in one.nodes if node.kind == "masked_lm")
    assert set(node.data) == {"text/eng-Latn"}


def test_a_broken_file_is_found_before_anything_trains(own):
    file = own.data / "udpos/test-ru.tsv"
    file.write_text(file.read_text(encoding="utf-8").replace("VERB", "VREB", 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"test-ru\.tsv:\d+: .*VREB.*"):
        own.build()
    assert not list((own.folder / "store").glob("entries/*"))
