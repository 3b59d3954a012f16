"""mT5 (Xue et al. 2021): a text-to-text model of 101 languages, from 0.3 to 13 billion weights.

Shapes were read in config.json of google/mt5-large, -xl and -xxl on the hub, and for the two small ones in copies of
it in fine-tuned models (google/mt5-small: a repository that prints it; google/mt5-base: the same).
"""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape


def _shape(layers: int, hidden: int, intermediate: int, heads: int) -> Shape:
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        head_size=64,
        vocabulary=250112,
        gated=True,
        decoder_layers=layers,
        tied=False,
        positions=1024,
    )


def _checkpoint(name: str, shape: Shape) -> Checkpoint:
    return Checkpoint(repository=f"google/mt5-{name}", shape=shape, languages=101)


FAMILY = Family(
    title="mT5",
    architecture="text_to_text",
    checkpoints={
        "small": _checkpoint("small", _shape(8, 512, 1024, 6)),
        "base": _checkpoint("base", _shape(12, 768, 2048, 12)),
        "large": _checkpoint("large", _shape(24, 1024, 2816, 16)),
        "xl": _checkpoint("xl", _shape(24, 2048, 5120, 32)),
        "xxl": _checkpoint("xxl", _shape(24, 4096, 10240, 64)),
    },
    # mT5 is fine-tuned with Adafactor at a constant 1e-3; with AdamW, transformers' page on T5 says 1e-4 to 3e-4.
    recipe={"learning_rate": 1e-4, "weight_decay": 0.0},
    model_types=("mt5",),
    pretraining="mc4",
    paper="https://arxiv.org/abs/2010.11934",
    sources={
        "shapes": "config.json of google/mt5-large, google/mt5-xl, google/mt5-xxl; copies of it for small and base",
        "languages": "README of google-research/multilingual-t5",
        "learning rate": "https://github.com/huggingface/transformers/pull/13240",
    },
    notes="Reads and writes text: `docs/text-to-text.md` has the formats. A hub repository that holds no safetensors "
    "has to be downloaded and converted first: `xstilts convert`.",
)
