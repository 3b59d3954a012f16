"""What a node starts from: how its parameters say it, and the files that this means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.phases.examples import file_of
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """The model of a node that no other node has trained: one of the three.

    Attributes:
        scratch: a new model of this shape; its tokenizer is a parent.
        directory: the files of the role ``model``.
        cased: whether the tokenizer in the directory keeps capitals though no file of it says so.
        hub: a repository, at a revision.
    """

    scratch: str | None = None
    directory: bool = False
    hub: str | None = None
    revision: str | None = None
    cased: bool = False

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        if self.scratch:
            return {"model": {"scratch": self.scratch}}
        if self.directory:
            return {"model": {"directory": True, **({"cased": True} if self.cased else {})}}
        return {"model": {"hub": self.hub, "revision": self.revision}}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> ModelSource:
        """What `params` wrote."""
        return cls(**params["model"])


def start_of(node: Node, store: Store) -> Start:
    """What ``node`` starts from: a parent's checkpoint, a directory, a hub repository, or nothing.

    Raises:
        DataError: a file of the directory is not what it was when the run was planned.
    """
    if "model" in node.parents:
        return Start(directory=store.open(node.parents["model"].key).directory)
    source = ModelSource.read(node.params)
    if source.scratch:
        return Start(directory=store.open(node.parents["tokenizer"].key).directory, scratch=source.scratch)
    return source_of(source, node)


def source_of(source: ModelSource, node: Node, *, role: str = "model") -> Start:
    """A model that ``node`` names under a role: a directory, or a hub repository.

    Raises:
        DataError: a file of the directory is not what it was when the run was planned.
    """
    if source.hub and source.revision:
        from xstilts.models.hub import fetch

        return Start(directory=fetch(source.hub, source.revision))
    for name in node.paths:
        if name.startswith(f"{role}/"):
            file_of(node, name)
    return Start(directory=Path(node.paths[role]))
