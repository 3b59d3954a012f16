"""Rows of a dataset as token ids: made once per tokenizer, memory-mapped by every node that reads them.

Not a node of the graph: whoever needs one derives it, so a new language adds its evaluation and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.errors import XstiltsError
from xstilts.heads import rows as row_files
from xstilts.heads.collector import paused_collector
from xstilts.heads.rows import Rows
from xstilts.phases.datasets import Dataset, examples_of, roles, task_head, version_of
from xstilts.phases.phase import Phase
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer
from xstilts.reading.examples import Example
from xstilts.training.checkpoint import Start, TaskHead


@dataclass(frozen=True, kw_only=True)
class Tokenised:
    """A dataset's rows, and the examples that they were made of.

    Attributes:
        examples_file: where the examples are kept, for decoding; training reads none and keeps none.
    """

    head: TaskHead
    rows: Rows
    examples_file: Path | None

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
    entry = store.derive(cache, lambda writer: _build(writer, cache, start))
    return Tokenised(
        head=task_head(dataset, start.architecture),
        rows=row_files.read(entry.path("rows.arrow")),
        examples_file=None if training else entry.path("examples.jsonl"),
    )


def _node(dataset: Dataset, node: Node, start: Start, *, max_length: int, training: bool) -> Node:
    tokenizer = {f"tokenizer/{name}": file for name, file in start.tokenizer_files().items()}
    head = task_head(dataset, start.architecture)
    # Roles are renamed by position: the same files under other names are the same rows.
    named = {role: f"file{i}" for i, role in enumerate(roles(dataset))}
    parts = [{**part, "files": [named[role] for role in part["files"]]} for part in dataset["parts"]]
    return Node(
        kind="token_cache",
        params={"dataset": {**dataset, "parts": parts}, "max_length": max_length, "training": training}
        | ({"wording": asdict(head.wording)} if head.wording else {}),
        versions={
            "phases.token_cache": PHASE.version,
            f"heads.{head.architecture}.{head.kind}": head.head.version,
            f"tasks.{dataset['task']}": version_of(dataset),
        },
        data={
            **{name: node.data[role] for role, name in named.items()},
            **{role: fingerprint(file) for role, file in tokenizer.items()},
        },
        paths={name: node.paths[role] for role, name in named.items()},
        label=f"tokens of {dataset['task']} {dataset['split']}",
    )


def _build(writer: Writer, node: Node, start: Start) -> None:
    started = time.monotonic()
    dataset: Any = node.params["dataset"]
    head = task_head(dataset, start.architecture)
    with paused_collector():
        examples = examples_of(dataset, node)
    encoded = head.head.encode(
        examples,
        tokenizer=start.tokenizer(),
        labels=head.labels,
        max_length=int(node.params["max_length"]),
        training=bool(node.params["training"]),
    )
    count = row_files.write(encoded, writer.path("rows.arrow"))
    if not node.params["training"]:
        row_files.examples_to_json(examples, writer.path("examples.jsonl"))
    writer.facts.update(rows=count, examples=len(examples), seconds=round(time.monotonic() - started, 3))


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    raise XstiltsError("token caches are derived by the nodes that read them")


PHASE = Phase(title="Rows of a dataset as token ids, made once", run=_run)
