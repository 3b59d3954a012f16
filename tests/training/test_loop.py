"""The loop learns, is a function of its seed, selects on dev, and leaves untrained heads alone."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import tiny_runs as runs
import torch

from xstilts.training import optimizer as adam
from xstilts.training.loop import Plan, plan_steps, plan_streams, train
from xstilts.training.placement import accelerator_for
from xstilts.training.state import TrainingState

KINDS = ("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice", "masked_lm")


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(kind, "modernbert") for kind in KINDS]
    + [(kind, shape) for kind in ("pair_classification", "masked_lm") for shape in ("xlm_roberta", "bert")],
)
def test_the_loss_falls(kind, shape, tmp_path):
    epochs = 24 if kind == "masked_lm" else 12  # a step of it teaches from a fifth of the tokens
    _, found = runs.run((kind,), tmp_path, shape=shape, epochs=epochs, learning_rate=5e-3, dropout=0.0)
    assert len(found.losses) == found.steps
    assert np.mean(found.losses[-3:]) < 0.9 * np.mean(found.losses[:3])


def test_translation_contrast_falls(tmp_path):
    _, found = runs.run(
        ("translation_contrast",), tmp_path, epochs=20, batch_size=8, learning_rate=5e-3, micro_batch_tokens=1024
    )
    assert np.mean(found.losses[-3:]) < 0.3 * np.mean(found.losses[:3])


@pytest.mark.parametrize("epochs", [1, 1.5, 3])
def test_objectives_side_by_side_see_each_batch_once_an_epoch(epochs):
    streams = [runs.stream_of("masked_lm", batch_size=2), runs.stream_of("translation_contrast", batch_size=3)]
    recipe = replace(runs.RECIPE, epochs=epochs)
    plan = plan_streams(streams, recipe, seed=5)
    for index, stream in enumerate(streams):
        batches = math.ceil(stream.sampler.batches_per_epoch * epochs)
        assert plan.positions[plan.tasks == index].tolist() == list(range(batches))
    assert plan.tasks.tolist() != sorted(plan.tasks), "in a drawn order"
    assert plan.tasks.tolist() == plan_streams(streams, recipe, seed=5).tasks.tolist()
    alone = plan_streams(streams[:1], recipe, seed=5)
    assert alone.positions.tolist() == plan_steps(streams[:1], recipe, seed=5).positions.tolist()


def test_objectives_side_by_side_stop_at_the_most_steps():
    streams = [runs.stream_of("masked_lm", batch_size=2), runs.stream_of("translation_contrast", batch_size=1)]
    plan = plan_streams(streams, replace(runs.RECIPE, epochs=4, max_steps=6), seed=5)
    assert len(plan) == 6
    assert set(plan.tasks.tolist()) == {0, 1}


def test_tokens_are_counted_without_padding(tmp_path):
    report = runs.Report()
    _, found = runs.run(("pair_classification",), tmp_path, epochs=2, report=report)
    assert found.tokens == 2 * runs.rows_of("pair_classification").tokens == report.tokens[-1]
    assert report.steps == list(range(1, found.steps + 1))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_same_seed_gives_the_same_bits(precision, tmp_path):
    kinds = ("pair_classification", "masked_lm")
    made = [runs.run(kinds, tmp_path / str(i), dropout=0.2, precision=precision) for i in range(2)]
    runs.assert_same(runs.weights(made[0][0]), runs.weights(made[1][0]))
    assert made[0][1] == made[1][1]
    other, _ = runs.run(kinds, tmp_path / "other", dropout=0.2, precision=precision, seed=6)
    assert runs.digest(other) != runs.digest(made[0][0])


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_do_not_depend_on_the_token_budget(kind, tmp_path):
    """One step, any budget: the same summed gradient. (Masking draws per micro-batch, so it is set aside.)"""
    found = []
    for tokens in (8, 64, 100_000):
        model = runs.model_for((kind,))
        for head in model.heads.values():
            if kind == "masked_lm":
                model.heads[kind] = runs.FixedMasks(head)
        stream = replace(runs.stream_of(kind, batch_size=7), head=model.heads[kind])
        recipe = replace(runs.RECIPE, micro_batch_tokens=tokens, batch_size=7, epochs=1, max_steps=1, warmup=0.0)
        kept = {}
        before = adam.apply

        def spy(model, optimizer, *, kept=kept, before=before, **options):
            kept.update({n: p.grad.numpy().copy() for n, p in model.named_parameters() if p.grad is not None})
            return before(model, optimizer, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(adam, "apply", spy)
            done = train_one(model, stream, recipe, tmp_path / str(tokens))
        found.append((kept, done.losses[0]))
    for kept, loss in found[1:]:
        assert loss == pytest.approx(found[0][1], rel=1e-5)
        assert kept.keys() == found[0][0].keys()
        for name, value in kept.items():
            np.testing.assert_allclose(value, found[0][0][name], rtol=1e-3, atol=2e-5, err_msg=name)


def train_one(model, stream, recipe, folder, *, validate=None, report=None, plan: Plan | None = None):
    import tiny_encoder as tiny

    return train(
        model,
        [stream],
        plan or plan_steps([stream], recipe, seed=5),
        recipe,
        seed=5,
        vocabulary=tiny.vocabulary("sentencepiece"),
        pad_id=runs.PAD,
        accelerator=accelerator_for(recipe.precision),
        state=TrainingState(folder),
        report=report or runs.Report(),
        phase="train",
        validate=validate,
    )


@pytest.mark.parametrize("kinds", [("tagging", "pair_classification"), ("masked_lm", "pair_classification")])
def test_a_step_changes_no_other_head(kinds, tmp_path):
    """Neither decay nor moments move the head of a task that the step does not train."""
    seen: list[tuple[str, dict]] = []
    model = runs.model_for(kinds)
    own = {
        kinds[0]: lambda n: n.startswith("head_modules.0") or n.startswith(("encoder.head", "encoder.decoder.bias")),
        kinds[1]: lambda n: n.startswith("head_modules.1"),
    }

    class Watch(runs.Report):
        def update(self, phase, step, total, **rest):
            seen.append(runs.weights(model))

    start = runs.weights(model)
    runs.run(kinds, tmp_path, model=model, report=Watch(), weight_decay=0.5)
    streams = [runs.stream_of(kind) for kind in kinds]
    tasks = plan_steps(streams, runs.RECIPE, seed=5).tasks
    assert {*tasks.tolist()} == {0, 1}
    for task, before, after in zip(tasks, [start, *seen], seen, strict=False):
        changed = {name for name in after if not np.array_equal(before[name], after[name])}
        other = own[kinds[1 - int(task)]]
        assert not {name for name in changed if other(name)}
        assert any(own[kinds[int(task)]](name) for name in changed)


def test_the_best_dev_weights_are_kept(tmp_path):
    scores, kept = iter([0.2, 0.9, 0.9, 0.1]), []

    def validate(model):
        assert not model.training
        kept.append(runs.weights(model))
        return next(scores)

    model, found = runs.run(("tagging",), tmp_path, epochs=4, validate=validate)
    assert [score for _, score in found.dev] == [0.2, 0.9, 0.9, 0.1]
    assert found.best_step == found.dev[1][0], "the first of equal ones"
    assert found.steps == found.dev[-1][0]
    runs.assert_same(runs.weights(model), kept[1])


def test_the_last_weights_stay_where_they_are_best(tmp_path):
    scores, kept = iter([0.1, 0.2]), []
    model, found = runs.run(
        ("tagging",), tmp_path, epochs=2, validate=lambda m: (kept.append(runs.weights(m)), next(scores))[1]
    )
    assert found.best_step == found.steps
    runs.assert_same(runs.weights(model), kept[-1])


def test_patience_stops_early(tmp_path):
    scores, kept = iter([0.5, 0.4, 0.3, 0.9]), []
    model, found = runs.run(
        ("tagging",),
        tmp_path,
        epochs=4,
        patience=2,
        validate=lambda m: (kept.append(runs.weights(m)), next(scores))[1],
    )
    assert len(found.dev) == 3
    assert found.steps == len(found.losses) == found.dev[-1][0], "steps that were taken"
    runs.assert_same(runs.weights(model), kept[0])


def test_a_dev_score_that_is_not_a_number_is_never_better(tmp_path):
    scores, kept = iter([float("nan"), 0.3, float("nan")]), []
    model, found = runs.run(
        ("tagging",), tmp_path, epochs=3, validate=lambda m: (kept.append(runs.weights(m)), next(scores))[1]
    )
    assert found.best_step == found.dev[1][0]
    runs.assert_same(runs.weights(model), kept[1])
    record = json.loads(json.dumps(found.record() | found.selection(), allow_nan=False))
    assert [score for _, score in record["dev"]] == [None, 0.3, None], "what is no number is null: strict JSON"


def test_one_candidate_asks_for_no_dev_score(tmp_path):
    def validate(model):
        raise AssertionError("there is nothing to select from")

    _, found = runs.run(("tagging",), tmp_path, epochs=1, validate=validate)
    assert found.dev == []
    assert found.best_step == 0


def test_a_loss_that_is_not_finite_is_an_error(tmp_path):
    model = runs.model_for(("tagging",))
    with torch.no_grad():
        next(iter(model.head_modules[0].parameters())).fill_(float("inf"))
    with pytest.raises(FloatingPointError, match="at step 1"):
        runs.run(("tagging",), tmp_path, model=model)


def test_steps_of_epochs_and_mixtures():
    one, two = runs.stream_of("tagging"), runs.stream_of("masked_lm")
    recipe = replace(runs.RECIPE, epochs=2.5)
    sizes = [len(stream.starts) - 1 for stream in (one, two)]
    assert len(plan_steps([one], recipe, seed=1)) == int(np.ceil(one.sampler.batches_per_epoch * 2.5))
    assert len(plan_steps([one, two], recipe, seed=1)) == int(np.ceil(sum(sizes) * 2.5 / 3))
    capped = plan_steps([one, two], recipe, seed=1, cap=4)
    assert len(capped) == int(np.ceil(sum(min(n, 4) for n in sizes) * 2.5 / 3))
    assert len(plan_steps([one], replace(recipe, max_steps=2), seed=1)) == 2
    assert len(plan_steps([one], replace(recipe, epochs=1e-6), seed=1)) == 1


def test_a_recipe_lies_under_its_layers():
    recipe = runs.RECIPE.over({"epochs": 9, "clip": None}, {"epochs": 4, "unknown": 1})
    assert (recipe.epochs, recipe.clip) == (4, runs.RECIPE.clip)
    assert runs.RECIPE.over(json.loads(json.dumps(recipe.params()))) == recipe
