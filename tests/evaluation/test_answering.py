"""One way from examples to predictions: from plain ones, and from rows that are there already."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
import tiny_encoder as tiny
import tiny_runs as runs

import studies
from xstilts import registry
from xstilts.evaluation.answering import answer
from xstilts.evaluation.predicting import predict
from xstilts.phases.examples import examples_of
from xstilts.phases.zero_shot import EvaluationParams
from xstilts.training.checkpoint import Start, TaskHead, load_for
from xstilts.training.placement import accelerator_for

KINDS = ("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice", "dual_encoder")


def answered(model, kind, examples, labels, **options):
    head = TaskHead(task=kind, kind=kind, labels=labels)
    tokenizer = tiny.tokenizer("sentencepiece")
    return answer(model, head, examples, tokenizer, accelerator=accelerator_for("fp32"), max_length=64, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_plain_examples_are_answered(kind):
    examples, labels = tiny.examples_of(kind)
    model, rows = runs.model_for((kind,)), runs.rows_of(kind, training=False)
    found = answered(model, kind, examples, labels)
    (outputs,) = predict(
        model,
        kind,
        [rows],
        tokens=4096,
        pad_id=runs.PAD,
        accelerator=accelerator_for("fp32"),
        report=runs.Report(),
        phase="train",
    )
    head = registry.find("heads.encoder", kind)
    assert found == head.decode(outputs, [rows.row(i) for i in range(len(rows))], examples, labels=labels)
    assert len(found) == len(examples)


def test_nothing_is_answered_with_nothing():
    assert answered(runs.model_for(("tagging",)), "tagging", [], ("O",)) == []


def test_it_says_how_far_it_is():
    examples, labels = tiny.examples_of("tagging")
    report = runs.Report()
    answered(runs.model_for(("tagging",)), "tagging", examples, labels, report=report, phase="train", tokens=40)
    assert report.steps == list(range(1, len(report.steps) + 1))
    assert len(report.steps) > 1


@pytest.mark.parametrize(
    "label", ["zero_shot xnli deu-Latn ← none · seed 11", "zero_shot xquad tur-Latn ← nli · seed 12"]
)
def test_a_checkpoint_answers_as_the_run_did(label):
    """What the study's node wrote from cached rows, from its examples alone."""
    study, _ = studies.finished()
    node = next(node for node in study.build().nodes if node.label == label)
    said = EvaluationParams.read(node.params)
    dataset = said.dataset
    directory = study.store.directory(node.parents["model"].key)
    head = TaskHead(task=dataset.task, kind=dataset.kind, labels=dataset.labels)
    found = answer(
        load_for(directory, [head]),
        head,
        examples_of(dataset, node, study.store),
        Start(directory=directory).tokenizer(),
        accelerator=accelerator_for(said.precision),
        max_length=said.max_length,
        tokens=said.micro_batch_tokens,
    )
    written = pq.ParquetFile(study.store.open(node.key).path("predictions.parquet")).read()
    assert [json.loads(one) for one in written.column("prediction").to_pylist()] == found
    assert found
