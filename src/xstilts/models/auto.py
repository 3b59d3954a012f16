"""Any other encoder that transformers' Auto classes load: by hub id or from a local directory."""

from __future__ import annotations

from xstilts.models.family import Family

FAMILY = Family(
    title="Any encoder of transformers",
    architecture="encoder",
    checkpoints={},
    recipe={"learning_rate": 1e-5},
    notes="Give a hub id (`organisation/name`) or a directory with config.json, *.safetensors and a tokenizer.",
)
