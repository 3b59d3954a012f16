"""The rows of a node: how its parameters describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from xstilts import registry
from xstilts.data import mixed_pairs
from xstilts.data.sources import Part, Source
from xstilts.models.architecture import architecture_named
from xstilts.pipeline.node import Node
from xstilts.tasks import kind as kinds
from xstilts.training.checkpoint import TaskHead


@dataclass(frozen=True, kw_only=True)
class LanguageFiles:
    """The files of a dataset in one language, as roles of the node's data."""

    language: str
    roles: tuple[str, ...]

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        return {"language": self.language, "files": list(self.roles)}

    def renamed(self, roles: Mapping[str, str]) -> LanguageFiles:
        """The same under other roles, old → new."""
        return LanguageFiles(language=self.language, roles=tuple(roles[role] for role in self.roles))

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> LanguageFiles:
        """What `params` wrote."""
        return cls(language=params["language"], roles=tuple(params["files"]))


@dataclass(frozen=True, kw_only=True)
class ChosenTransform:
    """A registered transform with its options.

    Attributes:
        reads: option → the role of a file or a parent of the node, which the option is then the path of.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    reads: Mapping[str, str] = field(default_factory=dict)

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what it does not read is not part of the key."""
        found = {**asdict(self), "options": dict(self.options)}
        return found if self.reads else {name: found[name] for name in ("name", "options", "seed")}

    @property
    def versions(self) -> dict[str, int]:
        """For the key of a node that reads what comes out of it."""
        return {f"data.transforms.{self.name}": registry.find("data.transforms", self.name).version}


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset as it is written in a node's parameters.

    Its rows are read, held out, chosen by the subset, cut to the limit and transformed, in this order.

    Attributes:
        task: registered name, or ``user``.
        limit: a fixed sample of at most so many examples; None: all.
        spec: describes a task of the user's.
        hold_out: ``train`` or ``dev``: the part of the rows that stays, where the set has no dev rows of its own.
        subset: role of the node's parent whose result says which rows stay (`phases.subsets`).
        transform: what changes the rows that stay.
        second: files whose rows give the second sentence of every pair, in another language.
        relabel: label of its rows → what it is called where they are joined with others.
        joined: datasets whose rows together are its own, instead of any files: each is read, held out, chosen and cut
            by itself, then the whole is chosen from, cut and transformed.
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
    subset: str | None = None
    transform: ChosenTransform | None = None
    second: LanguageFiles | None = None
    relabel: Mapping[str, str] | None = None
    joined: tuple[Dataset, ...] = ()

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what is not there is left out, so that it is not part of the key."""
        found: dict[str, Any] = {
            "task": self.task,
            "kind": self.kind,
            "labels": list(self.labels),
            "metric": self.metric,
            "split": self.split,
            "limit": self.limit,
            "parts": [part.params() for part in self.parts],
        }
        if self.spec is not None:
            found["spec"] = dict(self.spec)
        if self.hold_out:
            found["hold_out"] = self.hold_out
        if self.subset:
            found["subset"] = self.subset
        if self.transform:
            found["transform"] = self.transform.params()
        if self.second:
            found["second"] = self.second.params()
        if self.relabel:
            found["relabel"] = dict(self.relabel)
        if self.joined:
            found["joined"] = [one.params() for one in self.joined]
        return found

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Dataset:
        """What `params` wrote."""
        parts = tuple(map(LanguageFiles.read, params["parts"]))
        second = LanguageFiles.read(params["second"]) if params.get("second") else None
        transform = ChosenTransform(**params["transform"]) if params.get("transform") else None
        joined = tuple(map(Dataset.read, params.get("joined", ())))
        given = {**params, "labels": tuple(params["labels"]), "parts": parts, "joined": joined}
        return cls(**{**given, "transform": transform, "second": second})

    @property
    def roles(self) -> list[str]:
        """The roles of all files that it reads."""
        own = [role for part in (*self.parts, *filter(None, [self.second])) for role in part.roles]
        return own + [role for one in self.joined for role in one.roles]

    @property
    def subsets(self) -> list[str]:
        """The roles of all nodes that choose among its rows, or those of a part."""
        return [*filter(None, [self.subset]), *(role for one in self.joined for role in one.subsets)]

    @property
    def names(self) -> tuple[str, ...]:
        """What the ids of its parts begin with, in their order: the task, and a number where two share a language."""
        found: list[str] = []
        known: set[tuple[str, str]] = set()
        for place, one in enumerate(self.joined):
            spoken = {(one.task, part.language) for part in one.parts}
            found.append(one.task if known.isdisjoint(spoken) else f"{one.task}.{place}")
            known |= spoken
        return tuple(found)

    def renamed(self, files: Mapping[str, str], subsets: Mapping[str, str]) -> Dataset:
        """The same under other roles, old → new."""
        second = self.second.renamed(files) if self.second else None
        return replace(
            self,
            parts=tuple(part.renamed(files) for part in self.parts),
            subset=subsets[self.subset] if self.subset else None,
            second=second,
            joined=tuple(one.renamed(files, subsets) for one in self.joined),
        )

    def held_out(self, limit: int | None) -> Dataset:
        """The rows that are held out of it to select: of a joined set, those of its parts."""
        parts = tuple(one.held_out(None) for one in self.joined if one.hold_out)
        own = None if self.joined else "dev"
        return replace(self, hold_out=own, limit=limit, subset=None, transform=None, joined=parts)

    @property
    def versions(self) -> dict[str, int]:
        """Of its task, of its kind, and of what changes its rows or mixes their languages."""
        of_task = self.spec.get("version", 1) if self.spec else registry.find("tasks", self.task).version
        own = {f"tasks.{self.task}": int(of_task), **kinds.versions_of(self.kind)}
        if self.second:
            own["data.mixed_pairs"] = mixed_pairs.VERSION
        for one in self.joined:
            own |= one.versions
        return {**own, **self.transform.versions} if self.transform else own

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
        parents: role → the node that chooses its subset.
    """

    dataset: Dataset
    data: Mapping[str, str]
    paths: Mapping[str, str]
    parents: Mapping[str, Node] = field(default_factory=dict)


def planned(
    source: Source,
    split: str,
    parts: Sequence[Part],
    *,
    limit: int | None,
    prefix: str,
    hold_out: str | None = None,
    transform: ChosenTransform | None = None,
    second: Part | None = None,
) -> PlannedDataset:
    """A dataset of a source's files; ``prefix`` begins the roles of its files."""
    described: list[LanguageFiles] = []
    data: dict[str, str] = {}
    paths: dict[str, str] = {}
    for part in [*parts, second] if second else parts:
        begin = f"{prefix}/second" if part is second else prefix
        roles = tuple(f"{begin}/{part.language}/{index}" for index in range(len(part.fingerprints)))
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
        parts=tuple(described[: len(parts)]),
        spec=source.spec,
        hold_out=hold_out,
        transform=transform,
        second=described[-1] if second else None,
    )
    return PlannedDataset(dataset=dataset, data=data, paths=paths)
