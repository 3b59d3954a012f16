"""Any other text-to-text model that transformers' Auto classes load: by hub id or from a local directory."""

from __future__ import annotations

from xstilts.models.family import Family

FAMILY = Family(
    title="Any text-to-text model of transformers",
    architecture="text_to_text",
    checkpoints={},
    recipe={"learning_rate": 1e-4, "weight_decay": 0.0},
    notes="Give a hub id (`organisation/name`) or a directory with config.json, *.safetensors and a tokenizer.",
)
