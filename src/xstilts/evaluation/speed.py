"""How fast the engine is on this machine: a few steps and one evaluation of a model of a given width.

Runs in a process of its own, since whoever plans imports no torch.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from xstilts import registry
from xstilts.evaluation.predicting import predict
from xstilts.heads.head import Vocabulary
from xstilts.heads.rows import Rows
from xstilts.models.family import Shape
from xstilts.training.loop import Stream, plan_steps, train
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for, deterministic
from xstilts.training.recipe import Recipe
from xstilts.training.state import TrainingState

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

WARM = 2
"""Steps before one is counted: the first ones compile the kernels of their shapes."""
STEPS = 10
SHORT, LONG = 20, 90
"""Tokens of the rows: two lengths tell what a step costs from what its tokens cost."""
MOST = 0.4
"""Share of a short step that is taken to be the step's own, at most."""
PACKED = 128
"""Tokens of a row of masked LM, and how many of them make a step."""
PACKED_ROWS = 32
PIECES = 2000
"""Of the vocabulary, that the rows of one training reach."""
SPECIAL = 5


def _now() -> float:
    """Processor time, which other work on the machine does not lengthen; of one thread it is what a clock would say.

    Where an accelerator computes, the clock.
    """
    return time.perf_counter() if torch.cuda.is_available() else time.process_time()


class _Enough(Exception):
    """The time is over."""


@dataclass
class _Clock:
    """The `Reports` of the loop: how many tokens each step had, and how long it took."""

    seconds: float

    def __post_init__(self) -> None:
        self.steps: list[tuple[int, float]] = []
        self._began, self._last = time.perf_counter(), _now()
        self._tokens = 0

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Called after every step."""
        now = _now()
        if step > WARM:
            self.steps.append((tokens - self._tokens, now - self._last))
        self._last, self._tokens = now, tokens
        if time.perf_counter() - self._began > self.seconds and len(self.steps) >= 4:
            raise _Enough


def measure(shape: Shape, *, precision: str, seconds: float, pretraining: bool) -> dict[str, float]:
    """What one thread takes: seconds of a training step, of a token more in it, and of a token that is evaluated.

    Args:
        shape: of the model that is measured, as large as the time allows.
        precision: in which it computes.
        seconds: about so long each training.
        pretraining: whether a token of masked LM is measured too, in a step of 4,096.
    """
    deterministic(threads=1)
    recipe = Recipe(precision=precision, batch_size=PACKED_ROWS, epochs=1.0, warmup=0.0)
    step, token = _line(_trained(shape, recipe, seconds, language_model=False).steps)
    found = {"step": step, "token": token, "predicted_token": _predicted(shape, recipe)}
    if pretraining:
        steps = _trained(shape, recipe, seconds, language_model=True).steps
        found["pretraining_token"] = float(np.median([spent / tokens for tokens, spent in steps]))
    return found


def _line(steps: list[tuple[int, float]]) -> tuple[float, float]:
    """What a step costs without its tokens, and what each of them costs: from short and long steps."""
    middle = np.mean([tokens for tokens, _ in steps])
    sides = [[one for one in steps if (one[0] > middle) == side] for side in (False, True)]
    (few, fast), (many, slow) = (np.median(np.array(side or steps), axis=0) for side in sides)
    step = fast - (slow - fast) / max(many - few, 1.0) * few
    # Where the clock was disturbed, the long steps are right all the same.
    step = min(max(step, 0.0), MOST * fast)
    return float(step), float((slow - step) / many)


def _trained(shape: Shape, recipe: Recipe, seconds: float, *, language_model: bool) -> _Clock:
    kind = "masked_lm" if language_model else "pair_classification"
    head = registry.find("heads.encoder", kind)
    lengths = [PACKED] * (STEPS * PACKED_ROWS)
    if not language_model:
        lengths = [SHORT, LONG] * (STEPS * PACKED_ROWS // 2)
    stream = Stream(task=kind, head=head, rows=_rows(lengths, shape), seed=1, batch_size=recipe.batch_size)
    clock = _Clock(seconds)
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(_Enough):
        train(
            _model(shape, kind, recipe, language_model=language_model),
            [stream],
            plan_steps([stream], recipe, seed=1),
            recipe,
            seed=1,
            vocabulary=Vocabulary(size=shape.vocabulary, mask_id=SPECIAL - 1, special_ids=tuple(range(SPECIAL))),
            pad_id=0,
            accelerator=accelerator_for(recipe.precision),
            state=TrainingState(Path(folder)),
            report=clock,
            phase="speed",
        )
    return clock


def _predicted(shape: Shape, recipe: Recipe) -> float:
    """Seconds of a token in an evaluation."""
    kind = "pair_classification"
    rows = _rows([SHORT, LONG] * (2 * PACKED_ROWS), shape)
    model = _model(shape, kind, recipe, language_model=False)

    def once() -> None:
        predict(
            model,
            kind,
            [rows],
            tokens=recipe.micro_batch_tokens,
            pad_id=0,
            accelerator=accelerator_for(recipe.precision),
            report=_Clock(60.0),
            phase="speed",
        )

    once()
    return _timed(once) / rows.tokens


def _timed(once: Callable[[], None]) -> float:
    began = _now()
    once()
    return _now() - began


def _rows(lengths: list[int], shape: Shape) -> Rows:
    rng = np.random.default_rng(1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    pieces = rng.integers(SPECIAL, min(PIECES, shape.vocabulary), size=int(offsets[-1]))
    count = len(lengths)
    scalars = {"example": np.arange(count), "label": rng.integers(0, 2, size=count)}
    return Rows(ragged={"input_ids": (pieces.astype(np.int32), offsets)}, scalars=scalars)


def _model(shape: Shape, kind: str, recipe: Recipe, *, language_model: bool) -> TransferModel:
    head = registry.find("heads.encoder", kind)
    module = head.build(hidden_size=shape.hidden, labels=("no", "yes"), dropout=recipe.dropout)
    return TransferModel(_encoder(shape, language_model=language_model), {kind: head}, {kind: module})


def _encoder(shape: Shape, *, language_model: bool) -> PreTrainedModel:
    """A drawn model: gated shapes as ModernBERT, others as XLM-R."""
    from transformers import (
        ModernBertConfig,
        ModernBertForMaskedLM,
        ModernBertModel,
        XLMRobertaConfig,
        XLMRobertaForMaskedLM,
        XLMRobertaModel,
    )

    sizes: dict[str, Any] = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": PACKED + 64,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    torch.manual_seed(1)
    config: PretrainedConfig
    if shape.gated:
        whole: dict[str, Any] = {"cls_token_id": 1, "sep_token_id": 2, "global_attn_every_n_layers": 1}
        config = ModernBertConfig(**sizes, **whole)
        config._attn_implementation = "eager"
        return (ModernBertForMaskedLM if language_model else ModernBertModel)(config)
    config = XLMRobertaConfig(**sizes)
    config._attn_implementation = "eager"
    return XLMRobertaForMaskedLM(config) if language_model else XLMRobertaModel(config, add_pooling_layer=False)


def main(spec: Mapping[str, Any]) -> None:
    """Prints one line of JSON."""
    found = measure(Shape(**spec["shape"]), **{key: value for key, value in spec.items() if key != "shape"})
    sys.stdout.write(json.dumps(found) + "\n")
