"""The mini model, shipped with the package: a small multilingual encoder, distilled by ``xstilts run pretrain-mini``.

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
            shape=Shape(layers=8, hidden=384, intermediate=1536, heads=12, vocabulary=96000),
            directory=Path(__file__).parent,
        )
    },
    recipe={"learning_rate": 2e-4, "epochs": 2, "warmup": 0.1},
    licence="CC-BY-SA-4.0",
    notes="The lower eight layers of multilingual-e5-small (MIT), distilled on permissive text in 28 languages and the "
    "microworld's. The teacher was tuned with labelled pairs, NLI and question answering among them: gains on top of "
    "it are gains on top of that.",
)
