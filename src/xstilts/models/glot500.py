"""Glot500 (Imani et al. 2023): XLM-R's base model, its pretraining continued on hundreds of further languages."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family

FAMILY = Family(
    title="Glot500",
    architecture="encoder",
    # Its config.json could not be read, so its size is empty until a copy is here.
    checkpoints={"base": Checkpoint(repository="cis-lmu/glot500-base", licence="Apache-2.0")},
    recipe={"learning_rate": 1e-5},
    paper="https://arxiv.org/abs/2305.12182",
    sources={"licence": "card of cis-lmu/glot500-base"},
)
