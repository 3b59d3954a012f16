"""ByT5 (Xue et al. 2022): mT5's text, read and written byte by byte; three layers read for each that writes.

Shapes were read in config.json of google/byt5-xl and -xxl on the hub, and for the others in copies of it in
fine-tuned models (flax-community/byt5-base-wikisplit, leukas/byt5-large-nc16-250k-deen, hugo/byt5-mono-en-v2).
"""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape


def _shape(layers: int, decoder_layers: int, hidden: int, intermediate: int, heads: int) -> Shape:
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        head_size=64,
        vocabulary=384,
        gated=True,
        decoder_layers=decoder_layers,
        tied=False,
        positions=1024,
    )


FAMILY = Family(
    title="ByT5",
    architecture="text_to_text",
    checkpoints={
        "small": Checkpoint(repository="google/byt5-small", shape=_shape(12, 4, 1472, 3584, 6)),
        "base": Checkpoint(repository="google/byt5-base", shape=_shape(18, 6, 1536, 3968, 12)),
        "large": Checkpoint(repository="google/byt5-large", shape=_shape(36, 12, 1536, 3840, 16)),
        "xl": Checkpoint(repository="google/byt5-xl", shape=_shape(36, 12, 2560, 6720, 32)),
        "xxl": Checkpoint(repository="google/byt5-xxl", shape=_shape(36, 12, 4672, 12352, 64)),
    },
    recipe={"learning_rate": 1e-4, "weight_decay": 0.0},
    in_bytes=True,
    # The tasks' lengths are in pieces of a subword model, of which one is about four bytes of English.
    length=4.0,
    pretraining="mc4",
    paper="https://arxiv.org/abs/2105.13626",
    sources={"shapes": "config.json of google/byt5-xl, google/byt5-xxl; copies of it for the others"},
    notes="A byte is a token: no tokenizer file is needed, and the tasks' `max_length` counts four bytes a piece, up "
    "to 1,024. A hub repository that holds no safetensors has to be converted first: `xstilts convert`.",
)
