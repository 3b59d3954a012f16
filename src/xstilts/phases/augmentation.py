"""What makes more rows of a training set, as a node reads it: the transform, and where its neighbours come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xstilts.phases.datasets import ChosenTransform, PlannedDataset
from xstilts.pipeline.node import Node

NEIGHBOURS = "neighbours"
"""The option of a transform that reads some: in an experiment a file, in a node a role."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """An augmentation of a training set.

    Attributes:
        name: of the transform.
        options: in the key of the nodes that read what comes out.
        seed: of what is drawn.
        factor: how many examples come out for one that goes in.
        file: of neighbours, and its fingerprint; None where there is none.
        made: where neighbours are made of a model's embeddings: how many at most, and among which words.
        maker: the node that makes them.
    """

    name: str
    options: Mapping[str, Any]
    seed: int
    factor: int
    file: tuple[Path, str] | None = None
    made: Mapping[str, Any] | None = None
    maker: Node | None = None

    def of(self, rows: PlannedDataset, prefix: str) -> PlannedDataset:
        """The rows that come out; ``prefix`` begins the role of what is read."""
        role = f"{prefix}/{NEIGHBOURS}"
        reads = {NEIGHBOURS: role} if self.file or self.maker else {}
        chosen = ChosenTransform(name=self.name, options=self.options, seed=self.seed, reads=reads)
        found = replace(rows, dataset=replace(rows.dataset, transform=chosen))
        if self.file is not None:
            file, mark = self.file
            found = replace(found, data={**rows.data, role: mark}, paths={**rows.paths, role: str(file)})
        if self.maker is not None:
            found = replace(found, parents={**rows.parents, role: self.maker})
        return found
