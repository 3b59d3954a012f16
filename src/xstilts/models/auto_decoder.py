"""Any other decoder (causal language model) that transformers' Auto classes load, trained through LoRA."""

from __future__ import annotations

from xstilts.models.family import Family

FAMILY = Family(
    title="Any decoder of transformers",
    architecture="decoder",
    checkpoints={},
    recipe={"learning_rate": 1e-4},
    paper="https://arxiv.org/abs/2106.09685",
    notes="Give a hub id (`organisation/name`) or a directory with config.json, *.safetensors and a tokenizer. Trained "
    "through LoRA, which needs peft (`pip install xstilts[lora]`).",
)
