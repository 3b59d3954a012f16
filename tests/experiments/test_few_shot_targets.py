"""Targets in another source language, and with few-shot examples of the target languages."""

from __future__ import annotations

import re

import pytest

import mixing
import studies
from xstilts.errors import ConfigError
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import located_examples
from xstilts.phases.shots import drawn

NO_ARM = ("intermediate=[]", "languages=all")
GERMAN = "{name: german, task: xnli, train_on: xnli_translated, source: de}"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    found = mixing.write(tmp_path_factory.mktemp("few"))
    studies.write_tagged(found.data / "udpos/train-ru.tsv", "udpos", "ru", 6, seed=41)
    return found


def build(study, target, *more, **options):
    return study.build(*NO_ARM, f"targets=[{target}]", *more, **options)


def nodes(built, kind):
    return [node for node in built.nodes if node.kind == kind]


def test_a_target_is_fine_tuned_and_selected_in_its_source_language(study):
    built = build(study, GERMAN, "recipe.epochs=2")
    assert built.source_languages == {"german": "deu-Latn"}
    (training,) = nodes(built, "fine_tuning")
    (task,) = training.params["tasks"]
    assert [part["language"] for part in task["train"]["parts"]] == ["deu-Latn"]
    assert (task["dev"]["task"], task["dev"]["parts"][0]["language"]) == ("xnli", "deu-Latn")


def test_the_usual_source_language_may_be_written(study):
    assert {n.key for n in build(study, "{name: x, task: xnli, source: en}").nodes} == {
        n.key for n in build(study, "{name: x, task: xnli}").nodes
    }


def test_files_that_stand_in_are_in_that_language(study):
    built = build(study, f"{{name: x, task: xnli, source: de, train_file: {mixing.MT}.de.tsv}}")
    assert built.source_languages == {"x": "deu-Latn"}
    assert len(nodes(built, "fine_tuning")) == 1


def test_shots_are_of_training_rows_where_there_are_any_and_else_of_dev_rows(study):
    built = build(study, "{name: x, task: udpos, shots: 3}")
    assert built.few_shot == {"x": {"rus-Cyrl": 3}}
    (draw,) = nodes(built, "fine_tuning.shots")
    assert draw.params["dataset"]["split"] == "train"
    (draw,) = nodes(build(study, "{name: x, task: xnli, shots: {k: 3, languages: [de, tr]}}"), "fine_tuning.shots")
    assert (draw.params["dataset"]["task"], draw.params["dataset"]["split"]) == ("xnli", "dev")
    assert draw.params["tests"]["split"] == "test"


def test_the_rows_of_the_source_language_stay_those_of_zero_shot(study):
    (zero,) = nodes(build(study, "{name: x, task: xnli}"), "fine_tuning")
    built = build(study, "{name: x, task: xnli, shots: 2}")
    (few,) = nodes(built, "fine_tuning")
    (draw,) = nodes(built, "fine_tuning.shots")
    own, shots = few.params["tasks"][0]["train"]["joined"]
    plain = zero.params["tasks"][0]["train"]
    assert (own["limit"], own["task"], own["parts"][0]["language"]) == (16, "mnli", "eng-Latn")
    assert plain["limit"] == 16
    assert shots["subset"] in few.parents
    assert few.parents[shots["subset"]] is draw
    (few,) = nodes(build(study, "{name: x, task: xnli, shots: 2}", "recipe.max_steps=null"), "fine_tuning")
    assert few.estimate["steps"] == pytest.approx((16 + 2 * 2) / 4)


def test_held_out_rows_are_those_of_the_source_language(study):
    (few,) = nodes(build(study, "{name: x, task: xquad, train_on: tydiqa}", "recipe.epochs=2"), "fine_tuning")
    assert few.params["tasks"][0]["dev"]["hold_out"] == "dev"
    target = "{name: x, task: tydiqa, shots: {k: 2}}"
    studies.write_squad(
        study.data / "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.ru.train.json", "ru", 12, seed=51, name="russian"
    )
    (few,) = nodes(build(study, target, "recipe.epochs=2"), "fine_tuning")
    task = few.params["tasks"][0]
    assert [one.get("hold_out") for one in task["train"]["joined"]] == ["train", None]
    assert [one["hold_out"] for one in task["dev"]["joined"]] == ["dev"]


def test_every_seed_draws_its_own(study):
    built = build(study, "{name: x, task: xnli, shots: 2}", "seeds=[1, 2]")
    first, second = nodes(built, "fine_tuning.shots")
    assert taken(study, first) != taken(study, second)
    assert taken(study, first) == taken(study, first)
    languages = [language for language, _ in taken(study, first)]
    assert sorted(languages) == ["deu-Latn", "deu-Latn", "tur-Latn", "tur-Latn"]


def taken(study, node):
    rows, tests = (
        located_examples(Dataset.read(node.params[name]), node, study.store) for name in ("dataset", "tests")
    )
    chosen = drawn(rows, tests, node.params["k"], seed=node.params["seed"])
    return [(one.language, one.example.example_id) for one in chosen]


def test_languages_without_rows_stay_zero_shot_and_are_named(study):
    studies.write_tagged(study.data / "udpos/test-tr.tsv", "udpos", "tr", 4, seed=42)
    built = build(study, "{name: x, task: udpos, shots: 2}")
    assert built.few_shot == {"x": {"rus-Cyrl": 2}}
    assert "target x: no rows to draw few-shot examples from in tur-Latn" in built.notes
    built = build(study, "{name: x, task: udpos, shots: {k: 2, languages: [tr]}}", planning=True)
    assert built.few_shot == {"x": {"tur-Latn": 2}}, "its training set is published"
    (study.data / "udpos/test-tr.tsv").unlink()


def test_a_contrast_is_of_zero_shot_or_of_few_shot_targets(study):
    targets = "targets=[xnli, {name: few, task: xnli, shots: 2}]"
    question = "question={text: Does it help?, contrasts: [{arm: many, targets: [xnli, few]}]}"
    with pytest.raises(ConfigError, match=r"contrasts.0.targets: zero-shot and few-shot targets are never averaged"):
        study.build(targets, question)


REFUSED = {
    "{name: x, task: xnli, source: de}": (
        r"targets.0.source: mnli has no training set in deu-Latn; it has one in eng-Latn .*xnli_translated"
    ),
    "{name: x, task: xnli, source: klingon}": r"unknown language 'klingon'",
    "{name: x, task: tatoeba, source: de}": r"targets.0.source: target x is not trained",
    "{name: x, task: tatoeba, shots: 3}": r"targets.0.shots: target x is not trained",
    "{name: x, task: xnli, shots: 9}": (
        r"targets.0.shots.k: 9 examples of deu-Latn are asked for; the dev set of xnli has 8 \(at most 8"
    ),
    "{name: x, task: xquad, train_on: tydiqa, shots: {k: 1, languages: [tr]}}": (
        r"shots: target x has no rows in tur-Latn"
    ),
    "{name: x, task: xnli, shots: {k: 2, languages: [ru]}}": r"target x has no test rows in rus-Cyrl",
    "{name: x, task: xnli, shots: {k: 2, languages: [en]}}": r"no test rows in eng-Latn beside its source language",
    "{name: x, task: xnli, shots: {languages: all}}": r"shots.k: this key is missing",
    "{name: x, task: xnli, shots: {k: 0}}": r"0 is out of range; expected at least 1",
    "{name: x, task: xnli, shots: {k: 1, languages: []}}": r"the list is empty; expected all",
    "{name: x, task: {files: [own/nli.csv], test: own/nli.csv, kind: pair_classification}, source: de}": (
        r"said with them \(language"
    ),
}


@pytest.mark.parametrize(("target", "words"), REFUSED.items())
def test_what_cannot_be_is_refused_while_planning(study, target, words):
    with pytest.raises(ConfigError) as caught:
        build(study, target, planning=True)
    assert re.search(words, str(caught.value)), str(caught.value)
