"""Multilingual E5 (Wang et al. 2024): small encoders tuned so that the mean of their last layer is a sentence's vector.

They were tuned with labelled pairs, NLI and question answering among them: what intermediate training adds comes on top
of that.
"""

from __future__ import annotations

from xstilts.models.family import Checkpoint, Family, Shape

FAMILY = Family(
    title="multilingual E5",
    architecture="encoder",
    checkpoints={
        "small": Checkpoint(
            repository="intfloat/multilingual-e5-small",
            shape=Shape(layers=12, hidden=384, intermediate=1536, heads=12, vocabulary=250037),
            licence="MIT",
        ),
    },
    recipe={"learning_rate": 1e-4},
    paper="https://arxiv.org/abs/2402.05672",
    sources={
        "shapes": "config.json of intfloat/multilingual-e5-small",
        "licence": "card of intfloat/multilingual-e5-small",
    },
)
