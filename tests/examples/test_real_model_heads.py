"""A published checkpoint through every encoder head: trained a little, saved, loaded again, and it answers the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_encoder as tiny
import torch
from test_every_head import IS_PREDICTION

from xstilts import registry
from xstilts.evaluation.answering import answer
from xstilts.heads import rows as row_files
from xstilts.training.checkpoint import Start, TaskHead, assemble, load_checkpoint, load_for, save, vocabulary_of
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.placement import accelerator_for
from xstilts.training.recipe import Recipe
from xstilts.training.self_check import settle
from xstilts.training.state import TrainingState

pytestmark = [pytest.mark.slow, pytest.mark.network]

ROWS = 250_037
RECIPE = Recipe(learning_rate=1e-4, batch_size=4, epochs=2, precision="fp32", weight_decay=0.0, max_length=48)
HEADS = registry.names("heads.encoder")
TRAINED = [name for name in HEADS if registry.find("heads.encoder", name).trainable]


class Heard:
    """Hears how far the training is."""

    def update(self, *_: object, **__: object) -> None:
        """Nothing is asked of it."""


def head_of(kind: str) -> TaskHead:
    return TaskHead(task=f"{kind}.0", kind=kind, labels=tiny.examples_of(kind)[1])


def trained(kind: str, directory: Path, folder: Path):
    """The model after two steps or so, and what the loop found; saved in ``folder``."""
    start, head = Start(directory=directory), head_of(kind)
    examples, labels = tiny.examples_of(kind)
    encoded = head.head.encode(
        examples, tokenizer=start.tokenizer(), labels=labels, max_length=RECIPE.max_length, training=True
    )
    row_files.write(encoded, folder / "rows.arrow", columns=head.head.columns)
    stream = Stream(
        task=head.task, head=head.head, rows=row_files.read(folder / "rows.arrow"), seed=1, batch_size=RECIPE.batch_size
    )
    model = assemble(start, [head], seed=1, recipe=RECIPE)
    accelerator = accelerator_for(RECIPE.precision)
    settle(model, plain=False, accelerator=accelerator, note=pytest.fail)
    found = train(
        model,
        [stream],
        plan_steps([stream], RECIPE, seed=1),
        RECIPE,
        seed=1,
        vocabulary=vocabulary_of(start.tokenizer()),
        pad_id=int(start.tokenizer().pad_token_id),
        accelerator=accelerator,
        state=TrainingState(folder / "state"),
        report=Heard(),
        phase="train",
    )
    (folder / "saved").mkdir()
    save(model, [head], start, folder / "saved")
    return model, found, stream


def answers(model, kind: str, directory: Path):
    return answer(
        model,
        head_of(kind),
        tiny.examples_of(kind)[0],
        Start(directory=directory).tokenizer(),
        accelerator=accelerator_for("fp32"),
        max_length=RECIPE.max_length,
    )


def test_the_quirk_of_its_padding(real_model):
    """BERT's padding is 0 as a rule; here it is XLM-R's."""
    tokenizer = Start(directory=real_model).tokenizer()
    assert (tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id) == (1, 0, 2)
    assert tokenizer.mask_token_id == 250_001
    assert len(tokenizer) <= ROWS


@pytest.mark.parametrize("kind", TRAINED)
def test_trained_saved_and_loaded_again(real_model, kind, tmp_path):
    model, found, stream = trained(kind, real_model, tmp_path)
    assert found.reached()["vocabulary"] == ROWS
    assert found.steps >= 2
    assert np.isfinite(found.losses).all()
    loaded = load_checkpoint(tmp_path / "saved")
    own, again = model.state_dict(), loaded.state_dict()
    assert all(torch.equal(own[name], again[name]) for name in again)
    head = registry.find("heads.encoder", kind)
    if not head.language_model:  # its masks are drawn
        examples, labels = tiny.examples_of(kind)
        predicted = answers(model, kind, real_model)
        assert predicted == answers(loaded, kind, tmp_path / "saved")
        assert all(IS_PREDICTION[kind](p, e, labels) for p, e in zip(predicted, examples, strict=True))
    # What it saved is a model directory again.
    further = assemble(Start(directory=tmp_path / "saved"), [head_of("single_classification")], seed=1, recipe=RECIPE)
    encoder = {name.removeprefix("model."): tensor for name, tensor in further.encoder.state_dict().items()}
    embedding = encoder["embeddings.word_embeddings.weight"]
    assert embedding.shape == (ROWS, 384)
    changed = _changed(real_model, embedding)
    used = {int(piece) for piece in stream.rows.ragged["input_ids"][0]}
    if head.language_model:
        assert found.vocabulary["of"] == ROWS
        assert "why" in found.vocabulary
    else:
        assert changed <= used, "no other row has moved"
        assert len(used) <= found.vocabulary["rows"] <= len(used) + 10
        assert found.vocabulary["of"] == ROWS


def _changed(directory: Path, embedding: torch.Tensor) -> set[int]:
    """The rows of the vocabulary that a training has moved."""
    from safetensors.torch import load_file

    before = load_file(directory / "model.safetensors")["embeddings.word_embeddings.weight"].float()
    return set((before != embedding.float()).any(dim=1).nonzero()[:, 0].tolist())


@pytest.mark.parametrize("kind", [name for name in HEADS if name not in TRAINED])
def test_what_needs_no_training_answers(real_model, kind):
    examples, labels = tiny.examples_of(kind)
    model = load_for(real_model, [head_of(kind)])
    predicted = answers(model, kind, real_model)
    assert all(IS_PREDICTION[kind](p, e, labels) for p, e in zip(predicted, examples, strict=True))
