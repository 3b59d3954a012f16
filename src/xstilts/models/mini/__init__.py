"""The mini model, shipped with the package: a small multilingual encoder, trained by ``xstilts run pretrain-mini``.

Its model card is ``README.md`` beside this file.
"""

from __future__ import annotations

from pathlib import Path

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="The mini model",
    architecture="encoder",
    checkpoints={
        "mini": Checkpoint(
            shape=Shape(layers=4, hidden=256, intermediate=384, heads=4, vocabulary=24000, gated=True),
            directory=Path(__file__).parent,
        )
    },
    recipe={"learning_rate": 5e-4, "epochs": 3, "warmup": 0.1},
    licence="CC-BY-SA-4.0",
    notes="Masked LM, translation LM and translation contrast on permissive text in 28 languages and the microworld's.",
)
