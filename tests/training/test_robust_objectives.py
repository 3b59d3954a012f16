"""Each objective against a small reference: the same perturbation after each step, the same gradients."""

from __future__ import annotations

import numpy as np
import pytest
import test_decoder_heads as decoders
import test_objectives as seams
import tiny_encoder as tiny
import tiny_runs as runs
import tiny_writer as writer
import torch
from torch.nn import functional

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.engine.plain import Plain as Unaided
from xstilts.training.objectives.choice import chosen

KIND = "pair_classification"
ROBUST = ("fgm", "pgd", "freelb", "smart", "r3f")
COMPARING = ("smart", "r3f")
OF_TOKENS = ("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice")


def objective(name: str, **options):
    return registry.find("training.objectives", name)(**options)


def padded(batch):
    """The batch without its packing: what transformers' own model reads."""
    return {name: value for name, value in batch.items() if name != "packing"}


class Reference:
    """A tiny encoder as transformers computes it, padded, and the label's loss on given embeddings."""

    def __init__(self, batch, kind: str = KIND) -> None:
        self.model = runs.model_for((kind,), "xlm_roberta").eval()
        self.model.engine = Unaided()
        self.kind, self.batch = kind, padded(batch)
        self.table = self.model.encoder.get_input_embeddings()
        self.mask = batch["attention_mask"]

    def embedded(self):
        return self.table(self.batch["input_ids"])

    def logits(self, embedded):
        states = self.model.encoder(inputs_embeds=embedded, attention_mask=self.mask).last_hidden_state
        (part,) = self.model.heads[self.kind].decisions(self.model.module_of(self.kind), states, self.batch).parts
        return part

    def loss(self, embedded):
        return functional.cross_entropy(*self.logits(embedded), reduction="sum")

    def gradient(self, delta):
        leaf = delta.clone().requires_grad_()
        return torch.autograd.grad(self.loss(self.embedded().detach() + leaf), leaf)[0]

    def gradients(self, loss):
        self.model.zero_grad()
        loss.backward()
        return seams.gradients(self.model)


class Watching:
    """Passes that note every perturbation which is put in."""

    def __init__(self, passes) -> None:
        self.passes, self.deltas = passes, []

    def __getattr__(self, name):
        return getattr(self.passes, name)

    def __call__(self, batch, task):
        return self.passes(batch, task)

    def on(self, embedded, batch):
        self.deltas.append((embedded - self.passes.embedded(batch)[0]).detach())
        return self.passes.on(embedded, batch)


def trained(name, batch, kind=KIND, *, model=None, **options):
    """(loss, units, perturbations, gradients, what was noted) of a micro-batch under an objective."""
    model = model or runs.model_for((kind,), "xlm_roberta").eval()
    watching = Watching(seams.passes_of(model))
    seams.begin(model)
    loss, units = objective(name, **options).loss(watching, batch, kind)
    loss.backward()
    return loss.detach(), units, watching.deltas, seams.gradients(model), watching.passes.noted


def start_of(reference, magnitude: float):
    """The published start: uniform, divided by the root of a sentence's length times the width."""
    seams.begin(reference.model)
    noise = torch.zeros_like(reference.embedded().detach()).uniform_(-1, 1) * reference.mask[..., None]
    size = reference.mask.sum(1) * noise.shape[-1]
    return noise * (magnitude / size.float().sqrt())[:, None, None]


def step_of(reference, delta, *, rate: float, largest: float):
    gradient = reference.gradient(delta)
    rows = []
    for row, along in zip(delta, gradient, strict=True):
        moved = row + rate * along / along.norm()
        rows.append(moved * min(1.0, largest / float(moved.norm())))
    return torch.stack(rows)


def assert_close_deltas(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-6)


@pytest.fixture(params=[True, False], ids=["packed", "padded"])
def batch(request):
    return seams.batch_of(KIND, "xlm_roberta", packed=request.param)


def test_fgm_is_one_step_along_the_gradient_of_each_sentence(batch):
    reference = Reference(batch)
    gradient = reference.gradient(torch.zeros_like(reference.embedded()))
    delta = torch.stack([0.5 * row / row.norm() for row in gradient])
    clean, adversarial = (reference.loss(reference.embedded() + d) for d in (torch.zeros_like(delta), delta))
    loss, _, deltas, found, noted = trained("fgm", batch, epsilon=0.5)
    assert_close_deltas(deltas, [torch.zeros_like(delta), delta])
    torch.testing.assert_close(loss, (clean + adversarial).detach(), rtol=1e-5, atol=0)
    runs.assert_close(found, reference.gradients(clean + adversarial), atol=1e-5)
    assert float(noted["adversarial"]) > float(noted["clean"]) == pytest.approx(float(clean), rel=1e-5)


def test_freelb_is_the_mean_gradient_of_its_steps(batch):
    reference = Reference(batch)
    delta = start_of(reference, 0.2)
    deltas = [delta, *(delta := step_of(reference, delta, rate=0.3, largest=0.4) for _ in range(2))]
    assert float(deltas[-1].flatten(1).norm(dim=1).max()) == pytest.approx(0.4, rel=1e-5), "it has been projected"
    losses = [reference.loss(reference.embedded() + one) for one in deltas]
    options = {"steps": 3, "adversarial_learning_rate": 0.3, "initial_magnitude": 0.2, "max_norm": 0.4}
    loss, _, found_deltas, found, noted = trained("freelb", batch, **options)
    assert_close_deltas(found_deltas, deltas)
    torch.testing.assert_close(loss, (sum(losses) / 3).detach(), rtol=1e-5, atol=0)
    runs.assert_close(found, reference.gradients(sum(losses) / 3), atol=1e-5)
    for name, of_step in (("first_step", losses[0]), ("last_step", losses[-1])):
        assert float(noted[name]) == pytest.approx(float(of_step), rel=1e-5)


def test_pgd_trains_on_its_last_step_alone(batch):
    reference = Reference(batch)
    delta = start_of(reference, 0.2)
    deltas = [delta, *(delta := step_of(reference, delta, rate=0.1, largest=0.2) for _ in range(2))]
    last = reference.loss(reference.embedded() + deltas[-1])
    loss, _, found_deltas, found, _ = trained("pgd", batch, steps=3)
    assert_close_deltas(found_deltas, deltas)
    torch.testing.assert_close(loss, last.detach(), rtol=1e-5, atol=0)
    runs.assert_close(found, reference.gradients(last), atol=1e-5)


def test_smart_looks_for_its_noise_and_smooths_there(batch):
    reference = Reference(batch)
    logits, gold = reference.logits(reference.embedded())
    seams.begin(reference.model)
    noise = torch.zeros_like(reference.embedded().detach()).normal_() * 0.01 * reference.mask[..., None]
    start = noise.clone()
    leaf = noise.requires_grad_()
    p = reference.logits(reference.embedded().detach() + leaf)[0].softmax(-1)
    q = logits.detach().softmax(-1)
    odds_p, odds_q = (-(1 / (x + 1e-6) - 1 + 1e-6).detach().log() for x in (p, q))
    (gradient,) = torch.autograd.grad((p * (odds_p - odds_q) * 2).sum(), leaf)
    moved = (noise + 0.5 * gradient).detach()
    moved = moved / (moved.abs().max(-1, keepdim=True)[0] + 1e-6)
    noisy = reference.logits(reference.embedded() + moved)[0]
    between = functional.kl_div(logits.log_softmax(-1), noisy.softmax(-1).detach(), reduction="sum")
    between = between + functional.kl_div(noisy.log_softmax(-1), logits.softmax(-1).detach(), reduction="sum")
    wanted = functional.cross_entropy(logits, gold, reduction="sum") + 2.0 * between
    loss, _, deltas, found, noted = trained("smart", batch, weight=2.0, step_size=0.5, noise=0.01)
    assert_close_deltas([deltas[0]], [start])
    torch.testing.assert_close(deltas[1], moved * reference.mask[..., None], rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(loss, wanted.detach(), rtol=1e-4, atol=1e-5)
    assert float(noted["divergence"]) == pytest.approx(float(between), rel=1e-2)
    of_reference = reference.gradients(wanted)
    for name, value in found.items():
        np.testing.assert_allclose(value, of_reference[name], rtol=1e-2, atol=1e-3 * np.abs(value).max(), err_msg=name)


@pytest.mark.parametrize("noise", ["uniform", "normal"])
def test_r3f_compares_with_noise_that_is_not_adversarial(batch, noise):
    reference = Reference(batch)
    seams.begin(reference.model)
    drawn = torch.zeros_like(reference.embedded().detach())
    drawn = drawn.uniform_(-1, 1) if noise == "uniform" else drawn.normal_()
    delta = 0.3 * drawn * reference.mask[..., None]
    logits, gold = reference.logits(reference.embedded())
    noisy = reference.logits(reference.embedded().detach() + delta)[0]
    between = functional.kl_div(noisy.log_softmax(-1), logits.softmax(-1), reduction="sum")
    between = between + functional.kl_div(logits.log_softmax(-1), noisy.softmax(-1), reduction="sum")
    wanted = functional.cross_entropy(logits, gold, reduction="sum") + 0.7 * between
    loss, _, deltas, found, _ = trained("r3f", batch, weight=0.7, epsilon=0.3, noise=noise)
    assert_close_deltas(deltas, [delta])
    torch.testing.assert_close(loss, wanted.detach(), rtol=1e-5, atol=1e-5)
    runs.assert_close(found, reference.gradients(wanted), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "largest"),
    [
        ("fgm", {"epsilon": 0.05}, 0.05),
        ("freelb", {"steps": 4, "max_norm": 0.15}, 0.15),
        ("pgd", {"steps": 4, "max_norm": 0.15, "initial_magnitude": 0.0}, 0.15),
    ],
)
def test_in_linf_no_component_is_larger(batch, name, options, largest):
    *_, deltas, found, _ = trained(name, batch, norm="linf", **options)
    sizes = [float(delta.abs().max()) for delta in deltas]
    assert sizes[-1] == pytest.approx(largest, rel=1e-4)
    assert all(np.isfinite(value).all() for value in found.values())


def test_freelb_keeps_one_dropout_mask_over_its_steps():
    """Without a perturbation its steps are then one pass, to the bit; what is drawn after it is not."""
    batch = seams.batch_of(KIND, "modernbert", packed=True)
    model = runs.model_for((KIND,), dropout=0.3).train()
    still = objective("freelb", steps=3, initial_magnitude=0.0, adversarial_learning_rate=1e-20)
    passes = seams.passes_of(model)
    seams.begin(model)
    still.loss(passes, batch, KIND)
    assert passes.noted["first_step"] == passes.noted["last_step"]
    seams.begin(model)
    assert float(passes(batch, KIND)[0].detach()) == float(passes.noted["first_step"])
    compared = seams.passes_of(model)
    objective("r3f", epsilon=1e-20).loss(compared, batch, KIND)
    assert float(compared.noted["divergence"]) > 1e-6, "what is compared is drawn anew"


def test_a_row_of_a_packed_batch_is_perturbed_as_one_by_itself():
    """Its norm is that of its sentence, whoever its neighbours are."""
    model = runs.model_for((KIND,), "xlm_roberta").eval()
    stream = runs.stream_of(KIND, "xlm_roberta")

    def of(rows):
        arrays = collate(stream.rows, np.array(rows), pad_id=runs.PAD, columns=stream.head.columns)
        read = stream.head.reads(arrays)
        return to_tensors(arrays, torch.device("cpu"), packed=True, read=read)

    *_, together, _, _ = trained("fgm", of([0, 1, 2]), model=model)
    for row in range(3):
        *_, alone, _, _ = trained("fgm", of([row]), model=model)
        width = alone[1].shape[1]
        torch.testing.assert_close(together[1][row, :width], alone[1][0], rtol=1e-3, atol=1e-5)
        assert not together[1][row, width:].any()


@pytest.mark.parametrize("kind", OF_TOKENS)
@pytest.mark.parametrize("name", ROBUST)
def test_each_trains_every_kind_and_says_of_what_its_loss_is_made(name, kind, tmp_path):
    _, found = runs.run((kind,), tmp_path, objective=objective(name), dropout=0.1, epochs=2)
    assert np.isfinite(found.losses).all()
    assert all(len(values) == len(found.losses) for values in found.parts.values())
    assert found.record()["objective_losses"] == found.parts
    mean = {name: np.array(values) for name, values in found.parts.items()}
    if name == "fgm":
        np.testing.assert_allclose(mean["clean"] + mean["adversarial"], found.losses, rtol=1e-5)
        assert (mean["adversarial"] > mean["clean"]).mean() > 0.5
    elif name in COMPARING:
        np.testing.assert_allclose(mean["clean"] + mean["divergence"], found.losses, rtol=1e-5)
        assert (mean["divergence"] >= 0).all()
    else:
        assert (mean["last_step"] >= mean["first_step"] - 1e-3).mean() > 0.5


@pytest.mark.parametrize("name", ROBUST)
@pytest.mark.parametrize("architecture", ["text_to_text", "Qwen3"])
def test_writers_and_decoders_are_perturbed_too(architecture, name):
    kind = "tagging"
    examples, labels = tiny.examples_of(kind)
    if architecture == "text_to_text":
        head = registry.find("heads.text_to_text", kind)
        model = writer.transfer_model(head, labels)
        batch = writer.batch_of(head, writer.encode(head, examples, labels, training=True))
    else:
        head = registry.find("heads.decoder", kind)
        model = decoders.transfer_model(head, labels, decoders.model(architecture))
        rows = tiny.encode(head, examples, labels, training=True)
        batch = to_tensors(
            collate(tiny.pack(rows), np.arange(len(rows)), pad_id=runs.PAD, columns=head.columns), torch.device("cpu")
        )
    model.eval()
    plain, wanted_units = model(batch, "task")
    loss, units, deltas, found, noted = trained(name, batch, "task", model=model)
    assert int(units) == int(wanted_units)
    if "clean" in noted:
        assert float(noted["clean"]) == pytest.approx(float(plain.detach()), rel=1e-5)
    assert float(loss) > 0
    assert deltas[-1].abs().sum() > 0
    assert all(np.isfinite(value).all() for value in found.values())


@pytest.mark.parametrize("name", ["freelb", "smart"])
@pytest.mark.parametrize("shape", ["modernbert", "xlm_roberta"])
def test_a_run_that_was_stopped_and_resumed_has_the_same_numbers(name, shape, tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    options = {"shape": shape, "dropout": 0.2, "objective": objective(name), "epochs": 2}
    whole, found = runs.run((KIND,), tmp_path / "whole", **options)
    with pytest.raises(runs.Stopped):
        runs.run((KIND,), tmp_path / "cut", report=runs.Report(stop_after=1), **options)
    report = runs.Report()
    again, other = runs.run((KIND,), tmp_path / "cut", report=report, **options)
    assert report.steps[0] > 1
    runs.assert_same(runs.weights(whole), runs.weights(again))
    assert (found.losses, found.parts) == (other.losses, other.parts)


def test_parts_of_a_mixture_are_none_where_another_objective_trained():
    from xstilts.training.run import Trained

    found = Trained(steps=3, tokens=0)
    for loss, parts in ((1.0, {}), (2.0, {"clean": 0.5, "adversarial": 1.5}), (3.0, {})):
        found.add(loss, parts)
    assert found.parts == {"clean": [None, 0.5, None], "adversarial": [None, 1.5, None]}
    assert found.last() == "loss 3.000"
    assert "objective_losses" not in Trained(steps=0, tokens=0).record()


def test_what_they_cost():
    assert [objective(name).passes for name in ROBUST] == [6, 5, 6, 8, 6]
    assert objective("freelb", steps=5).passes == 15
    assert objective("pgd", steps=5).passes == 11
    assert objective("smart", steps=3).passes == 12


@pytest.mark.parametrize("name", COMPARING)
@pytest.mark.parametrize(("architecture", "kind"), [("encoder", "masked_lm"), ("encoder", "bitext_mining")])
def test_what_gives_no_distributions_is_not_compared(name, architecture, kind):
    why = objective(name).why_not(architecture, registry.find(f"heads.{architecture}", kind))
    assert why == f"compares distributions, and {kind} (encoder models) gives none"
    assert not objective("freelb").why_not(architecture, registry.find(f"heads.{architecture}", kind))


def test_defaults_are_the_published_ones():
    freelb = {"steps": 2, "adversarial_learning_rate": 0.1, "initial_magnitude": 0.1, "max_norm": 0.3, "norm": "l2"}
    assert chosen({"name": "freelb"}).params() == {"name": "freelb", **freelb}
    assert objective("pgd").params() == {**freelb, "initial_magnitude": 0.2, "max_norm": 0.2}
    assert objective("smart").params() == {"weight": 1.0, "steps": 1, "step_size": 1e-3, "noise": 1e-5}
    assert objective("r3f").params() == {"weight": 1.0, "epsilon": 1e-5, "noise": "uniform"}
