"""What a node's parameters say of its rows, turned into examples.

A dataset in a node's parameters is ``{"task", "spec", "kind", "labels", "metric", "split", "limit", "hold_out",
"parts": [{"language", "files"}]}``: ``files`` are roles of the node's data, ``spec`` describes a task of the user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.data import discovery, open_labels, pool, splits
from xstilts.data.user_tasks import user_task
from xstilts.errors import DataError, XstiltsError
from xstilts.models.architecture import TEXT_TO_TEXT
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.reading import sentences
from xstilts.reading.examples import Example
from xstilts.tasks.task import Task
from xstilts.training.checkpoint import TaskHead

Dataset = Mapping[str, Any]


def task_of(dataset: Dataset, files: Sequence[Path] = ()) -> Task:
    """The task that a dataset is of: registered, or the user's own."""
    if dataset.get("spec"):
        spec = {key: value for key, value in dataset["spec"].items() if key != "version"}
        return user_task(dataset["task"], spec, list(files))
    registered: Task = registry.find("tasks", dataset["task"])
    return registered


def version_of(dataset: Dataset) -> int:
    """The version of a dataset's task."""
    spec = dataset.get("spec")
    return int(spec.get("version", 1)) if spec else int(registry.find("tasks", dataset["task"]).version)


def task_head(dataset: Dataset, architecture: str) -> TaskHead:
    """The head that a dataset trains or is evaluated with on models of an architecture."""
    worded = architecture == TEXT_TO_TEXT and not dataset.get("spec")
    return TaskHead(
        task=dataset["task"],
        kind=dataset["kind"],
        labels=tuple(dataset["labels"]),
        architecture=architecture,
        wording=registry.find("tasks", dataset["task"]).wording if worded else None,
    )


def roles(dataset: Dataset) -> list[str]:
    """The roles of all files that a dataset reads."""
    return [role for part in dataset["parts"] for role in part["files"]]


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


def examples_of(dataset: Dataset, node: Node) -> list[Example]:
    """All examples of a dataset: read, held out, and cut to its limit.

    Raises:
        DataError: a file is not what it was when the run was planned, or cannot be read.
    """
    found: list[Example] = []
    pooled = False
    for part in dataset["parts"]:
        files = [file_of(node, role) for role in part["files"]]
        task = task_of(dataset, files)
        pooled = task.pooled
        examples = discovery.read(task, files, part["language"])
        examples = sentences.answered(examples, part["language"]) if dataset["kind"] == "dual_encoder" else examples
        found += open_labels.closed(examples, dataset["labels"]) if task.labels_at_least else examples
    if pooled:
        found = pool.once(found)
    if dataset.get("hold_out"):
        train, dev = splits.hold_out(found)
        found = train if dataset["hold_out"] == "train" else dev
    limit = dataset.get("limit")
    if limit is not None and limit < len(found):
        found = [found[i] for i in splits.sample(found, limit)]
    if not found:
        raise XstiltsError(f"{dataset['task']} has no rows in its {dataset['split']} split")
    return found
