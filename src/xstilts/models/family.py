"""What a model family is: a table of known checkpoints with their shapes, and how they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes that decide what a checkpoint costs.

    Attributes:
        layers: transformer layers.
        hidden: width of the residual stream.
        intermediate: width of the feed-forward layer (of one branch where it is gated).
        heads: attention heads.
        vocabulary: rows of the embedding.
        gated: whether the feed-forward layer has a gate (GeGLU).
        positions: longest input in tokens.
    """

    layers: int
    hidden: int
    intermediate: int
    heads: int
    vocabulary: int
    gated: bool = False
    positions: int = 512

    @property
    def body(self) -> int:
        """Matrix parameters outside the embedding: what a token's forward pass multiplies with."""
        feed_forward = (3 if self.gated else 2) * self.hidden * self.intermediate
        return self.layers * (4 * self.hidden * self.hidden + feed_forward)

    @property
    def embedding(self) -> int:
        """Parameters of the token embedding."""
        return self.vocabulary * self.hidden


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One known checkpoint; ``repository`` is its hub id, ``directory`` a folder of the package that holds it."""

    shape: Shape
    repository: str | None = None
    directory: Path | None = None
    revision: str | None = None
    licence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Family:
    """Models of one architecture.

    Attributes:
        architecture: which heads fit: ``encoder`` (``heads/encoder/``).
        checkpoints: what stands after the colon in ``family:checkpoint``.
        recipe: the family's defaults, below the task's and the experiment's.
        version: raised when the code changes results.
    """

    title: str
    architecture: str
    checkpoints: Mapping[str, Checkpoint]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    paper: str | None = None
    licence: str | None = None
    notes: str = ""
    version: int = 1
