"""mmBERT (Marone et al. 2025): ModernBERT's architecture over 1,833 languages."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape


def _shape(hidden: int, heads: int) -> Shape:
    return Shape(
        layers=22, hidden=hidden, intermediate=1152, heads=heads, vocabulary=256000, gated=True, positions=8192
    )


FAMILY = Family(
    title="mmBERT",
    architecture="encoder",
    checkpoints={
        "small": Checkpoint(repository="jhu-clsp/mmBERT-small", shape=_shape(384, 6), languages=1833),
        "base": Checkpoint(repository="jhu-clsp/mmBERT-base", shape=_shape(768, 12), languages=1833),
    },
    recipe={"learning_rate": 2e-5},
    paper="https://arxiv.org/abs/2509.06888",
    licence="MIT",
    sources={"shapes, languages, licence": "README of JHU-CLSP/mmBERT at 320317b"},
)
