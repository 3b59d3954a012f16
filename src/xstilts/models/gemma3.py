"""Gemma 3 (Gemma Team 2025), the text models: decoders, trained here through LoRA."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="Gemma 3",
    architecture="decoder",
    checkpoints={
        "1b": Checkpoint(
            repository="google/gemma-3-1b-pt",
            shape=Shape(
                layers=26,
                hidden=1152,
                intermediate=6912,
                heads=4,
                head_size=256,
                key_heads=1,
                vocabulary=262144,
                gated=True,
                positions=32768,
            ),
        ),
    },
    recipe={"learning_rate": 1e-4},
    model_types=("gemma3_text",),
    sources={"shapes": "config.json of google/gemma-3-1b-pt as copied by mlx-community/gemma-3-1b-pt-6bit"},
    notes="Needs peft (`pip install xstilts[lora]`).",
)
