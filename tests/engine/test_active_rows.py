"""Why training the active rows alone is the same optimisation: AdamW row by row; and where it is not, what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_encoder as tiny
import tiny_runs as runs
import torch

from xstilts import registry
from xstilts.heads.head import Vocabulary
from xstilts.training import optimizer as adam
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for
from xstilts.training.state import TrainingState

VARIANTS = {"fused": {"fused": True}, "foreach": {"foreach": True}, "loop": {"foreach": False, "fused": False}}
STEPS, DECAY, CLIP = 20, 0.3, 0.5
SIZE, WIDTH = 50, 32
ACTIVE = torch.tensor([1, 4, 7, 8, 20, 33])


def rate(step: int) -> float:
    return 1e-2 * adam.factor(step, STEPS, 0.2)


def gradients(*, whole: bool) -> list[torch.Tensor]:
    """Of every step; in some steps an active row has none. They are clipped by the norm that both tables share."""
    draw = torch.Generator().manual_seed(0)
    found = []
    for _ in range(STEPS):
        seen = torch.rand(len(ACTIVE), 1, generator=draw) > 0.4
        gradient = torch.randn(len(ACTIVE), WIDTH, generator=draw) * seen
        gradient *= min(1.0, CLIP / float(gradient.norm()))
        found.append(torch.zeros(SIZE, WIDTH).index_copy(0, ACTIVE, gradient) if whole else gradient)
    return found


def trained(table: torch.Tensor, of_steps: list[torch.Tensor], variant: str) -> torch.Tensor:
    weight = torch.nn.Parameter(table.clone())
    optimizer = torch.optim.AdamW([weight], weight_decay=DECAY, **VARIANTS[variant])
    for step, gradient in enumerate(of_steps):
        optimizer.param_groups[0]["lr"] = rate(step)
        weight.grad = gradient.clone()
        optimizer.step()
    return weight.detach()


@pytest.fixture(scope="module")
def start() -> torch.Tensor:
    return torch.randn(SIZE, WIDTH, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("variant", VARIANTS)
def test_active_rows_have_the_bits_of_the_whole_table(variant, start):
    dense = trained(start, gradients(whole=True), variant)
    active = trained(start[ACTIVE], gradients(whole=False), variant)
    assert torch.equal(dense[ACTIVE], active)
    assert not torch.equal(active, start[ACTIVE])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_other_rows_are_those_of_decay_alone(variant, start):
    """Step by step the same bits; as a product of factors, which is how they are written back, within 1e-5."""
    dense = trained(start, gradients(whole=True), variant)
    others = torch.ones(SIZE, dtype=torch.bool).index_fill(0, ACTIVE, value=False)
    replayed, factor = start[others].clone(), 1.0
    for step in range(STEPS):
        replayed.mul_(1.0 - rate(step) * DECAY)
        factor *= 1.0 - rate(step) * DECAY
    assert torch.equal(dense[others], replayed)
    torch.testing.assert_close(start[others] * factor, replayed, rtol=1e-5, atol=0)
    assert factor < 0.98, "otherwise this tests nothing"


def test_the_factor_of_a_run_is_this_product():
    recipe = runs.RECIPE.over({"learning_rate": 1e-2, "weight_decay": DECAY, "warmup": 0.2})
    expected = 1.0
    for step in range(STEPS):
        expected *= 1.0 - rate(step) * DECAY
    assert adam.shrunk(STEPS, STEPS, recipe) == pytest.approx(expected, rel=1e-12)


def trained_once(model: TransferModel, rows, folder: Path, *, pad_id: int = runs.PAD):
    """What the loop finds in one step of a task named ``task``."""
    recipe = runs.RECIPE.over({"max_steps": 1})
    stream = Stream(task="task", head=model.heads["task"], rows=rows, seed=5, batch_size=recipe.batch_size)
    return train(
        model,
        [stream],
        plan_steps([stream], recipe, seed=5),
        recipe,
        seed=5,
        vocabulary=Vocabulary(size=0, mask_id=0, special_ids=()),
        pad_id=pad_id,
        accelerator=accelerator_for("fp32"),
        state=TrainingState(folder),
        report=runs.Report(),
        phase="train",
    )


def test_a_text_to_text_model_trains_every_row(tmp_path):
    """Its encoder and decoder read one table, and its output layer is a softmax over all of it."""
    import tiny_writer

    head = registry.find("heads.text_to_text", "pair_classification")
    examples, labels = tiny_writer.examples_of("pair_classification")
    model = tiny_writer.transfer_model(head, labels)
    rows = tiny.pack(tiny_writer.encode(head, examples, labels, training=True))
    found = trained_once(model, rows, tmp_path, pad_id=0)
    size = len(tiny_writer.tokenizer("sentencepiece"))
    assert found.vocabulary == {"rows": size, "of": size, "why": "the embedding is tied to another layer"}


def test_a_decoder_trains_none(tmp_path):
    """LoRA freezes it."""
    pytest.importorskip("peft")
    import test_decoder_heads as decoders

    from xstilts.models.architecture import architecture_named

    kind = "pair_classification"
    head, (examples, labels) = registry.find("heads.decoder", kind), tiny.examples_of(kind)
    backbone = architecture_named("decoder").adapt(decoders.model("Qwen3"), seed=0)
    before = backbone.get_input_embeddings().weight.detach().clone()
    model = decoders.transfer_model(head, labels, backbone)
    found = trained_once(model, tiny.pack(tiny.encode(head, examples, labels, training=True)), tmp_path)
    assert found.vocabulary["why"] == "the embedding is not trained"
    assert found.vocabulary["rows"] == 0
    assert torch.equal(backbone.get_input_embeddings().weight, before)


def test_a_whole_model_with_a_tied_output_layer_trains_every_row(tmp_path):
    """Even where no task of the run is masked LM."""
    head, labels = registry.find("heads.encoder", "tagging"), tiny.examples_of("tagging")[1]
    encoder, module = runs.encoder(language_model=True), head.build(hidden_size=32, labels=labels, dropout=0.0)
    found = trained_once(TransferModel(encoder, {"task": head}, {"task": module}), runs.rows_of("tagging"), tmp_path)
    assert found.vocabulary["why"] == "the embedding is tied to another layer"


def test_an_optimizer_that_mixes_rows_trains_every_row(tmp_path, monkeypatch):
    monkeypatch.setattr(adam, "OPTIMIZER", torch.optim.Adafactor)
    _, found = runs.run(("tagging",), tmp_path, shape="xlm_roberta", epochs=1)
    assert found.vocabulary["why"] == "the optimizer is not row-wise"
    assert found.vocabulary["rows"] == found.vocabulary["of"]
