"""The versions of the rooms that every node uses which puts rows through a model."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts import engine, evaluation, training

ROOMS: Mapping[str, int] = {
    "engine": engine.VERSION,
    "evaluation": evaluation.VERSION,
    "training": training.VERSION,
}
"""By the name of the room, as they stand in a node's versions."""
