"""Each objective against its published algorithm, as `published_objectives` writes it out."""

from __future__ import annotations

import numpy as np
import pytest
import test_decoder_heads as decoders
import test_objectives as seams
import tiny_encoder as tiny
import tiny_runs as runs
import tiny_writer as writer
import torch
from published_objectives import REFERENCES, SEED, Reference, frobenius
from test_resume import interrupted

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.training.objectives.choice import Choice
from xstilts.training.passes import Passes
from xstilts.training.placement import accelerator_for

NAMES = ("fgm", "pgd", "freelb", "smart", "r3f")
ASCENTS = {
    "pgd": {"initial_magnitude": 0.3, "adversarial_learning_rate": 0.2, "max_norm": 0.25, "steps": 3},
    "freelb": {"initial_magnitude": 0.3, "adversarial_learning_rate": 0.2, "max_norm": 0.25, "steps": 3},
}
OPTIONS = {**ASCENTS, "fgm": {"epsilon": 0.4}, "smart": {"steps": 2, "weight": 3.0, "size": 0.1, "step_size": 0.1}}


def objective(name: str, **options):
    return Choice.read({"name": name, **OPTIONS.get(name, {}), **options}).objective


class Spy(Passes):
    """Keeps the embeddings that are put in, as they differ from those of the ids."""

    def __init__(self, model) -> None:
        super().__init__(model, accelerator_for("fp32"))
        self.deltas: list[torch.Tensor] = []

    def on(self, embedded_BTD, batch):
        self.deltas.append((embedded_BTD - self.embedded(batch)[0]).detach())
        return super().on(embedded_BTD, batch)


def found_by(name: str, model, batch, task: str, **options):
    """The loss, the perturbations, the gradients and the parts that an objective gives."""
    torch.manual_seed(SEED)
    model.engine.seed(SEED)
    spy = Spy(model)
    loss, units = objective(name, **options).loss(spy, batch, task)
    loss.backward()
    gradients = seams.gradients(model)
    model.zero_grad()
    parts = {part: float(value) for part, value in spy.noted.items()}
    return float(loss.detach()), int(units), spy.deltas, gradients, parts


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("kind", "shape", "packed"),
    [
        ("pair_classification", "modernbert", True),
        ("pair_classification", "modernbert", False),
        ("tagging", "bert", True),
        ("extractive_qa", "xlm_roberta", True),
    ],
)
def test_it_is_the_published_algorithm(name, kind, shape, packed):
    """The same perturbation in each pass, the same loss, the same gradient of every weight."""
    options = dict(OPTIONS.get(name, {}), **({"epsilon": 0.05, "weight": 2.0} if name == "r3f" else {}))
    model = runs.model_for((kind,), shape).eval()
    batch = seams.batch_of(kind, shape, packed=packed)
    loss, units, deltas, gradients, _ = found_by(name, model, batch, kind, **options)
    wanted, steps = REFERENCES[name](Reference(model, batch, kind, shape), **options)
    assert len(deltas) == len(steps)
    for one, other in zip(deltas, steps, strict=True):
        scale = max(float(other.abs().max()), 1e-4)
        np.testing.assert_allclose(one / scale, other / scale, atol=2e-3)
    np.testing.assert_allclose(loss, wanted, rtol=1e-4)
    largest = max(float(np.abs(value).max()) for value in seams.gradients(model).values())
    for weight, value in seams.gradients(model).items():
        np.testing.assert_allclose(gradients[weight], value, atol=1e-3 * largest, err_msg=weight)
    assert units == int(seams.passes_of(model)(batch, kind)[1])


@pytest.mark.parametrize("name", ["fgm", "pgd", "freelb"])
def test_norms_are_of_a_sentence_in_a_packed_row_too(name):
    kind = "pair_classification"
    model = runs.model_for((kind,)).eval()
    batch = seams.batch_of(kind, "modernbert", packed=True)
    assert len({int(length) for length in batch["attention_mask"].sum(dim=1)}) > 1, "rows of several lengths"
    deltas = found_by(name, model, batch, kind)[2]
    largest = {"fgm": 0.4}.get(name, 0.25)
    norms = frobenius(deltas[-1]).flatten()
    assert (norms <= largest * (1 + 1e-5)).all()
    if name == "fgm":
        torch.testing.assert_close(norms, torch.full_like(norms, largest))
    assert not deltas[-1][batch["attention_mask"] == 0].any()


@pytest.mark.parametrize("name", ["fgm", "pgd", "freelb"])
def test_the_largest_component_may_be_the_norm(name):
    kind, options = "pair_classification", {"norm": "linf"}
    options |= {"epsilon": 0.01} if name == "fgm" else {"initial_magnitude": 0.02, "max_norm": 0.03, "steps": 3}
    model = runs.model_for((kind,)).eval()
    deltas = found_by(name, model, seams.batch_of(kind, "modernbert", packed=True), kind, **options)[2]
    assert 0.0 < float(deltas[-1].abs().max()) <= {"fgm": 0.01}.get(name, 0.03) * (1 + 1e-4)


def test_one_dropout_mask_is_kept_over_the_steps(monkeypatch):
    """Without a perturbation all steps have the loss of one plain pass; of R3F's two passes each draws its own."""
    kind = "pair_classification"
    model = runs.model_for((kind,), dropout=0.3).train()
    batch = seams.batch_of(kind, "modernbert", packed=True)
    torch.manual_seed(SEED)
    model.engine.seed(SEED)
    plain = float(seams.passes_of(model)(batch, kind)[0].detach())
    still = {"initial_magnitude": 0.0, "adversarial_learning_rate": 1e-12, "steps": 3}
    for name in ("freelb", "pgd"):
        loss, _, _, _, parts = found_by(name, model, batch, kind, **still)
        np.testing.assert_allclose([loss, parts["first_step"], parts["last_step"]], plain, rtol=1e-5)
    *_, parts = found_by("fgm", model, batch, kind, epsilon=1e-12)
    np.testing.assert_allclose([parts["clean"], parts["adversarial"]], plain, rtol=1e-5)
    *_, parts = found_by("r3f", model, batch, kind)
    assert parts["divergence"] > 1e-3
    *_, parts = found_by("r3f", model.eval(), batch, kind)
    assert parts["divergence"] < 1e-6


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((name, "pair_classification") for name in NAMES), *(("r3f", kind) for kind in seams.DECIDING[2:])],
)
def test_every_kind_of_decision_trains(name, kind, tmp_path):
    _, found = runs.run((kind,), tmp_path, objective=Choice.read({"name": name}).objective, dropout=0.1, epochs=1)
    assert np.isfinite(found.losses).all()
    assert {len(values) for values in found.parts.values()} == {len(found.losses)}
    first, second = (values[0] for values in found.record()["objective_losses"].values())
    together = {"fgm": first + second, "pgd": second, "freelb": (first + second) / 2}.get(name, first + second)
    np.testing.assert_allclose(found.losses[0], together, rtol=1e-5)


@pytest.mark.parametrize(("name", "precision"), [*((name, "fp32") for name in NAMES[2:]), ("pgd", "bf16")])
def test_a_killed_run_resumes_with_the_same_bits(name, precision, tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    options = {"dropout": 0.1, "precision": precision, "objective": objective(name), "epochs": 2}
    whole, found = runs.run(("pair_classification",), tmp_path / "whole", **options)
    resumed, again = interrupted(("pair_classification",), tmp_path / "stopped", 2, **options)
    runs.assert_same(runs.weights(whole), runs.weights(resumed))
    assert again == found, "losses and their parts"


def test_a_plain_run_records_no_parts(tmp_path):
    _, found = runs.run(("tagging",), tmp_path, epochs=1)
    assert "objective_losses" not in found.record()
    assert found.last() == f"loss {found.losses[-1]:.3f}"


def foreign(architecture: str, kind: str):
    """A model that is not an encoder, and a batch for it."""
    examples, labels = tiny.examples_of(kind)
    head = registry.find(f"heads.{architecture}", kind)
    if architecture == "text_to_text":
        model = writer.transfer_model(head, labels)
        return model, writer.batch_of(head, writer.encode(head, examples, labels, training=True))
    model = decoders.transfer_model(head, labels, decoders.model("Qwen3"))
    rows = tiny.encode(head, examples, labels, training=True)
    arrays = collate(tiny.pack(rows), np.arange(len(rows)), pad_id=runs.PAD, columns=head.columns)
    return model, to_tensors(arrays, torch.device("cpu"))


@pytest.mark.parametrize(
    ("architecture", "kind"), [("text_to_text", "tagging"), ("decoder", "extractive_qa"), ("decoder", "tagging")]
)
def test_other_architectures_train_under_them(architecture, kind):
    """A writer's distributions are over the vocabulary, for every token that it is to write."""
    model, batch = foreign(architecture, kind)
    plain = float(seams.passes_of(model.eval())(batch, "task")[0].detach())
    for name in NAMES:
        loss, units, _, gradients, parts = found_by(name, model, batch, "task")
        assert np.isfinite(loss)
        assert units > 0
        assert any(np.abs(value).sum() > 0 for value in gradients.values()), name
        if "clean" in parts:
            np.testing.assert_allclose(parts["clean"], plain, rtol=1e-4, err_msg=name)


def test_it_is_refused_where_examples_are_not_told_apart():
    head = registry.find("heads.encoder", "dual_encoder")
    for name in ("smart", "r3f"):
        assert "is of all examples of a micro-batch together" in objective(name).why_not("encoder", head)
    assert not objective("freelb").why_not("encoder", head)
    assert not objective("r3f").why_not("text_to_text", registry.find("heads.text_to_text", "tagging"))


def test_noise_that_bf16_loses_is_mentioned():
    assert "fp32} keeps it" in objective("r3f").lost_in("bf16")
    assert objective("r3f").lost_in("fp32") == objective("r3f", epsilon=1e-3).lost_in("bf16") == ""


def test_prices_are_known():
    assert [objective(name).passes for name in NAMES] == [6, 7, 9, 10, 6]
    assert [Choice.read({"name": name}).objective.passes for name in NAMES] == [6, 5, 6, 8, 6]
