"""The numbers of a training run, resolved: family's defaults, then the task's, then the experiment's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

LORA = ("lora_rank", "lora_alpha", "lora_dropout")
"""The settings of architectures that are trained through low-rank updates."""
ADDED: Mapping[str, Any] = {"plain": False, **dict.fromkeys(LORA)}
"""Settings that came later, with the value at which they change nothing: there they are left out of keys."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is trained.

    Attributes:
        learning_rate: peak of the schedule.
        batch_size: examples per optimizer step over all ranks (rows, for masked LM).
        epochs: passes over the training examples; a fraction ends early.
        max_steps: optimizer steps at most; None: as ``epochs`` says.
        warmup: share of the steps with rising learning rate (linear; linear decay to 0 after).
        weight_decay: decoupled; never on biases and norms.
        clip: largest gradient norm; 0 switches clipping off.
        dropout: of the head.
        max_length: tokens of one row.
        precision: ``bf16`` (cast once a step from fp32 weights, gradients summed in fp32) or ``fp32``; part of the
            key, never chosen by the machine.
        micro_batch_tokens: tokens of one forward pass, padding left out; decides the order of floating-point sums.
        select_every: epochs between evaluations on the dev rows; the best is kept.
        select_examples: dev examples at most.
        patience: evaluations without improvement before stopping; None: never.
        plain: computed by transformers' and torch's own means, without the engine.
        lora_rank: of the low-rank updates through which a decoder is trained (arXiv 2106.09685); None elsewhere.
        lora_alpha: the updates are multiplied by ``lora_alpha / lora_rank``.
        lora_dropout: of what the updates read.
    """

    learning_rate: float = 1e-5
    batch_size: int = 32
    epochs: float = 2.0
    max_steps: int | None = None
    warmup: float = 0.1
    weight_decay: float = 0.01
    adam_epsilon: float = 1e-8
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    clip: float = 1.0
    dropout: float = 0.1
    max_length: int = 128
    precision: str = "bf16"
    micro_batch_tokens: int = 4096
    select_every: float = 1.0
    select_examples: int = 500
    patience: int | None = None
    plain: bool = False
    lora_rank: int | None = None
    lora_alpha: float | None = None
    lora_dropout: float | None = None

    def over(self, *layers: Mapping[str, Any]) -> Recipe:
        """This recipe under further layers; later ones win, None says nothing."""
        known = {f.name for f in fields(self)}
        merged = asdict(self)
        for layer in layers:
            merged.update({k: v for k, v in layer.items() if k in known and v is not None})
        return Recipe(**merged)

    def params(self) -> dict[str, Any]:
        """For a node's key; what was added later is left out where it changes nothing."""
        found = asdict(self)
        return {name: value for name, value in found.items() if name not in ADDED or value != ADDED[name]}

    def adaptation(self) -> dict[str, Any]:
        """What an architecture that is trained through low-rank updates needs to know."""
        return {name: value for name, value in asdict(self).items() if name in LORA and value is not None}
