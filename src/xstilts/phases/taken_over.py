"""A dataset of one node as another node reads it, which needs neither the roles nor the model of the first."""

from __future__ import annotations

from dataclasses import replace

from xstilts.phases.datasets import Dataset, PlannedDataset
from xstilts.pipeline.node import Node


def taken_over(dataset: Dataset, node: Node, *, files: str = "file", subset: str = "subset") -> PlannedDataset:
    """A dataset of a node for another node to read.

    Roles are renamed by position: the same files under other names are the same rows.

    Args:
        dataset: in the parameters of ``node``.
        node: has its files and the parents that choose among its rows.
        files: begins the new roles of its files.
        subset: the new role of the parent that chooses among its rows; those of a part have a number behind it.
    """
    named = {role: f"{files}{i}" for i, role in enumerate(dataset.roles)}
    subsets = {role: subset if role == dataset.subset else f"{subset}{i}" for i, role in enumerate(dataset.subsets)}
    reads = dataset.transform.reads if dataset.transform else {}
    others = {name: role for name, role in reads.items() if role in node.data}
    transform = replace(dataset.transform, reads={name: name for name in reads}) if dataset.transform else None
    return PlannedDataset(
        dataset=replace(dataset.renamed(named, subsets), transform=transform),
        data={name: node.data[role] for name, role in (*((n, r) for r, n in named.items()), *others.items())},
        paths={name: node.paths[role] for name, role in (*((n, r) for r, n in named.items()), *others.items())},
        parents={
            **{name: node.parents[role] for role, name in subsets.items()},
            **{name: node.parents[role] for name, role in reads.items() if role in node.parents},
        },
    )
