"""Tiny models of three architectures, rows of every kind, and one call that trains them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.engine.row_embedding import RowEmbedding
from xstilts.heads.rows import Rows
from xstilts.models.versions import mend_modernbert
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for
from xstilts.training.recipe import Recipe
from xstilts.training.state import TrainingState
from xstilts.training.streams import plan_beside

SHAPES = ("modernbert", "xlm_roberta", "bert")
STYLE = {"modernbert": "sentencepiece", "xlm_roberta": "sentencepiece", "bert": "wordpiece"}
RECIPE = Recipe(learning_rate=2e-3, batch_size=3, epochs=3, precision="fp32", micro_batch_tokens=96, max_length=64)
PAD = 1


class Stopped(Exception):
    """What kills a run in a test."""


class Report:
    """Notes the steps, and stops the run where it is told to."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.stop_after, self.tokens, self.steps = stop_after, [], []

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        if phase != "train":
            return
        self.steps.append(step)
        self.tokens.append(tokens)
        if self.stop_after is not None and step > self.stop_after:
            raise Stopped


def configuration(shape: str, *, dropout: float = 0.0):
    from transformers import BertConfig, ModernBertConfig, XLMRobertaConfig

    tokenizer = tiny.tokenizer(STYLE[shape])
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 160,
        "pad_token_id": PAD,
        "bos_token_id": 0,
        "eos_token_id": 2,
    }
    if shape == "modernbert":
        mend_modernbert()
        drops = {"attention_dropout": dropout, "embedding_dropout": dropout, "mlp_dropout": dropout}
        return ModernBertConfig(**sizes, **drops, cls_token_id=0, sep_token_id=2, global_attn_every_n_layers=1)
    drops = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    if shape == "bert":
        return BertConfig(**sizes, **drops, type_vocab_size=2)
    return XLMRobertaConfig(**sizes, **drops, type_vocab_size=1)


def encoder(shape: str = "modernbert", *, language_model: bool = False, seed: int = 0, dropout: float = 0.0):
    import transformers

    torch.manual_seed(seed)
    name = {"modernbert": "ModernBert", "xlm_roberta": "XLMRoberta", "bert": "Bert"}[shape]
    config = configuration(shape, dropout=dropout)
    if language_model:
        return getattr(transformers, f"{name}ForMaskedLM")(config)
    options = {} if shape == "modernbert" else {"add_pooling_layer": False}
    return getattr(transformers, f"{name}Model")(config, **options)


def model_for(kinds: tuple[str, ...], shape: str = "modernbert", *, seed: int = 0, dropout: float = 0.0):
    heads = {kind: registry.find("heads.encoder", kind) for kind in kinds}
    backbone = encoder(shape, language_model="masked_lm" in kinds, seed=seed, dropout=dropout)
    modules = {}
    for index, (kind, head) in enumerate(heads.items()):
        torch.manual_seed(100 + index)
        modules[kind] = head.build(hidden_size=32, labels=tiny.examples_of(kind)[1], dropout=dropout)
    return TransferModel(backbone, heads, modules)


def rows_of(kind: str, shape: str = "modernbert", *, training: bool = True, max_length: int = 64) -> Rows:
    head = registry.find("heads.encoder", kind)
    examples, labels = tiny.examples_of(kind)
    return tiny.pack(tiny.encode(head, examples, labels, style=STYLE[shape], max_length=max_length, training=training))


def stream_of(kind: str, shape: str = "modernbert", *, batch_size: int = 3, seed: int = 5) -> Stream:
    # Short rows for the language model, so that there are several.
    rows = rows_of(kind, shape, max_length=24 if kind == "masked_lm" else 64)
    return Stream(task=kind, head=registry.find("heads.encoder", kind), rows=rows, seed=seed, batch_size=batch_size)


def run(
    kinds: tuple[str, ...],
    folder: Path,
    *,
    shape: str = "modernbert",
    seed: int = 5,
    dropout: float = 0.0,
    model: TransferModel | None = None,
    report: Report | None = None,
    validate=None,
    head=None,
    objective=None,
    moments=None,
    whole_vocabulary: bool = False,
    share: float | None = None,
    **changes,
):
    """(model, what the loop found) of a run of ``kinds``; ``changes`` are of the recipe.

    ``share``: the last kind's, beside the others. ``objective``: of all streams.
    """
    recipe = replace(RECIPE, **changes)
    model = model or model_for(kinds, shape, dropout=dropout)
    streams = [stream_of(kind, shape, batch_size=recipe.batch_size, seed=seed) for kind in kinds]
    if head is not None:
        streams = [replace(stream, head=head) for stream in streams]
    if objective is not None:
        streams = [replace(stream, objective=objective) for stream in streams]
    if share is None:
        plan = plan_steps(streams, recipe, seed=seed)
    else:
        own = plan_steps(streams[:-1], recipe, seed=seed)
        plan = plan_beside(own, task=len(streams) - 1, share=share, seed=seed)
    found = train(
        model,
        streams,
        plan,
        recipe,
        seed=seed,
        vocabulary=tiny.vocabulary(STYLE[shape]),
        pad_id=PAD,
        accelerator=accelerator_for(recipe.precision),
        state=TrainingState(folder),
        report=report or Report(),
        phase="train",
        validate=validate,
        moments=moments,
        whole_vocabulary=whole_vocabulary,
    )
    return model, found


def padded_batch(stream: Stream, rows: np.ndarray) -> dict:
    """The rows as a padded batch, as a loop without packing would see them."""
    arrays = collate(stream.rows, rows, pad_id=PAD, columns=stream.head.columns)
    return to_tensors(arrays, torch.device("cpu"))


def weights(model: torch.nn.Module) -> dict[str, np.ndarray]:
    """All weights; in the middle of a run with every row of the vocabulary, as they would be written."""
    found = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    for name, module in model.named_modules():
        if isinstance(module, RowEmbedding):
            with torch.no_grad():
                found[f"{name}.weight"] = module(torch.arange(module.table.num_embeddings)).float().numpy()
    return found


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Equal to the last bit."""
    assert one.keys() == other.keys()
    different = [name for name in one if one[name].tobytes() != other[name].tobytes()]
    assert not different


def assert_close(one: dict[str, np.ndarray], other: dict[str, np.ndarray], *, atol: float = 2e-6) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], rtol=2e-4, atol=atol, err_msg=name)


def digest(model: torch.nn.Module) -> str:
    found = hashlib.sha256()
    for name, value in sorted(weights(model).items()):
        found.update(name.encode() + value.tobytes())
    return found.hexdigest()


class FixedMasks:
    """Masks every third token."""

    def __init__(self, head) -> None:
        self.head = head

    def __getattr__(self, name):
        return getattr(self.head, name)

    def prepare(self, batch, *, rng, vocabulary):
        tokens = batch["input_ids"]
        chosen = (tokens % 3 == 0) & (batch["attention_mask"] == 1)
        return {**batch, "input_ids": np.where(chosen, 4, tokens), "labels": np.where(chosen, tokens, -100)}
