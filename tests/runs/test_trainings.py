"""What a store says of the trainings behind a run: losses and answers, and which of them came out near nothing."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import studies
from damaging import flip_unseen
from xstilts import registry
from xstilts.evaluation.scoring import score, write_counts, write_predictions
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Answer, Classified, Question, Tagged
from xstilts.runs.running import load_run
from xstilts.runs.trainings import degenerate_in
from xstilts.tasks.kind import kind_of

LABELS = ("entailment", "neutral", "contradiction")
ENGLISH = {"xnli": "eng-Latn", "tydiqa": "eng-Latn", "panx": "eng-Latn"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def trained(store, *, seed, losses, kind="fine_tuning", kinds=("pair_classification",), parent=None, **record):
    """A training with these losses, on tasks of these kinds."""
    tasks = [{"train": {"task": f"t{i}", "kind": one, "labels": LABELS}} for i, one in enumerate(kinds)]
    node = Node(
        kind=kind,
        params={"tasks": tasks, "recipe": {}, "seed": seed},
        versions={f"heads.encoder.{one}": 1 for one in kinds},
        parents={"model": parent} if parent else {},
    )
    with store.writer(node) as writer:
        writer.path("training.json").write_text(json.dumps({"losses": list(losses), "steps": len(losses), **record}))
        writer.path("model.safetensors").write_bytes(b"weights")
    return node


def evaluated(store, parent, examples, predictions, *, kind="pair_classification", metric="accuracy"):
    """What a checkpoint answers."""
    said = {"dataset": {"kind": kind}, "metric": metric, "language": "eng-Latn"}
    node = Node(kind="zero_shot", params=said, parents={"model": parent})
    found = registry.find("metrics", metric)
    golds = kind_of(kind).golds(examples)
    with store.writer(node) as writer:
        scored = score(found, examples, golds, predictions, language="eng-Latn")
        write_counts(scored, found, writer.path("counts.parquet"))
        write_predictions(examples, golds, predictions, writer.path("predictions.parquet"))
    return node


def cell(arm, target, seed, node, language="eng-Latn", **more):
    place = {"arm": arm, "target": target, "seed": seed, "node": node.key, "language": language}
    return {**place, "failure": None, "pooled": False, **more}


def falling(end=0.6, steps=60):
    return np.linspace(1.1, end, steps).tolist()


def pairs(n=60):
    return [
        Classified(example_id=str(i), cluster_id=str(i), first="a", second="b", label=LABELS[i % 3]) for i in range(n)
    ]


def right(examples):
    return [one.label for one in examples]


def test_a_training_that_answers_one_label_and_did_not_learn(store):
    good = trained(store, seed=11, losses=falling())
    bad = trained(store, seed=12, losses=[1.1] * 60)
    cells = [
        cell("none", "xnli", 11, evaluated(store, good, pairs(), right(pairs()))),
        cell("none", "xnli", 12, evaluated(store, bad, pairs(), ["neutral"] * 60)),
    ]
    (one,) = degenerate_in(cells, store, ENGLISH)
    assert (one.arm, one.target, one.seed, one.level) == ("none", "xnli", 12, "degenerate")
    assert "answers “neutral” for 100.0 % of 60 items in eng-Latn" in one.evidence
    assert "still that of guessing after 60 steps (1.10 → 1.10, guessing: 1.10)" in one.evidence
    assert "none seed 11 1.08 → 0.65" in one.evidence


def test_only_the_source_language_is_looked_at(store):
    nodes = {seed: trained(store, seed=seed, losses=falling()) for seed in (11, 12)}
    swahili = [
        cell("none", "xnli", 11, evaluated(store, nodes[11], pairs(), right(pairs())), "swa-Latn"),
        cell("none", "xnli", 12, evaluated(store, nodes[12], pairs(), ["neutral"] * 60), "swa-Latn"),
    ]
    assert not degenerate_in(swahili, store, ENGLISH)


def test_words_that_all_get_one_tag(store):
    tags = ("B-LOC", "O", "O", "B-PER")
    examples = [Tagged(example_id=str(i), cluster_id=str(i), tokens=("a",) * 4, tags=tags) for i in range(40)]
    node = trained(store, seed=11, losses=falling(), kinds=("tagging",))
    answers = [("O",) * 4] * 40
    shown = evaluated(store, node, examples, answers, kind="tagging", metric="span_f1")
    (one,) = degenerate_in([cell("none", "panx", 11, shown)], store, ENGLISH)
    assert one.level == "degenerate"
    assert "answers “O” for 100.0 % of 160 words in eng-Latn, where the gold has it for 50.0 %" in one.evidence


def test_questions_that_get_no_answer(store):
    examples = [
        Question(
            example_id=str(i), cluster_id=str(i), question="q", context="c d", answers=(Answer(text="d", start=2),)
        )
        for i in range(30)
    ]
    nodes = {seed: trained(store, seed=seed, losses=falling(), kinds=("extractive_qa",)) for seed in (11, 12)}
    answers = {11: ["d"] * 30, 12: [""] * 30}
    cells = [
        cell(
            "none",
            "tydiqa",
            seed,
            evaluated(store, nodes[seed], examples, answers[seed], kind="extractive_qa", metric="squad_v1"),
        )
        for seed in (11, 12)
    ]
    named = {one.seed: one for one in degenerate_in(cells, store, ENGLISH)}
    assert named[12].level == "degenerate"
    assert "answers nothing for 100.0 % of 30 items" in named[12].evidence


def test_an_arms_own_training_is_named_as_such(store):
    own = trained(store, seed=11, losses=[1.1] * 60, kind="single_task")
    fine = trained(store, seed=11, losses=falling(), parent=own)
    shown = evaluated(store, fine, pairs(), right(pairs()))
    (one,) = degenerate_in([cell("nli", "xnli", 11, shown)], store, ENGLISH)
    assert one.name == "nli, intermediate training, seed 11"


def test_the_tasks_of_a_mixture_are_told_apart_by_the_record(store):
    """Side by side their losses mean nothing: here those of the questions hide an NLI that learns nothing."""
    of_step = [step % 2 for step in range(80)]
    losses = [1.1 if task == 0 else 4.0 - step / 40 for step, task in enumerate(of_step)]
    mixture = {"losses": losses, "kind": "multi_task", "kinds": ("pair_classification", "extractive_qa")}
    earlier = evaluated(store, trained(store, seed=11, **mixture), pairs(), right(pairs()))
    assert not degenerate_in([cell("multi", "xnli", 11, earlier)], store, ENGLISH)
    now = evaluated(store, trained(store, seed=12, tasks=of_step, **mixture), pairs(), right(pairs()))
    (one,) = degenerate_in([cell("multi", "xnli", 12, now)], store, ENGLISH)
    assert "its training loss on t0 (task 1 of 2) is still that of guessing after 40 steps" in one.evidence


def test_text_beside_a_task_is_no_part_of_its_loss(store):
    of_step = [step % 2 for step in range(80)]
    losses = [falling(steps=80)[step] if task == 0 else 6.0 for step, task in enumerate(of_step)]
    beside = {"losses": losses, "kind": "with_masked_lm", "masked_lm": {"rows": 9, "steps": 40}}
    for seed, more in ((11, {}), (12, {"tasks": of_step})):
        shown = evaluated(store, trained(store, seed=seed, **beside, **more), pairs(), right(pairs()))
        assert not degenerate_in([cell("nli", "xnli", seed, shown)], store, ENGLISH)


def test_what_is_damaged_or_gone_is_passed_over(store):
    bad = trained(store, seed=12, losses=[1.1] * 60)
    shown = evaluated(store, bad, pairs(), ["neutral"] * 60)
    cells = [cell("none", "xnli", 12, shown)]
    flip_unseen(store.directory(bad.key) / "training.json")
    (one,) = degenerate_in(cells, store, ENGLISH)
    assert "loss" not in one.evidence
    flip_unseen(store.directory(shown.key) / "predictions.parquet")
    assert not degenerate_in(cells, store, ENGLISH)
    store.discard(shown.key)
    assert not degenerate_in(cells, store, ENGLISH)
    assert not degenerate_in([cell("none", "xnli", 12, shown, failure="out of memory")], store, ENGLISH)


TINY = """\
name: tiny
model: scratch:tiny
pretraining: {method: masked_lm, text: text/mono, max_tokens: 1000, recipe: {precision: fp32, batch_tokens: 512}}
intermediate:
  - name: nli
    task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}
targets: [xnli]
languages: [en, de]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 1, epochs: 1, max_length: 64, precision: fp32}
"""


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_run_names_what_learned_nothing(tmp_path):
    """Trained at a rate of next to nothing, both trainings of the arm and the baseline's stay where they begin."""
    study = studies.write_study(tmp_path, TINY)
    result = study.run("recipe.learning_rate=1e-9")
    named = {one.name: one for one in result.table.degenerate}
    assert set(named) == {"nli, intermediate training, seed 11", "none × xnli, seed 11", "nli × xnli, seed 11"}
    assert f"guessing: {math.log(3):.2f}" in named["none × xnli, seed 11"].evidence
    record = json.loads((result.directory / "run.json").read_text(encoding="utf-8"))
    assert [one["evidence"] for one in record["degenerate"]] == [one.evidence for one in result.table.degenerate]
    assert load_run(result.directory).table.degenerate == result.table.degenerate
    for suffix in ("md", "html"):
        assert "Degenerate runs" in (result.directory / f"report.{suffix}").read_text(encoding="utf-8")
    assert {row["status"] for row in result.table.results()} == {"ok"}
