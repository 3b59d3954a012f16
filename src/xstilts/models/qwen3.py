"""Qwen3 (Qwen Team 2025): decoders, trained here through LoRA."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="Qwen3",
    architecture="decoder",
    checkpoints={
        "0.6b": Checkpoint(
            repository="Qwen/Qwen3-0.6B",
            shape=Shape(
                layers=28,
                hidden=1024,
                intermediate=3072,
                heads=16,
                head_size=128,
                key_heads=8,
                vocabulary=151936,
                gated=True,
                positions=40960,
            ),
        ),
    },
    recipe={"learning_rate": 1e-4},
    model_types=("qwen3",),
    sources={"shapes": "config.json of Qwen3-0.6B as copied by TensorStack/TextEncoder"},
    notes="Larger ones work by their hub id. Needs peft (`pip install xstilts[lora]`).",
)
