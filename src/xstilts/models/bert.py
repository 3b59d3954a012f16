"""Multilingual BERT (Devlin et al. 2019)."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="multilingual BERT",
    architecture="encoder",
    checkpoints={
        "multilingual": Checkpoint(
            repository="google-bert/bert-base-multilingual-cased",
            shape=Shape(layers=12, hidden=768, intermediate=3072, heads=12, vocabulary=119547),
            languages=104,
        ),
    },
    recipe={"learning_rate": 2e-5},
    paper="https://arxiv.org/abs/1810.04805",
    sources={
        "shapes": "config.json as copied by models fine-tuned from it, e.g. svassileva/mbg-multilingualbert",
        "languages": "google-research/multilingual-t5, tasks.py",
    },
)
