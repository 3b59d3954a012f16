"""Objectives take the passes that they like; today's loss is the plain one, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import test_decoder_heads as decoders
import tiny_encoder as tiny
import tiny_runs as runs
import tiny_writer as writer
import torch
from pydantic import ValidationError
from tiny_objectives import Consistent, Halves, HalvesOnEmbeddings, Looking

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.engine.plain import Plain as Unaided
from xstilts.heads.decisions import deciding
from xstilts.training.objectives.plain import OBJECTIVE as PLAIN
from xstilts.training.passes import Passes
from xstilts.training.placement import accelerator_for, seed_step

DECIDING = ("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice")


def batch_of(kind: str, shape: str, *, packed: bool):
    stream = runs.stream_of(kind, shape)
    arrays = collate(stream.rows, np.arange(len(stream.rows)), pad_id=runs.PAD, columns=stream.head.columns)
    read = stream.head.reads(arrays)
    return to_tensors(arrays, torch.device("cpu"), packed=packed, read=read)


def passes_of(model, **options) -> Passes:
    return Passes(model, accelerator_for("fp32"), **options)


def begin(model) -> None:
    """As a step begins: everything that is drawn is drawn anew."""
    seed_step(5, 0)
    model.engine.seed(5, 0)


def gradients(model) -> dict[str, np.ndarray]:
    return {name: p.grad.numpy().copy() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("objective", [Halves(), HalvesOnEmbeddings()], ids=["ids", "embeddings"])
@pytest.mark.parametrize("shape", runs.SHAPES)
def test_two_halves_are_the_whole(shape, objective, tmp_path):
    """Several backward passes add up; the dropout of the first is that of the second."""
    options = {"shape": shape, "dropout": 0.2, "weight_decay": 0.1, "adam_epsilon": 1e-3, "epochs": 1}
    plain, found = runs.run(("pair_classification",), tmp_path / "plain", **options)
    halves, other = runs.run(("pair_classification",), tmp_path / "halves", objective=objective, **options)
    np.testing.assert_allclose(found.losses, other.losses, rtol=1e-5)
    runs.assert_close(runs.weights(plain), runs.weights(halves), atol=5e-6)
    assert (found.tokens, found.vocabulary) == (other.tokens, other.vocabulary)


@pytest.mark.parametrize("shape", ["modernbert", "xlm_roberta"])
def test_two_halves_are_the_whole_without_the_engine(shape, tmp_path):
    """Dropout is torch's own then, embeddings are padded, and every weight has its gradient."""
    options = {"shape": shape, "adam_epsilon": 1e-3, "epochs": 1}
    found = {}
    for name, objective in (("plain", None), ("halves", HalvesOnEmbeddings())):
        model = runs.model_for(("pair_classification",), shape, dropout=0.2)
        model.engine = Unaided()
        found[name] = runs.run(
            ("pair_classification",), tmp_path / name, model=model, objective=objective, dropout=0.2, **options
        )
    np.testing.assert_allclose(found["plain"][1].losses, found["halves"][1].losses, rtol=1e-5)
    runs.assert_close(runs.weights(found["plain"][0]), runs.weights(found["halves"][0]), atol=5e-6)


def test_a_look_at_a_gradient_leaves_no_trace(tmp_path):
    """`torch.autograd.grad` adds to no weight, and rows of the vocabulary are weights too."""
    options = {"dropout": 0.0, "weight_decay": 0.1, "epochs": 1}
    plain, found = runs.run(("tagging",), tmp_path / "plain", **options)
    looked, other = runs.run(("tagging",), tmp_path / "looked", objective=Looking(), **options)
    runs.assert_same(runs.weights(plain), runs.weights(looked))
    assert found == other


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("shape", runs.SHAPES)
@pytest.mark.parametrize("kind", ["pair_classification", "tagging"])
def test_embeddings_taken_out_and_put_back_in_change_nothing(kind, shape, packed):
    model = runs.model_for((kind,), shape).eval()
    batch = batch_of(kind, shape, packed=packed)
    passes = passes_of(model)
    loss, units = passes(batch, kind)
    loss.backward()
    wanted = gradients(model)
    model.zero_grad()
    embedded, mask = passes.embedded(batch)
    assert embedded.shape[:2] == mask.shape == batch["input_ids"].shape
    again, same = passes(passes.on(embedded, batch), kind)
    again.backward()
    torch.testing.assert_close(again, loss, rtol=1e-6, atol=0)
    assert int(same) == int(units)
    runs.assert_close(wanted, gradients(model))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("shape", runs.SHAPES)
def test_the_gradient_of_an_embedding_is_that_of_a_plain_forward_pass(shape, packed):
    """On the other side transformers' own model reads padded embeddings."""
    kind = "pair_classification"
    model = runs.model_for((kind,), shape).eval()
    batch = batch_of(kind, shape, packed=packed)
    passes = passes_of(model)
    embedded, mask = (x.detach() for x in passes.embedded(batch))
    embedded = embedded + 0.01 * torch.randn(embedded.shape, generator=torch.manual_seed(1)) * mask[..., None]
    leaf, other = embedded.clone().requires_grad_(), embedded.clone().requires_grad_()
    (found,) = torch.autograd.grad(passes(passes.on(leaf, batch), kind)[0], leaf)
    typed = {"token_type_ids": batch["token_type_ids"]} if shape == "bert" and "token_type_ids" in batch else {}
    states = model.encoder(inputs_embeds=other, attention_mask=mask, **typed).last_hidden_state
    loss = model.heads[kind].loss(model.module_of(kind), states, batch)[0]
    (wanted,) = torch.autograd.grad(loss, other)
    assert not found[mask == 0].any(), "padding has none"
    scale = float(wanted[mask == 1].abs().max())
    np.testing.assert_allclose(found[mask == 1] / scale, wanted[mask == 1] / scale, atol=1e-4)


def test_the_same_dropout_is_drawn_within_and_another_after():
    kind = "pair_classification"
    model = runs.model_for((kind,), dropout=0.3).train()
    batch = batch_of(kind, "modernbert", packed=True)
    begin(model)
    before = [float(passes_of(model)(batch, kind)[0].detach()) for _ in range(3)]
    assert len({*before}) == 3
    begin(model)
    passes = passes_of(model)
    with passes.same_dropout():
        within = [float(passes(batch, kind)[0].detach()) for _ in range(3)]
    assert within == [before[0]] * 3
    assert float(passes(batch, kind)[0].detach()) == before[1], "as if one pass had been taken"


def test_an_objective_trains_its_own_stream_alone(tmp_path):
    """Of a mixture, each stream has its own: the steps of the other task are plain."""
    kinds = ("tagging", "pair_classification")
    seen = []

    class Noting(type(PLAIN())):
        def loss(self, model, batch, task):
            seen.append(task)
            return super().loss(model, batch, task)

    streams = [runs.stream_of(kind) for kind in kinds]
    streams[1] = replace(streams[1], objective=Noting())

    plan = runs.plan_beside(runs.plan_steps(streams[:1], runs.RECIPE, seed=5), task=1, share=0.4, seed=5)
    model = runs.model_for(kinds)
    import xstilts.training.loop as loop

    loop.train(
        model,
        streams,
        plan,
        runs.RECIPE,
        seed=5,
        vocabulary=tiny.vocabulary("sentencepiece"),
        pad_id=runs.PAD,
        accelerator=accelerator_for("fp32"),
        state=runs.TrainingState(tmp_path),
        report=runs.Report(),
        phase="train",
    )
    assert set(seen) == {"pair_classification"}


@pytest.mark.parametrize("kind", DECIDING)
def test_two_passes_can_be_compared(kind, tmp_path):
    _, found = runs.run((kind,), tmp_path, objective=Consistent(weight=0.5), dropout=0.1, epochs=2)
    _, plain = runs.run((kind,), tmp_path / "plain", dropout=0.1, epochs=2)
    assert found.losses[0] > plain.losses[0], "the divergence comes on top"
    assert np.isfinite(found.losses).all()


@pytest.mark.parametrize("kind", DECIDING)
def test_decisions_are_what_the_loss_is_of(kind):
    model = runs.model_for((kind,)).eval()
    head = registry.find("heads.encoder", kind)
    batch = batch_of(kind, "modernbert", packed=True)
    found = model.decisions(batch, kind)
    loss, units = model(batch, kind)
    for one, other in zip(found.loss(), (loss, units), strict=True):
        assert torch.equal(one, other)
    probability = found.gold_probability()
    assert probability.shape == found.row.shape
    if len(found.parts) == 1:
        torch.testing.assert_close(-probability.log().nansum(), loss.detach(), rtol=1e-5, atol=1e-5)
    else:
        torch.testing.assert_close(-probability.log().nansum() / 2, loss.detach(), rtol=1e-5, atol=1e-5)
    assert int(found.row.max()) < len(batch["input_ids"])
    assert deciding(head) is head


def test_a_hidden_gold_has_no_probability():
    model = runs.model_for(("pair_classification",)).eval()
    batch = batch_of("pair_classification", "modernbert", packed=True)
    batch["label"][2] = -1
    found = model.decisions(batch, "pair_classification").gold_probability()
    assert found.isnan().tolist() == [row == 2 for row in range(len(found))]


@pytest.mark.parametrize(
    ("objective", "architecture", "kind", "why"),
    [
        (PLAIN(), "text_to_text", "extractive_qa", ""),
        (Consistent(), "encoder", "tagging", ""),
        (Consistent(), "encoder", "masked_lm", "makes none"),
        (Consistent(), "text_to_text", "tagging", "makes none"),
    ],
)
def test_it_says_what_it_cannot_train(objective, architecture, kind, why):
    found = objective.why_not(architecture, registry.find(f"heads.{architecture}", kind))
    assert why in found
    assert bool(found) == bool(why)


def test_it_says_on_which_architectures_it_is_defined():
    class Encoders(Halves):
        architectures = ("encoder",)

    head = registry.find("heads.decoder", "tagging")
    assert Encoders().why_not("decoder", head) == "is defined for encoder models, not for decoder models"


def test_options_are_strict():
    assert Consistent(weight=2.0).params() == {"weight": 2.0}
    for wrong in ({"weights": 1.0}, {"weight": "1"}):
        with pytest.raises(ValidationError):
            Consistent(**wrong)


@pytest.mark.parametrize("kind", ["tagging", "extractive_qa", "pair_classification"])
@pytest.mark.parametrize("architecture", ["text_to_text", "Qwen3", "Gemma3Text"])
def test_other_architectures_read_embeddings_too(architecture, kind):
    """What a text-to-text model reads is its source; Gemma's embeddings are scaled as they are looked up."""
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
    passes = passes_of(model.eval())
    embedded, mask = passes.embedded(batch)
    assert embedded.shape[:2] == mask.shape
    delta = torch.zeros_like(embedded, requires_grad=True)
    loss, _ = passes(passes.on(embedded + delta, batch), "task")
    (gradient,) = torch.autograd.grad(loss, delta)
    torch.testing.assert_close(loss, passes(batch, "task")[0], rtol=1e-5, atol=1e-5)
    lengths = mask.sum(dim=1)
    assert all(gradient[row, : int(length)].abs().sum() > 0 for row, length in enumerate(lengths))
