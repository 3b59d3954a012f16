"""The rows of a node: how its parameters describe them, and how they are turned into examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.data import discovery, open_labels, pool, splits
from xstilts.data.sources import Part, Source
from xstilts.data.user_tasks import user_task
from xstilts.errors import DataError, XstiltsError
from xstilts.models.architecture import architecture_named
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.reading.examples import Example
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task
from xstilts.training.checkpoint import TaskHead


@dataclass(frozen=True, kw_only=True)
class LanguageFiles:
    """The files of a dataset in one language, as roles of the node's data."""

    language: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset as it is written in a node's parameters.

    Attributes:
        task: registered name, or ``user``.
        limit: a fixed sample of at most so many examples; None: all.
        spec: describes a task of the user's.
        hold_out: ``train`` or ``dev``: the part of the rows that stays, where the set has no dev rows of its own.
    """

    task: str
    kind: str
    labels: tuple[str, ...]
    metric: str
    split: str
    limit: int | None
    parts: tuple[LanguageFiles, ...]
    spec: Mapping[str, Any] | None = None
    hold_out: str | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what is not there is left out, so that it is not part of the key."""
        found: dict[str, Any] = {
            "task": self.task,
            "kind": self.kind,
            "labels": list(self.labels),
            "metric": self.metric,
            "split": self.split,
            "limit": self.limit,
            "parts": [{"language": part.language, "files": list(part.roles)} for part in self.parts],
        }
        if self.spec is not None:
            found["spec"] = dict(self.spec)
        if self.hold_out:
            found["hold_out"] = self.hold_out
        return found

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Dataset:
        """What `params` wrote."""
        parts = tuple(LanguageFiles(language=one["language"], roles=tuple(one["files"])) for one in params["parts"])
        return cls(**{**params, "labels": tuple(params["labels"]), "parts": parts})

    @property
    def roles(self) -> list[str]:
        """The roles of all files that it reads."""
        return [role for part in self.parts for role in part.roles]

    @property
    def version(self) -> int:
        """Of its task."""
        return int(self.spec.get("version", 1)) if self.spec else int(registry.find("tasks", self.task).version)

    def head(self, architecture: str) -> TaskHead:
        """The head that it trains or is evaluated with on models of an architecture."""
        worded = architecture_named(architecture).writes and not self.spec
        return TaskHead(
            task=self.task,
            kind=self.kind,
            labels=self.labels,
            architecture=architecture,
            wording=registry.find("tasks", self.task).wording if worded else None,
        )


@dataclass(frozen=True, kw_only=True)
class PlannedDataset:
    """A dataset with its files, which the node that reads it takes over.

    Attributes:
        data: role → fingerprint.
        paths: role → where the file lies now.
    """

    dataset: Dataset
    data: Mapping[str, str]
    paths: Mapping[str, str]


def planned(
    source: Source, split: str, parts: Sequence[Part], *, limit: int | None, prefix: str, hold_out: str | None = None
) -> PlannedDataset:
    """A dataset of a source's files; ``prefix`` begins the roles of its files."""
    described: list[LanguageFiles] = []
    data: dict[str, str] = {}
    paths: dict[str, str] = {}
    for part in parts:
        roles = tuple(f"{prefix}/{part.language}/{index}" for index in range(len(part.fingerprints)))
        data.update(zip(roles, part.fingerprints, strict=True))
        paths.update({role: str(file) for role, file in zip(roles, part.files, strict=False)})
        described.append(LanguageFiles(language=part.language, roles=roles))
    dataset = Dataset(
        task=source.name,
        kind=source.task.kind,
        labels=tuple(source.task.labels),
        metric=source.task.metric,
        split=split,
        limit=limit,
        parts=tuple(described),
        spec=source.spec,
        hold_out=hold_out,
    )
    return PlannedDataset(dataset=dataset, data=data, paths=paths)


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


def examples_of(dataset: Dataset, node: Node) -> list[Example]:
    """All examples of a dataset: read, held out, and cut to its limit.

    Raises:
        DataError: a file is not what it was when the run was planned, or cannot be read.
    """
    found: list[Example] = []
    pooled, turned = False, kind_of(dataset.kind).turned
    for part in dataset.parts:
        files = [file_of(node, role) for role in part.roles]
        task = task_of(dataset, files)
        pooled = task.pooled
        examples = discovery.read(task, files, part.language)
        examples = turned(examples, part.language) if turned else examples
        found += open_labels.closed(examples, dataset.labels) if task.labels_at_least else examples
    if pooled:
        found = pool.once(found)
    if dataset.hold_out:
        train, dev = splits.hold_out(found)
        found = train if dataset.hold_out == "train" else dev
    if dataset.limit is not None and dataset.limit < len(found):
        found = [found[i] for i in splits.sample(found, dataset.limit)]
    if not found:
        raise XstiltsError(f"{dataset.task} has no rows in its {dataset.split} split")
    return found
