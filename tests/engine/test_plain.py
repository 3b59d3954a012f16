"""One switch turns all of the engine off, and in fp32 without dropout a step comes out the same."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import tiny_runs as runs
import torch

from xstilts import registry
from xstilts.engine import attention
from xstilts.engine.engine import Engine
from xstilts.engine.plain import Plain
from xstilts.heads.head import Vocabulary
from xstilts.models.loading import base_of
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.placement import accelerator_for
from xstilts.training.state import TrainingState

# Adam divides a gradient by itself: where that is nothing but rounding, so is the step, unless epsilon is larger.
RECIPE = runs.RECIPE.over({"adam_epsilon": 1e-3, "weight_decay": 0.1, "clip": 0.5})


def encoder_case(shape: str, kind: str):
    return lambda: (runs.model_for((kind,), shape), runs.stream_of(kind, shape), runs.PAD)


def text_to_text_case(style: str):
    def case():
        import tiny_writer

        head = registry.find("heads.text_to_text", "pair_classification")
        examples, labels = tiny_writer.examples_of("pair_classification")
        rows = tiny.pack(tiny_writer.encode(head, examples, labels, style=style, training=True))
        model = tiny_writer.transfer_model(head, labels, style)
        return model, Stream(task="task", head=head, rows=rows, seed=5, batch_size=3), 0

    return case


def decoder_case(shape: str):
    def case():
        pytest.importorskip("peft")
        import test_decoder_heads as decoders

        from xstilts.models.architecture import architecture_named

        head, (examples, labels) = registry.find("heads.decoder", "tagging"), tiny.examples_of("tagging")
        rows = tiny.pack(tiny.encode(head, examples, labels, training=True))
        backbone = architecture_named("decoder").adapt(decoders.model(shape), seed=3)
        for module in backbone.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        model = decoders.transfer_model(head, labels, backbone)
        return model, Stream(task="task", head=head, rows=rows, seed=5, batch_size=3), runs.PAD

    return case


CASES = {
    **{f"{shape} {kind}": encoder_case(shape, kind) for shape in runs.SHAPES for kind in ("tagging", "masked_lm")},
    "xlm_roberta dual_encoder": encoder_case("xlm_roberta", "dual_encoder"),
    "bert pair_classification": encoder_case("bert", "pair_classification"),
    "mt5": text_to_text_case("sentencepiece"),
    "byt5": text_to_text_case("bytes"),
    "qwen3 with LoRA": decoder_case("Qwen3"),
    "gemma3 with LoRA": decoder_case("Gemma3Text"),
}


def trained(case, folder, engine: Plain, *, steps: int = 1, **changes):
    """The model after some steps by an engine, and what the loop found."""
    model, stream, pad_id = case()
    model.engine = engine
    recipe = RECIPE.over({"max_steps": steps, "batch_size": stream.batch_size, **changes})
    found = train(
        model,
        [stream],
        plan_steps([stream], recipe, seed=5),
        recipe,
        seed=5,
        vocabulary=tiny.vocabulary("wordpiece" if "Bert" in type(base_of(model.encoder)).__name__[:4] else "bytes")
        if stream.head.kind == "masked_lm"
        else Vocabulary(size=0, mask_id=0, special_ids=()),
        pad_id=pad_id,
        accelerator=accelerator_for(recipe.precision),
        state=TrainingState(folder),
        report=runs.Report(),
        phase="train",
    )
    return model, found


@pytest.mark.parametrize("name", CASES)
def test_one_step_agrees_to_a_hundred_thousandth(name, tmp_path):
    before = runs.weights(CASES[name]()[0])
    one, engine = trained(CASES[name], tmp_path / "engine", Engine())
    other, plain = trained(CASES[name], tmp_path / "plain", Plain())
    assert plain.losses == pytest.approx(engine.losses, rel=1e-5)
    assert plain.tokens == engine.tokens
    assert plain.vocabulary["why"] == "the run is plain"
    assert plain.vocabulary["rows"] == plain.vocabulary["of"]
    weights = runs.weights(one), runs.weights(other)
    assert weights[0].keys() == weights[1].keys()
    moved = 0
    for key, value in weights[0].items():
        # A key's bias has a gradient of nothing but rounding.
        atol = 1e-5 * max(np.abs(value).max(), 1e-3)
        np.testing.assert_allclose(value, weights[1][key], rtol=1e-5, atol=atol, err_msg=key)
        moved += not np.array_equal(value, before[key])
    assert moved > 5, "otherwise this tests nothing"


def test_a_plain_run_in_bf16_is_near_one_of_the_engine(tmp_path):
    case, options = CASES["xlm_roberta tagging"], {"steps": 6, "precision": "bf16"}
    _, engine = trained(case, tmp_path / "engine", Engine(), **options)
    _, plain = trained(case, tmp_path / "plain", Plain(), **options)
    assert plain.losses == pytest.approx(engine.losses, rel=0.02)
    assert plain.losses != engine.losses


def test_nothing_of_the_engine_is_used(tmp_path, monkeypatch):
    """Each of its parts fails here, and the plain run does not notice."""
    import xstilts.engine.engine as engine

    def fail(*_, **__):
        raise AssertionError("the engine was used")

    for name in ("fast_dropout", "taken_over", "summed_cross_entropy", "Weights", "row_embedding_of", "computing"):
        monkeypatch.setattr(engine, name, fail)
    monkeypatch.setattr(attention, "attend", fail)
    monkeypatch.setattr(attention, "installed", fail)
    modules = []

    class Watch(runs.Report):
        def update(self, phase, step, total, *, tokens=0, message=""):
            modules.append({type(module).__module__.split(".")[0] for module in model.modules()})

    model = runs.model_for(("masked_lm", "tagging"), dropout=0.1)
    model.engine = Plain()
    _, found = runs.run(("masked_lm", "tagging"), tmp_path, model=model, report=Watch(), epochs=1)
    assert np.isfinite(found.losses).all()
    assert set.union(*modules) == {"torch", "transformers", "xstilts"}, "xstilts: the model around the encoder"
    assert not any(type(module).__module__.startswith("xstilts") for module in model.encoder.modules())


def test_the_optimizer_is_torchs_own(tmp_path):
    from xstilts.training import optimizer as adam

    model = runs.model_for(("tagging",))
    assert adam.build(model, RECIPE, fused=Engine().fused).defaults["fused"]
    plain = adam.build(model, RECIPE, fused=Plain().fused)
    assert type(plain) is torch.optim.AdamW
    assert plain.defaults["fused"] is None
    assert {id(p) for group in plain.param_groups for p in group["params"]} == {id(p) for p in model.parameters()}


def test_a_plain_run_stops_at_a_loss_that_is_not_finite(tmp_path):
    model = runs.model_for(("tagging",))
    model.engine = Plain()
    with torch.no_grad():
        model.head_modules[0][1].weight.fill_(float("inf"))
    with pytest.raises(FloatingPointError):
        runs.run(("tagging",), tmp_path, model=model)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["tagging", "pair_classification", "multiple_choice"])
def test_a_plain_writer_writes_the_same(kind):
    """All rows to the end of the longest, with logits of the whole vocabulary."""
    import tiny_writer

    head, (examples, labels) = registry.find("heads.text_to_text", kind), tiny_writer.examples_of(kind)
    model = tiny_writer.transfer_model(head, labels)
    rows = tiny_writer.encode(head, examples, labels)
    found = []
    for model.engine in (Engine(), Plain()):
        outputs = model.predict(tiny_writer.batch_of(head, rows), "task")
        found.append(head.decode(outputs, tiny_writer.unpacked(rows), examples, labels=labels))
    assert found[0] == found[1]
