"""What every training of a run starts from: a checkpoint of the user's, a hub repository, or a new model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xstilts import registry
from xstilts.data.inventory import Inventory
from xstilts.models.reference import ModelReference, family_of, shape_of
from xstilts.phases.start import ModelSource
from xstilts.pipeline.node import Node

UNRESOLVED = "not resolved yet"
"""The revision of a repository of which a plan does not know the commit."""


@dataclass(frozen=True, kw_only=True)
class StartingPoint:
    """What a node takes over from the model that it starts from: parameters, parents, data, paths."""

    family: str
    params: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, Node] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """Which heads fit."""
        return str(registry.find("models", self.family).architecture)

    @property
    def versions(self) -> dict[str, int]:
        """Of the model's family."""
        return {f"models.{self.family}": registry.find("models", self.family).version}

    def after(self, node: Node) -> StartingPoint:
        """The checkpoint that a node leaves."""
        return StartingPoint(family=self.family, parents={"model": node})

    def with_tokenizer(self, node: Node) -> StartingPoint:
        """A new model over the pieces that a node learns."""
        return StartingPoint(family=self.family, params=self.params, parents={"tokenizer": node})


def settled(reference: ModelReference, inventory: Inventory) -> ModelReference:
    """A hub id with its family and shape, which its config.json tells; as it was where nothing may be fetched yet."""
    from xstilts.models.cached import cached_configuration

    if reference.family != "auto" or reference.repository is None:
        return reference
    revision = _revision(reference, inventory)
    config = cached_configuration(reference.repository, revision)
    if config is None and not inventory.planning:
        from xstilts.models.hub import configuration

        config = configuration(reference.repository, revision)
    return reference if config is None else replace(reference, family=family_of(config), shape=shape_of(config))


def starting_point(reference: ModelReference, inventory: Inventory) -> StartingPoint:
    """Where a model lies.

    Raises:
        CheckpointError: the hub does not say at which revision, or what its cache holds of it is no usable model.
    """
    if reference.scratch:
        return StartingPoint(params=ModelSource(scratch=reference.scratch).params(), family=reference.family)
    if reference.directory:
        files = reference.files()
        roles = {f"model/{file.name}": inventory.store.fingerprint(file) for file in files}
        return StartingPoint(
            params=ModelSource(directory=True, cased=reference.cased).params(),
            data=roles,
            paths={"model": str(reference.directory), **{f"model/{f.name}": str(f) for f in files}},
            family=reference.family,
        )
    assert reference.repository
    revision = _revision(reference, inventory)
    _check_what_is_here(reference.repository, "main" if revision == UNRESOLVED else revision)
    return StartingPoint(
        params=ModelSource(hub=reference.repository, revision=revision).params(), family=reference.family
    )


def _check_what_is_here(repository: str, revision: str) -> None:
    """Finds mistakes in what the hub's cache holds before anything is done; the rest is checked when it is fetched."""
    from xstilts.models.cached import cached_snapshot
    from xstilts.models.preflight.snapshot import check_snapshot

    folder = cached_snapshot(repository, revision)
    if folder is not None:
        check_snapshot(folder, repository, complete=False)


def _revision(reference: ModelReference, inventory: Inventory) -> str:
    from xstilts.models.hub import resolve_revision
    from xstilts.pipeline.revisions import locked

    assert reference.repository
    if inventory.planning:
        return locked(inventory.lock, "models", reference.repository) or reference.revision or UNRESOLVED
    return resolve_revision(reference.repository, lock=inventory.lock, revision=reference.revision)
