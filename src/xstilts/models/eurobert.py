"""EuroBERT (Boizard et al. 2025): a Llama-shaped encoder of 15 European and widely spoken languages."""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape


def _shape(layers: int, hidden: int, intermediate: int, heads: int, key_heads: int) -> Shape:
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        key_heads=key_heads,
        vocabulary=128256,
        gated=True,
        positions=8192,
    )


FAMILY = Family(
    title="EuroBERT",
    architecture="encoder",
    checkpoints={
        "210m": Checkpoint(repository="EuroBERT/EuroBERT-210m", shape=_shape(12, 768, 3072, 12, 12), languages=15),
        "2.1b": Checkpoint(repository="EuroBERT/EuroBERT-2.1B", shape=_shape(32, 2304, 6144, 18, 6), languages=15),
        # Its config.json could not be read, so its size is empty until a copy is here.
        "610m": Checkpoint(repository="EuroBERT/EuroBERT-610m", languages=15),
    },
    recipe={"learning_rate": 2e-5},
    paper="https://arxiv.org/abs/2503.05500",
    sources={
        "shapes": "config.json of EuroBERT/EuroBERT-210m and EuroBERT/EuroBERT-2.1B",
        "languages": "the authors' announcement, huggingface.co/blog/EuroBERT/release",
    },
)
