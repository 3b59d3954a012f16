"""Which rows train, select and are evaluated: deterministic, and the same on every machine."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence, Sized
from typing import TypeVar

from xstilts.reading.examples import Example

E = TypeVar("E", bound=Example)


def rows_held_out(rows: int, fraction: float = 0.1, at_most: int = 500) -> int:
    """How many of so many training rows dev aims at, where a set has no dev: whole clusters may make it fewer."""
    return min(at_most, max(1, round(fraction * rows)))


def hold_out(examples: Sequence[E], fraction: float = 0.1, at_most: int = 500) -> tuple[list[E], list[E]]:
    """Train and dev where a set has no dev: a fixed share of the rows, by row hash, whole clusters.

    The split depends on the rows' content alone: not on their order, their ids or the machine. Rows of equal content
    always fall on the same side. Both parts keep the order of ``examples``.

    Args:
        examples: the training rows.
        fraction: of the rows that dev aims at.
        at_most: rows of dev, whatever the fraction.

    Returns:
        train and dev; dev is empty only if all rows form one cluster.
    """
    clusters = _clusters(examples)
    wanted = rows_held_out(len(examples), fraction, at_most)
    held: set[int] = set()
    order = sorted(clusters)
    if len(order) > 1:
        for key in order:
            if len(held) + len(clusters[key]) <= wanted:
                held.update(clusters[key])
        if not held:  # every cluster is larger than the share: the smallest one, ties by hash
            held.update(clusters[min(order, key=lambda key: (len(clusters[key]), key))])
    train = [example for position, example in enumerate(examples) if position not in held]
    dev = [example for position, example in enumerate(examples) if position in held]
    return train, dev


def sample(examples: Sized | int, limit: int | None, *, seed: int = 0) -> list[int]:
    """Positions of a fixed random sample, ascending.

    Sets of equal length give equal positions, so a parallel test set is sampled alike in every language; a smaller
    limit is a subset of a larger one. In retrieval the limit is one of queries: the index keeps every candidate.

    Args:
        examples: the rows, or their number.
        limit: how many to keep; None or a limit beyond their number keeps all.
        seed: another sample.
    """
    length = examples if isinstance(examples, int) else len(examples)
    if limit is None or limit >= length:
        return list(range(length))
    order = sorted(range(length), key=lambda position: _hash(f"{seed}:{position}"))
    return sorted(order[: max(0, limit)])


def sample_of_each(languages: Sequence[str], limit: int | None) -> list[int]:
    """Positions of a fixed random sample of each language's rows, ascending.

    Args:
        languages: of the rows of a pool.
        limit: how many to keep of each language.
    """
    places: dict[str, list[int]] = {}
    for position, language in enumerate(languages):
        places.setdefault(language, []).append(position)
    return sorted(rows[place] for rows in places.values() for place in sample(rows, limit))


def _clusters(examples: Sequence[Example]) -> dict[bytes, list[int]]:
    """Hash of content → positions of the rows of a cluster; clusters that share a row's content are one."""
    rows = [_hash(repr(_content(example))) for example in examples]
    parent: dict[object, object] = {}

    def root(node: object) -> object:
        while (above := parent.get(node, node)) != node:
            parent[node] = parent.get(above, above)
            node = above
        return node

    for example, row in zip(examples, rows, strict=True):
        parent[root(example.cluster_id)] = root(row)
    members: dict[object, list[int]] = {}
    for position, example in enumerate(examples):
        members.setdefault(root(example.cluster_id), []).append(position)
    # The smallest row hash names the cluster, whatever order its rows came in.
    return {min(rows[position] for position in positions): positions for positions in members.values()}


def _content(example: Example) -> tuple[object, ...]:
    names = (field.name for field in dataclasses.fields(example))
    return tuple(getattr(example, name) for name in names if name not in ("example_id", "cluster_id"))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
