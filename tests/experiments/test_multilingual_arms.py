"""Arms over several languages: what they draw from, how many examples, and what is refused."""

from __future__ import annotations

import re

import pytest

import mixing
from xstilts.errors import ConfigError
from xstilts.phases.balances import Balance
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import located_examples
from xstilts.phases.methods import arm_of, sentence_of
from xstilts.phases.multilingual import drawn
from xstilts.runs.planning import plan

ONE = ("targets=[tatoeba]",)
TRANSLATED = "method: multilingual, task: xnli_translated, languages: [de, tr]"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return mixing.write(tmp_path_factory.mktemp("mixing"))


def arm(study, keys, *more):
    built = study.build(*ONE, f"intermediate=[{{name: many, {keys}}}]", *more)
    return {node.kind: node for node in built.nodes if node.kind.startswith("multilingual")}


def rows(study, node):
    return located_examples(Dataset.read(node.params["dataset"]), node, study.store)


def chosen(study, node):
    """What a draw takes, computed as its node does."""
    params = node.params
    total = params.get("examples")
    if "match" in params:
        total = len(located_examples(Dataset.read(params["match"]), node, study.store))
    balance = Balance(**params["balance"])
    return drawn(rows(study, node), balance, total, exact="match" in params, seed=params["seed"])


def counts(found):
    languages = [one.language for one in found]
    return {language: languages.count(language) for language in sorted(set(languages))}


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        ("balance: proportional", {"deu-Latn": 11, "tur-Latn": 5}),
        ("balance: uniform", {"deu-Latn": 8, "tur-Latn": 8}),
        ("balance: temperature, temperature: 2", {"deu-Latn": 9, "tur-Latn": 7}),
        ("balance: proportional, cap: 8", {"deu-Latn": 8, "tur-Latn": 8}),
        ("balance: {de: 3, tr: 1}", {"deu-Latn": 12, "tur-Latn": 4}),
    ],
)
def test_the_balance_is_kept_within_the_budget(study, balance, expected):
    nodes = arm(study, f"{TRANSLATED}, {balance}")
    assert counts(chosen(study, nodes["multilingual.draw"])) == expected
    assert nodes["multilingual"].estimate["steps"] == pytest.approx(min(16 / 4, 2))


def test_without_a_budget_it_is_as_large_as_the_balance_allows(study):
    nodes = arm(study, f"{TRANSLATED}, balance: uniform", "budget.max_train_examples=null")
    assert counts(chosen(study, nodes["multilingual.draw"])) == {"deu-Latn": 9, "tur-Latn": 9}


@pytest.fixture
def english(study):
    """The translated set has English as well: six rows less than German."""
    file = study.data / f"{mixing.MT}.en.tsv"
    mixing.studies.write_xnli(file, "en", 14, seed=2)
    yield file
    file.unlink()


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("budget", "expected"), [(20, 14), (9, 9)])
def test_the_size_is_that_of_the_english_rows_of_the_same_task_and_budget(study, budget, expected):
    draw = arm(study, f"{TRANSLATED}, match: english", f"budget.max_train_examples={budget}")["multilingual.draw"]
    assert [one["language"] for one in draw.params["match"]["parts"]] == ["eng-Latn"]
    assert len(chosen(study, draw)) == expected


def test_an_earlier_arm_of_that_name_is_what_is_matched(study):
    english = "{name: english, task: mnli, budget: {max_train_examples: 13}}"
    keys = f"{english}, {{name: many, {TRANSLATED}, match: english}}"
    draws = [node for node in study.build(*ONE, f"intermediate=[{keys}]").nodes if node.kind == "multilingual.draw"]
    assert [(draw.params["match"]["task"], draw.params["match"]["limit"]) for draw in draws] == [("mnli", 13)]
    assert len(chosen(study, draws[0])) == 13


def test_sources_of_several_kinds_are_mixed(study):
    built = study.build(*ONE)
    (draw,) = (node for node in built.nodes if node.kind == "multilingual.draw")
    assert draw.params["match"]["task"] == "mnli"
    found = chosen(study, draw)
    assert counts(found) == {"deu-Latn": 4, "rus-Cyrl": 4, "tur-Latn": 4}
    assert {one.source for one in found} == {"xnli_translated", "user"}


def test_rows_that_are_held_out_to_select_are_in_neither_of_the_two(study):
    keys = "method: multilingual, task: {files: [own/nli.csv], kind: pair_classification}, match: english, "
    own = "{task: {files: [own/nli.csv], kind: pair_classification}}"
    labels = "{e: entailment, n: neutral, c: contradiction}"
    russian = f"{{task: {{files: [own/ru.csv], kind: pair_classification, language: ru}}, labels: {labels}}}"
    nodes = arm(study, f"{keys}sources: [{own}, {russian}]", "recipe.epochs=2", "budget.max_train_examples=null")
    draw, training = nodes["multilingual.draw"], nodes["multilingual"]
    assert draw.params["match"]["hold_out"] == "train"
    assert [one.get("hold_out") for one in draw.params["dataset"]["joined"]] == ["train", None]
    matched = located_examples(Dataset.read(draw.params["match"]), draw, study.store)
    assert len(matched) < 24
    assert len(chosen(study, draw)) == len(matched)
    selecting = located_examples(Dataset.read(training.params["tasks"][0]["dev"]), training, study.store)
    assert len(selecting) + len(matched) == 24
    drawable = {one.example.first for one in rows(study, draw) if one.language == "eng-Latn"}
    assert drawable == {one.example.first for one in matched}


def test_labels_of_a_source_are_those_of_the_task(study):
    built = study.build(*ONE)
    (draw,) = (node for node in built.nodes if node.kind == "multilingual.draw")
    labels = {one.example.label for one in rows(study, draw) if one.language == "rus-Cyrl"}
    assert labels == {"entailment", "neutral", "contradiction"}
    assert len({(one.language, one.example.example_id) for one in rows(study, draw)}) == 18 + 9 + 15


def test_a_draw_is_priced_without_a_model_and_its_training_by_what_is_drawn(study):
    built = study.build(*ONE, "model=xlm_roberta:base", "pretraining=null", planning=True)
    rows = {row["kind"]: row for row in plan(built, study.store)}
    assert (rows["multilingual.draw"]["tokens"], rows["multilingual.draw"]["flops"]) == (0, 0)
    assert rows["multilingual.draw"]["bytes"] < 1_000_000 < rows["multilingual"]["bytes"]
    large = arm(study, f"{TRANSLATED}, balance: uniform, budget: {{max_train_examples: 16}}", "recipe.max_steps=null")
    small = arm(study, f"{TRANSLATED}, balance: uniform, budget: {{max_train_examples: 8}}", "recipe.max_steps=null")
    costs = [one["multilingual"].estimate["characters"] for one in (large, small)]
    assert costs[0] == pytest.approx(2 * costs[1])


def test_another_seed_draws_other_rows_and_the_same_seed_the_same(study):
    built = study.build(*ONE, "seeds=[11, 12]")
    draws = [node for node in built.nodes if node.kind == "multilingual.draw"]
    first, second = (chosen(study, draw) for draw in draws)
    assert [one.example.example_id for one in first] != [one.example.example_id for one in second]
    assert first == chosen(study, draws[0])
    assert counts(first) == counts(second)


def test_a_source_that_is_not_here_may_be_left_out_and_what_is_matched_may_not():
    keys = {"name": "m", "method": "multilingual", "sources": ["ocnli", "jnli", "mnli"], "match": "english"}
    given = arm_of(keys)
    assert [one.task for one in given.without(frozenset({0})).sources] == ["jnli", "mnli"]
    assert len(given.without(frozenset({0})).rows()) == 3
    assert given.without(frozenset({3})) is None
    assert given.without(frozenset({0, 1, 2})) is None
    assert given.without(frozenset()) is given


def test_a_tiny_run_does_without_a_source_that_is_not_here(study, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    keys = "method: multilingual, sources: [mnli, ocnli], match: english"
    built = study.build(*ONE, "profile=tiny", f"intermediate=[{{name: many, {keys}}}]")
    (note,) = (note for note in built.notes if "left out" in note and "arm" in note)
    assert note.startswith("profile tiny: arm many (ocnli) is left out: ocnli, train, zho-Hani")
    (draw,) = (node for node in built.nodes if node.kind == "multilingual.draw")
    assert [one["task"] for one in draw.params["dataset"]["joined"]] == ["mnli"]


def test_it_is_described():
    keys = {"name": "many", "method": "multilingual", "sources": ["ocnli", {"task": "mnli"}], "match": "english"}
    assert sentence_of({**keys, "task": "mnli"}) == (
        "rows of ocnli and mnli; balance proportional; as many examples as english"
    )


REFUSED = {
    f"{TRANSLATED}, languages: [de, ja]": r"xnli_translated has no training set in jpn-Jpan; it has one in ara-Arab",
    "method: multilingual, task: ocnli, languages: [de]": r"ocnli has no training set in deu-Latn; .*nli_26lang",
    f"{TRANSLATED}, balance: {{de: 1, ru: 1}}": r"balance: a share of rus-Cyrl, in which no source has rows; there are",
    f"{TRANSLATED}, balance: {{de: 1}}": r"balance: no share of tur-Latn",
    f"{TRANSLATED}, balance: even": r"unknown balance 'even'",
    f"{TRANSLATED}, balance: temperature": r"balance: temperature and the key temperature belong together",
    f"{TRANSLATED}, temperature: 2": r"belong together",
    f"{TRANSLATED}, match: mnli, balance: uniform, budget: {{max_train_examples: 24}}": (
        r"match: 24 examples are to be matched; with 9 rows in tur-Latn, this balance has 18 .*at most 18 examples"
    ),
    f"{TRANSLATED}, cap: 5, match: mnli": r"16 examples are to be matched; what is drawn from has 10 without",
    f"{TRANSLATED}, match: nobody": r"unknown task 'nobody'",
    f"{TRANSLATED}, match: many": r"'many' is compared with itself",
    f"{TRANSLATED}, match: hellaswag": r"hellaswag is multiple_choice, not pair_classification",
    "method: multilingual, sources: [mnli, hellaswag]": r"hellaswag is multiple_choice, mnli is pair_classification",
    "method: multilingual, sources: [mnli, {task: {files: [own/ru.csv], kind: pair_classification, language: ru}}]": (
        r"the labels of many are c, e, n, those of mnli are .*labels: \{theirs: ours\}"
    ),
    "method: multilingual, sources: [mnli, {task: mnli, labels: {yes: neutral}}]": r"mnli has no label 'yes'",
    "method: multilingual, languages: [de]": r"key 'task' is missing, or 'sources'",
    "method: multilingual, task: xnli_translated": r"key 'languages' is missing, or 'sources'",
    "method: multilingual, sources: [ocnli], languages: [de]": r"each of the sources has its own languages",
    "task: mnli, balance: uniform": r"not a key of an arm with method: single_task, but of multilingual",
}


@pytest.mark.parametrize(("keys", "words"), REFUSED.items())
def test_what_cannot_be_meant_is_refused_while_planning(study, keys, words):
    keys = re.sub(r", languages: \[de, tr\], languages", ", languages", keys)
    with pytest.raises(ConfigError) as caught:
        study.build(*ONE, f"intermediate=[{{name: many, {keys}}}]", planning=True)
    assert re.search(words, str(caught.value)), str(caught.value)
