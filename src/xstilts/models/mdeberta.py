"""mDeBERTa-v3 (He et al. 2021): disentangled attention, trained on XLM-R's text by replaced-token detection."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="mDeBERTa-v3",
    architecture="encoder",
    checkpoints={
        "base": Checkpoint(
            repository="microsoft/mdeberta-v3-base",
            shape=Shape(layers=12, hidden=768, intermediate=3072, heads=12, vocabulary=251000),
        ),
    },
    recipe={"learning_rate": 2e-5},
    paper="https://arxiv.org/abs/2111.09543",
    sources={"shapes": "config.json as copied by models fine-tuned from it, e.g. SiddharthaM/mdeberta-hate-final"},
)
