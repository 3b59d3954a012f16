"""The examples of a dataset: read, held out, chosen, cut to its limit, transformed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from xstilts import registry
from xstilts.data import discovery, mixed_pairs, open_labels, pool, splits
from xstilts.data.transforms.transform import Transform
from xstilts.data.user_tasks import user_task
from xstilts.errors import ConfigError, DataError, XstiltsError
from xstilts.phases import subsets
from xstilts.phases.datasets import ChosenTransform, Dataset
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Classified, Example
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task

RESULT = "result.json"
"""What a transform reads of a parent."""


class Located(NamedTuple):
    """An example and the language of the files that it was read from; ids are unique within a language.

    Where datasets are joined, ``source`` is the part's name, with which ids begin.
    """

    language: str
    example: Example
    source: str = ""


def examples_of(dataset: Dataset, node: Node, store: Store) -> list[Example]:
    """All examples of a dataset of ``node``.

    Args:
        dataset: in the node's parameters.
        node: its files and parents.
        store: holds the result of the parent that chooses a subset.

    Raises:
        DataError: a file is not what it was when the run was planned, or cannot be read.
    """
    return [one.example for one in located_examples(dataset, node, store)]


def located_examples(
    dataset: Dataset, node: Node, store: Store, *, counts: dict[str, int] | None = None
) -> list[Located]:
    """The same with their languages, as `phases.subsets` names them.

    Args:
        dataset: in the node's parameters.
        node: its files and parents.
        store: holds the results of parents.
        counts: what its transform says that it did is added here.
    """
    found = _joined(dataset, node, store) if dataset.joined else _read(dataset, node)
    rows = subsets.read(store.open(node.parents[dataset.subset].key), found) if dataset.subset else None
    if dataset.hold_out:
        train, dev = splits.hold_out([one.example for one in found])
        held = {id(example) for example in (train if dataset.hold_out == "train" else dev)}
        found = [one for one in found if id(one.example) in held]
    if rows is not None:
        found = [one for one in found if (one.language, one.example.example_id) in rows]
    if dataset.limit is not None and dataset.limit < len(found):
        found = [found[i] for i in splits.sample(found, dataset.limit)]
    if dataset.transform is not None:
        chosen = _with_files(dataset.transform, node, store)
        found = _transformed(found, chosen, dataset.kind, {} if counts is None else counts)
    if not found:
        raise XstiltsError(f"{dataset.task} has no rows in its {dataset.split} split")
    return found


def composition(rows: Sequence[Located]) -> list[dict[str, Any]]:
    """How many examples are from which source, in which language: for records."""
    counts = Counter((row.source, row.language) for row in rows)
    return [
        {"source": source, "language": language, "examples": count}
        for (source, language), count in sorted(counts.items())
    ]


def task_of(dataset: Dataset, files: Sequence[Path] = ()) -> Task:
    """The task that a dataset is of: registered, or the user's own."""
    if dataset.spec:
        spec = {key: value for key, value in dataset.spec.items() if key != "version"}
        return user_task(dataset.task, spec, list(files))
    registered: Task = registry.find("tasks", dataset.task)
    return registered


def file_of(node: Node, role: str) -> Path:
    """Where the file of a role lies.

    Raises:
        DataError: it is not what it was when the run was planned, so its result would stand under a wrong key.
    """
    file = Path(node.paths[role])
    if not file.exists():
        raise DataError("the file is gone since the run was planned", file=file)
    if fingerprint(file) != node.data[role]:
        raise DataError("the file has changed since the run was planned", file=file, hint="run again")
    return file


def _read(dataset: Dataset, node: Node) -> list[Located]:
    """All rows of its files; a pool that its languages share holds every candidate once."""
    found: list[Located] = []
    pooled, turned = False, kind_of(dataset.kind).turned
    for part in dataset.parts:
        files = [file_of(node, role) for role in part.roles]
        task = task_of(dataset, files)
        pooled = task.pooled
        examples = discovery.read(task, files, part.language)
        examples = turned(examples, part.language) if turned else examples
        examples = open_labels.closed(examples, dataset.labels) if task.labels_at_least else examples
        examples = [_relabelled(one, dataset.relabel, files[0]) for one in examples] if dataset.relabel else examples
        found += [Located(part.language, example) for example in examples]
    if dataset.second is not None:
        return _mixed(dataset, found, node)
    if not pooled:
        return found
    once = pool.once([one.example for one in found])
    return [Located(one.language, example) for one, example in zip(found, once, strict=True)]


def _joined(dataset: Dataset, node: Node, store: Store) -> list[Located]:
    """The rows of all parts, whose ids and clusters begin with the part's name."""
    found: list[Located] = []
    for name, part in zip(dataset.names, dataset.joined, strict=True):
        for language, example, _ in located_examples(part, node, store):
            ids = {key: f"{name}:{getattr(example, key)}" for key in ("example_id", "cluster_id")}
            found.append(Located(language, replace(example, **ids), name))
    return found


def _relabelled(example: Example, labels: Mapping[str, str], file: Path) -> Example:
    """The example with the label of the set that it is joined with."""
    if not isinstance(example, Classified) or example.label is None:
        return example
    if example.label not in labels:
        raise DataError(f"label {example.label!r} is not one of {', '.join(labels)}", file=file)
    return replace(example, label=labels[example.label])


def _with_files(chosen: ChosenTransform, node: Node, store: Store) -> ChosenTransform:
    """The transform with the paths of what it reads among its options."""
    paths = {
        name: store.open(node.parents[role].key).path(RESULT) if role in node.parents else file_of(node, role)
        for name, role in chosen.reads.items()
    }
    return replace(chosen, options={**chosen.options, **paths})


def _mixed(dataset: Dataset, found: list[Located], node: Node) -> list[Located]:
    """The first sentences of a part, each with the second one of the same row in another language."""
    first, second = dataset.parts[0], dataset.second
    assert second is not None
    files = [file_of(node, role) for role in second.roles]
    others = discovery.read(task_of(dataset, files), files, second.language)
    mixed = mixed_pairs.mixed([one.example for one in found], others, file=files[0])
    return [Located(first.language, example) for example in mixed]


def _transformed(found: list[Located], chosen: ChosenTransform, kind: str, counts: dict[str, int]) -> list[Located]:
    """What a transform makes of the examples of each language."""
    transform: Transform = registry.find("data.transforms", chosen.name)
    if transform.kinds and kind not in transform.kinds:
        raise ConfigError(f"the transform {chosen.name} changes {', '.join(transform.kinds)}, not {kind}")
    changed: list[Located] = []
    for (language, source), group in groupby(found, key=lambda one: (one.language, one.source)):
        before = [one.example for one in group]
        after = transform.apply(before, language, chosen.options, chosen.seed)
        for name, count in (transform.counts(before, after, chosen.options) if transform.counts else {}).items():
            counts[name] = counts.get(name, 0) + count
        changed += [Located(language, example, source) for example in after]
    return changed
