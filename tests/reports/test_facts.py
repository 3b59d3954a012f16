"""What was run, where, and how long it took: what the record says and no more."""

import pytest
from small_report import small_table

from xstilts.analysis.provenance import RunInfo
from xstilts.reports.facts import facts, summary
from xstilts.reports.recipe import read_experiment

EXPERIMENT = """
name: x
pretraining: {text: text/mono, parallel: text/parallel, max_tokens: 3000000}
intermediate:
- {name: nli, task: {files: [a.csv, b.csv], kind: pair_classification}}
- {name: hellaswag, task: hellaswag, train_file: [v.jsonl], budget: {max_train_examples: 10}}
- {name: multi, method: multi_task, tasks: [nli, hellaswag], cap: 131072}
- {name: both, task: mnli, masked_lm: {text: [text/mono], share: 0.2, languages: [deu-Latn]}}
targets:
- {name: xnli, task: xnli, train_on: snli}
- {name: panx, task: panx}
- {name: pawsx, task: pawsx, train_on: {files: [p.csv], kind: pair_classification}}
budget: {max_train_examples: {default: 2000, tydiqa: 1000, panx: null}}
"""
NODES = [
    {"threads of tokenizer": "1", "seconds": 2.0, "tokens": 0, "torch": "2.6"},
    {"threads of zero_shot": "1", "seconds": 60.4, "tokens": 1000, "torch": "2.6"},
    {"threads of zero_shot": "1", "seconds": 60.0, "tokens": 500, "torch": "2.6"},
]


@pytest.fixture(scope="module")
def small():
    return small_table(replicates=20)


def of(info, table):
    return {one.title: dict(one.items) for one in facts(table, info)}


def test_what_was_run(small):
    found = of(RunInfo(name="x", experiment=EXPERIMENT), small)["What was run"]
    assert found["pretraining"] == "masked_lm on text/mono and text/parallel, at most 3,000,000 tokens"
    assert found["arm nli"] == "pair_classification on a.csv and b.csv"
    assert found["arm hellaswag"] == "hellaswag on v.jsonl; at most 10 rows"
    assert found["arm multi"] == "nli and hellaswag at once, drawn by size up to 131,072 rows"
    assert found["arm both"] == "mnli; masked LM on text/mono (deu-Latn) in 20 % of the steps"
    assert found["target xnli"] == "accuracy; 3 languages; trained in eng-Latn; fine-tuned on snli"
    assert found["target panx"] == "f1; 1 language; trained in eng-Latn"
    assert found["target tatoeba"] == "accuracy; 1 language; no training"
    assert found["rows per training set"] == "at most 2,000; tydiqa at most 1,000; panx all"
    assert found["seeds"] == "11, 12"


@pytest.mark.parametrize(
    ("pretraining", "words"),
    [
        ("{text: [text/mono]}", "masked_lm on text/mono"),
        ("{text: [text/mono, microworld]}", "masked_lm on text/mono and microworld"),
        (
            "{method: masked_lm, text: [text/mono, microworld], parallel: [text/parallel, microworld], max_tokens: 9}",
            "masked_lm on text/mono, microworld and text/parallel, at most 9 tokens",
        ),
    ],
)
def test_the_folders_of_text_are_listed_in_words(small, pretraining, words):
    found = of(RunInfo(name="x", experiment=f"pretraining: {pretraining}"), small)["What was run"]
    assert found["pretraining"] == words


def test_on_what_and_how_long(small):
    found = of(RunInfo(name="x", machines=NODES, seconds=3.0, ran=1, tokens=7), small)
    assert found["Where it ran"] == {"threads of tokenizer": "1", "torch": "2.6", "threads of zero_shot": "1"}
    assert found["How long it took"] == {
        "this call": "3 s; 1 node ran",
        "tokens of this call": "7",
        "all nodes, including earlier calls": "2 min 2 s in 3 nodes, 1,500 tokens",
        "tokenizer": "2 s in 1 node",
        "zero_shot": "2 min in 2 nodes, 1,500 tokens",
    }


def test_what_is_not_recorded_is_left_out(small):
    found = of(RunInfo(name="x"), small)
    assert set(found) == {"What was run"}
    assert not {"model", "pretraining", "report made", "xstilts"} & set(found["What was run"])


@pytest.mark.parametrize(
    "text", ["", "a: 1\n```\n<x>", "- 1", "intermediate: 3", "intermediate: [x]", "budget: {max_train_examples: 5}"]
)
def test_an_experiment_that_is_not_understood_says_nothing(small, text):
    found = of(RunInfo(name="x", experiment=text), small)["What was run"]
    assert not any(key.startswith(("arm ", "rows", "pretraining")) for key in found)
    assert read_experiment(text) is not None


def test_summary(small):
    said = summary(small, RunInfo(name="x", model="mini"))
    assert said == ("mini", "2 arms against none", "3 targets", "3 languages", "2 seeds", "1 failed cell")


def test_how_many_rows_of_the_vocabulary_were_trained(small):
    nodes = [
        {"threads of fine_tuning": "1", "vocabulary": 250_037, "vocabulary_rows": rows} for rows in (6_169, 18_225)
    ]
    key = "rows of the vocabulary that a training changed"
    assert of(RunInfo(name="x", machines=nodes), small)["What was run"][key] == "6,169 to 18,225 of 250,037"
    assert of(RunInfo(name="x", machines=nodes[:1]), small)["What was run"][key] == "6,169 of 250,037"
    assert key not in of(RunInfo(name="x", machines=NODES), small)["What was run"]
    assert "vocabulary" not in str(of(RunInfo(name="x", machines=nodes), small).get("Where it ran"))
