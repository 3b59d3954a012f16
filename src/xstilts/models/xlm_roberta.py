"""XLM-R (Conneau et al. 2020): the study's own starting point."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="XLM-R",
    architecture="encoder",
    checkpoints={
        "base": Checkpoint(
            repository="FacebookAI/xlm-roberta-base",
            shape=Shape(layers=12, hidden=768, intermediate=3072, heads=12, vocabulary=250002),
        ),
        "large": Checkpoint(
            repository="FacebookAI/xlm-roberta-large",
            shape=Shape(layers=24, hidden=1024, intermediate=4096, heads=16, vocabulary=250002),
        ),
    },
    recipe={"learning_rate": 1e-5},
    pretraining="cc100",
    paper="https://arxiv.org/abs/1911.02116",
)
