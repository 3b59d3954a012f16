"""Rows of a dataset as token ids: made once per tokenizer, memory-mapped by every node that reads them.

Not a node of the graph: whoever needs one derives it, so a new language adds its evaluation and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.errors import XstiltsError
from xstilts.heads import rows as row_files
from xstilts.heads.collector import paused_collector
from xstilts.heads.rows import Rows
from xstilts.models.preflight import casing
from xstilts.models.preflight.tokenizer import keeps_capitals
from xstilts.phases import unknown_tokens
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import composition, located_examples
from xstilts.phases.taken_over import taken_over
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer
from xstilts.reading.examples import Example
from xstilts.tasks.task import Wording
from xstilts.training.checkpoint import Start, TaskHead

KIND, VERSION = "token_cache", 1
"""Of its nodes; the version is raised when the code changes what is kept."""


@dataclass(frozen=True, kw_only=True)
class CacheParams:
    """What the parameters of a token cache say.

    Attributes:
        training: whether the rows are those for training, which are kept without their examples.
        wording: how a text-to-text model reads and writes the task.
    """

    dataset: Dataset
    max_length: int
    training: bool
    wording: Wording | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found = {"dataset": self.dataset.params(), "max_length": self.max_length, "training": self.training}
        return {**found, "wording": asdict(self.wording)} if self.wording else found

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> CacheParams:
        """What `params` wrote."""
        wording = params.get("wording")
        return cls(
            dataset=Dataset.read(params["dataset"]),
            max_length=int(params["max_length"]),
            training=bool(params["training"]),
            wording=Wording(**{**wording, "labels": tuple(wording["labels"])}) if wording else None,
        )


@dataclass(frozen=True, kw_only=True)
class Tokenised:
    """A dataset's rows, and the examples that they were made of.

    Attributes:
        key: of the entry that holds them.
        examples_file: where the examples are kept, for decoding; training reads none and keeps none.
        remarks: what people should know of the tokens.
        augmented: what an augmentation of the rows counted.
        drawn: of rows that are joined, how many are from which source and in which language.
    """

    key: str
    head: TaskHead
    rows: Rows
    examples_file: Path | None
    remarks: tuple[str, ...] = ()
    augmented: Mapping[str, int] = field(default_factory=dict)
    drawn: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def examples(self) -> list[Example]:
        """The examples, read when they are first asked for: a million of them take seconds, their rows none."""
        if self.examples_file is None:
            raise XstiltsError("rows for training are kept without their examples")
        return list(row_files.examples_from_json(self.examples_file))


def tokenised(
    dataset: Dataset, node: Node, store: Store, start: Start, *, max_length: int, training: bool
) -> Tokenised:
    """The dataset of ``node`` under the tokenizer of ``start``; built on first use."""
    cache = _node(dataset, node, start, max_length=max_length, training=training)
    entry = store.derive(cache, lambda writer: _build(writer, cache, start, store))
    return Tokenised(
        key=cache.key,
        head=dataset.head(start.architecture),
        rows=row_files.read(entry.path("rows.arrow")),
        examples_file=None if training else entry.path("examples.jsonl"),
        remarks=tuple(str(remark) for remark in entry.manifest["facts"].get("remarks", ())),
        augmented=entry.manifest["facts"].get("augmented", {}),
        drawn=tuple(entry.manifest["facts"].get("drawn", ())),
    )


def _node(dataset: Dataset, node: Node, start: Start, *, max_length: int, training: bool) -> Node:
    tokenizer = {f"tokenizer/{name}": file for name, file in start.tokenizer_files().items()}
    head = dataset.head(start.architecture)
    taken = taken_over(dataset, node)
    params = CacheParams(dataset=taken.dataset, max_length=max_length, training=training, wording=head.wording)
    return Node(
        kind=KIND,
        params=params.params(),
        versions={
            f"phases.{KIND}": VERSION,
            f"heads.{head.architecture}.{head.kind}": head.head.version,
            **dataset.versions,
            # What reads the same files in another way than they were once read.
            **({"models.preflight.casing": casing.VERSION} if keeps_capitals(start.directory) else {}),
        },
        data={**taken.data, **{role: fingerprint(file) for role, file in tokenizer.items()}},
        paths=taken.paths,
        parents=taken.parents,
        label=f"tokens of {dataset.task} {dataset.split}",
    )


def _build(writer: Writer, node: Node, start: Start, store: Store) -> None:
    started, said = time.monotonic(), CacheParams.read(node.params)
    head = said.dataset.head(start.architecture)
    counts: dict[str, int] = {}
    with paused_collector():
        located = located_examples(said.dataset, node, store, counts=counts)
    examples, tokenizer = [one.example for one in located], start.tokenizer()
    encoded = head.head.encode(
        examples,
        tokenizer=tokenizer,
        labels=head.labels,
        max_length=said.max_length,
        training=said.training,
    )
    count = row_files.write(encoded, writer.path("rows.arrow"), columns=head.head.columns)
    if not said.training:
        row_files.examples_to_json(examples, writer.path("examples.jsonl"))
    remarks = unknown_tokens.in_rows(row_files.read(writer.path("rows.arrow")), located, said.dataset, tokenizer)
    writer.facts.update(rows=count, examples=len(examples), seconds=round(time.monotonic() - started, 3))
    if counts:
        writer.facts["augmented"] = counts
    if said.dataset.joined:
        writer.facts["drawn"] = composition(located)
    if remarks:
        writer.facts["remarks"] = list(remarks)
