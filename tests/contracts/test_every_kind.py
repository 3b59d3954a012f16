"""Every kind of task: what it declares holds together, and it has a head on every architecture that it is meant for."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny

from xstilts import registry
from xstilts.data.user_tasks import kinds as of_own_files
from xstilts.heads import rows
from xstilts.models.architecture import architecture_named, architectures
from xstilts.reading.examples import Example, texts
from xstilts.tasks.kind import kind_of, kinds, versions_of

TASKS = [module.TASK for module in registry.modules("tasks").values()]


@pytest.fixture(params=kinds())
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def kind(name):
    return kind_of(name)


def test_it_is_described(kind):
    assert kind.title
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert issubclass(kind.example, Example)
    assert 8 <= kind.max_length <= 512
    assert kind.version >= 1


def test_there_are_tasks_of_it_unless_it_is_pretraining(name, kind):
    registered = any(task.kind == name for task in TASKS)
    assert (registered or kind.roles is not None) != kind.pretraining
    assert bool(kind.metric) != kind.pretraining
    if not callable(kind.metric):
        assert kind.pretraining or kind.metric in registry.names("metrics")


def test_its_default_metric_takes_its_golds(name, kind):
    if kind.pretraining:
        pytest.skip("nothing is scored")
    examples, labels = tiny.examples_of(name)
    metric = registry.find("metrics", kind.metric_for(labels))
    scored = kind.scored(examples)
    assert scored == sorted(set(scored))
    assert set(scored) <= set(range(len(examples)))
    golds = kind.golds(examples)
    assert len(golds) == len(examples)
    assert golds == [kind.gold(example) for example in examples] or kind.pooled
    if not kind.retrieval and name != "extractive_qa":
        for number in scored:
            counts = metric.counts(golds[number], golds[number], language="eng-Latn")
            assert len(counts) == len(metric.count_names)


def test_labels_are_those_of_the_examples(name, kind):
    examples, labels = tiny.examples_of(name)
    if kind.labels is None:
        assert labels == ()
        return
    assert {label for example in examples for label in kind.labels(example)} <= set(labels)
    field = {"tagging": "tags"}.get(name, "label")
    hidden = [dataclasses.replace(example, **{field: None}) for example in examples]
    assert [list(kind.labels(example)) for example in hidden] == [[]] * len(hidden)
    assert kind.golds(hidden) == [None] * len(hidden)


def test_its_examples_come_back_from_their_file(name, kind, tmp_path):
    examples, _ = tiny.examples_of(name)
    assert all(isinstance(example, kind.example) for example in examples)
    rows.examples_to_json(examples, tmp_path / "examples.jsonl")
    again = list(rows.examples_from_json(tmp_path / "examples.jsonl"))
    assert [type(example) for example in again] == [type(example) for example in examples]
    assert [list(texts(example)) for example in again] == [list(texts(example)) for example in examples]


def test_what_a_model_reads_holds_neither_ids_nor_gold(name, kind):
    examples, _ = tiny.examples_of(name)
    for example in examples:
        assert example.unread >= {"example_id", "cluster_id"}
        assert example.unread <= {field.name for field in dataclasses.fields(example)}
        assert all(isinstance(text, str) for text in texts(example))


@pytest.mark.parametrize("architecture", architectures())
def test_it_has_a_head(name, kind, architecture):
    meant = name in architecture_named(architecture).pretraining or not kind.pretraining
    assert (name in registry.names(f"heads.{architecture}")) == meant
    if meant:
        head = registry.find(f"heads.{architecture}", name)
        assert head.kind == name
        assert set(head.columns).isdisjoint({"input_ids", "attention_mask", "example"})


def test_what_it_trains_on_becomes_its_own_examples(kind):
    assert bool(kind.trained_on) == (kind.turned is not None)
    for other in kind.trained_on:
        examples, _ = tiny.examples_of(other)
        turned = kind.turned(examples, "eng-Latn")
        assert turned
        assert all(isinstance(example, kind.example) for example in turned)
        assert kind.turned(turned, "eng-Latn") == turned, "its own stay"


def test_kinds_of_own_files_have_roles():
    assert set(of_own_files()) == {name for name in kinds() if kind_of(name).roles is not None}
    assert {"single_classification", "pair_classification", "tagging"} <= set(of_own_files())
    for name in of_own_files():
        roles = kind_of(name).roles
        assert set(roles.optional) <= set(roles.find)
        assert set(roles.aliases.values()) <= set(roles.find)
        assert kind_of(name).labels is None or roles.gold in roles.find


def test_only_retrieval_is_pooled():
    assert all(kind_of(name).retrieval for name in kinds() if kind_of(name).pooled)


def test_a_kind_is_in_no_key_before_its_second_version(monkeypatch):
    assert all(versions_of(name) == {} for name in kinds())
    raised = dataclasses.replace(kind_of("tagging"), version=2)
    monkeypatch.setattr(registry.modules("tasks.kinds")["tagging"], "KIND", raised)
    assert versions_of("tagging") == {"tasks.kinds.tagging": 2}


def test_looking_kinds_up_imports_nothing_heavy():
    code = (
        "import sys; from xstilts import registry; registry.modules('tasks.kinds'); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'numpy', 'pyarrow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_answer_that_is_one_of_few_says_what_it_consists_of(name, kind):
    if kind.pretraining or kind.parts is None:
        return
    examples, labels = tiny.examples_of(name)
    parts = [part for gold in kind.golds(examples) for part in kind.parts(gold)]
    assert len(parts) >= len(examples)
    assert set(parts) <= set(labels or parts)
    assert kind.part.endswith("s")
