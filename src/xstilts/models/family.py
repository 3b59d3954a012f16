"""What a model family is: a table of known checkpoints with their shapes, and how they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
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
        head_size: width of an attention head; None: ``hidden / heads``.
        key_heads: heads of keys and values, where queries share them (grouped-query attention); None: ``heads``.
        decoder_layers: layers of a text-to-text model's decoder, which also attend to the encoder.
        tied: whether what writes tokens is the embedding itself; a text-to-text model may hold a second matrix.
    """

    layers: int
    hidden: int
    intermediate: int
    heads: int
    vocabulary: int
    gated: bool = False
    positions: int = 512
    head_size: int | None = None
    key_heads: int | None = None
    decoder_layers: int = 0
    tied: bool = True

    @cached_property
    def body(self) -> int:
        """Matrix parameters that a token of the input multiplies with: all layers that read the input.

        Of a text-to-text model the encoder, and in the decoder the keys and values of the input.
        """
        return self.layers * (self._attention + self._feed_forward) + self.decoder_layers * self._keys_and_values

    @cached_property
    def decoder(self) -> int:
        """Matrix parameters of a text-to-text model that only what it writes multiplies with."""
        return self.decoder_layers * (2 * self._attention + self._feed_forward - self._keys_and_values)

    @cached_property
    def embedding(self) -> int:
        """Parameters of the token embedding, and of a second matrix that writes tokens."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @cached_property
    def parameters(self) -> int:
        """All matrices; norms, biases and position tables, far below a hundredth of them, are left out."""
        return self.body + self.decoder + self.embedding

    @property
    def _attention(self) -> int:
        queries = self.hidden * self.heads * (self.head_size or self.hidden // self.heads)
        return 2 * queries + self._keys_and_values

    @property
    def _keys_and_values(self) -> int:
        return 2 * self.hidden * (self.key_heads or self.heads) * (self.head_size or self.hidden // self.heads)

    @property
    def _feed_forward(self) -> int:
        return (3 if self.gated else 2) * self.hidden * self.intermediate


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One known checkpoint; ``repository`` is its hub id, ``directory`` a folder of the package that holds it.

    ``shape``: None where its configuration was not read. ``languages``: of how many its pretraining text was, as its
    authors say; None where that was not read.
    """

    shape: Shape | None = None
    repository: str | None = None
    directory: Path | None = None
    revision: str | None = None
    licence: str | None = None
    languages: int | None = None


@dataclass(frozen=True, kw_only=True)
class Family:
    """Models of one architecture.

    Attributes:
        architecture: the name of its architecture (``models/architectures/``), whose heads fit.
        checkpoints: the part after the colon in ``family:checkpoint``.
        recipe: the family's defaults, below the task's and the experiment's.
        model_types: ``model_type`` in config.json of the directories that are of this family.
        sources: what of the table was read → where.
        in_bytes: whether its tokenizer reads bytes and has no file of its own.
        pretraining: the corpus of its pretraining text, where the table of languages has its sizes (``CORPORA``).
        length: tokens that stand for one of a subword model: by it the tasks' ``max_length`` is multiplied.
        version: raised when the code changes results.
    """

    title: str
    architecture: str
    checkpoints: Mapping[str, Checkpoint]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    model_types: tuple[str, ...] = ()
    in_bytes: bool = False
    pretraining: str | None = None
    length: float = 1.0
    paper: str | None = None
    licence: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    version: int = 1
