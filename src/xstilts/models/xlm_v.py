"""XLM-V (Liang et al. 2023): XLM-R's base model with a vocabulary of 900,000 pieces."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="XLM-V",
    architecture="encoder",
    checkpoints={
        "base": Checkpoint(
            repository="facebook/xlm-v-base",
            shape=Shape(layers=12, hidden=768, intermediate=3072, heads=12, vocabulary=901629),
            licence="MIT",
        ),
    },
    recipe={"learning_rate": 1e-5},
    paper="https://arxiv.org/abs/2301.10472",
    sources={
        "shapes": "config.json as copied by haryoaw/scenario-TCR-XLMV-XCOPA-3_data-xcopa_all",
        "licence": "card of facebook/xlm-v-base",
    },
)
