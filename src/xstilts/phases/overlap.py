"""What a training text shares with the test sets of a run: found once, and kept in the store.

Not a node of the graph: whoever needs one derives it, so it changes neither what a run trains nor its keys. All test
sets that are not known yet are looked for in one pass through the training text.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xstilts.data.overlap.lengths import VERSION as LENGTHS
from xstilts.data.overlap.verdicts import Found, Item, Verdicts, verdicts
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import file_of, located_examples
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer
from xstilts.reading.examples import texts
from xstilts.reading.streamed import stream_lines

KIND, VERSION = "overlap", 1
"""Of its entries; the version is raised when the code changes what is found."""
RESULT = "overlap.json"
Place = tuple[str, str]
"""Key of the entry, and language."""


@dataclass(frozen=True, kw_only=True)
class TrainingText:
    """All that one training read of one set: its rows, or files of plain text.

    Attributes:
        dataset: None: it is plain text.
        languages: role → language, of plain text.
        data: role → fingerprint.
        paths: role → file.
        parents: role → the node that chooses among the rows.
    """

    dataset: Dataset | None = None
    languages: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, Node] = field(default_factory=dict)

    def params(self) -> dict[str, Any]:
        """For the parameters of an entry."""
        return {"dataset": self.dataset.params()} if self.dataset else {"text": dict(sorted(self.languages.items()))}

    @cached_property
    def key(self) -> str:
        """Equal texts have equal ones."""
        return self._node().key

    def read(self, store: Store) -> Iterator[str]:
        """Its texts, one after the other."""
        node = self._node()
        if self.dataset:
            for one in located_examples(self.dataset, node, store):
                yield from texts(one.example)
            return
        for role in sorted(self.languages):
            yield from stream_lines(file_of(node, role))

    def _node(self) -> Node:
        return Node(kind=KIND, params=self.params(), data=self.data, paths=self.paths, parents=self.parents)


@dataclass(frozen=True, kw_only=True)
class TestSet:
    """The test rows of a target, each language or pool of languages a dataset of its own.

    Attributes:
        data: role → fingerprint.
        paths: role → file.
    """

    __test__ = False
    datasets: tuple[Dataset, ...]
    data: Mapping[str, str]
    paths: Mapping[str, str]
    _read: dict[str, list[Item]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def read(self, store: Store) -> Mapping[str, list[Item]]:
        """Language → examples; read once, for all texts that are compared with them."""
        if not self._read:
            node = Node(kind=KIND, data=self.data, paths=self.paths)
            found: dict[str, list[Item]] = {}
            for dataset in self.datasets:
                for one in located_examples(dataset, node, store):
                    found.setdefault(one.language, []).append(Item.of(one.example))
            self._read.update(found)
        return self._read


def entry_of(training: TrainingText, test: TestSet) -> Node:
    """The entry of a training text and a test set."""
    own = training.dataset.versions if training.dataset else {}
    versions = {name: version for one in test.datasets for name, version in one.versions.items()}
    return Node(
        kind=KIND,
        params={"training": training.params(), "tests": [one.params() for one in test.datasets]},
        versions={f"phases.{KIND}": VERSION, "data.overlap.lengths": LENGTHS, **own, **versions},
        data={**training.data, **test.data},
        paths={**training.paths, **test.paths},
        parents=training.parents,
        label="overlap of a training text and a test set",
    )


def derive(training: TrainingText, tests: Sequence[TestSet], store: Store) -> list[str]:
    """Keys of the entries of a training text with each test set; what is missing is found in one pass.

    Raises:
        DataError: a file is not what it was when the run was planned, or cannot be read.
    """
    nodes = [entry_of(training, test) for test in tests]
    of_keys = {node.key: test for node, test in zip(nodes, tests, strict=True)}
    missing = {key: test for key, test in of_keys.items() if not store.has(key)}
    found: dict[str, dict[str, Verdicts]] = {}

    def build(key: str) -> Callable[[Writer], None]:
        def write(writer: Writer) -> None:
            started = time.monotonic()
            if key not in found:  # a damaged entry is found out about only now
                found.update(_searched(training, missing if key in missing else {key: of_keys[key]}, store))
            _write(found[key], writer, seconds=time.monotonic() - started)

        return write

    for node in nodes:
        store.derive(node, build(node.key))
    return [node.key for node in nodes]


def read(key: str, store: Store) -> dict[str, Verdicts]:
    """What an entry holds, by language."""
    said = json.loads(store.read(key, RESULT))
    return {
        language: Verdicts(
            **{name: one[name] for name in ("examples", "characters", "shared", "too_short")},
            found=tuple(Found(name, share, tuple(fields), whole) for name, share, fields, whole in one["found"]),
        )
        for language, one in said.items()
    }


def _searched(training: TrainingText, tests: Mapping[str, TestSet], store: Store) -> dict[str, dict[str, Verdicts]]:
    items: dict[Place, list[Item]] = {
        (key, language): some for key, test in tests.items() for language, some in test.read(store).items()
    }
    judged, _ = verdicts(items, lambda: training.read(store))
    found: dict[str, dict[str, Verdicts]] = {}
    for (key, language), one in judged.items():
        found.setdefault(key, {})[language] = one
    return found


def _write(found: Mapping[str, Verdicts], writer: Writer, *, seconds: float) -> None:
    said = {
        language: {
            "examples": one.examples,
            "characters": one.characters,
            "shared": one.shared,
            "too_short": one.too_short,
            "found": [[f.example_id, round(f.share, 4), list(f.fields), f.whole] for f in one.found],
        }
        for language, one in found.items()
    }
    writer.path(RESULT).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    writer.facts["seconds"] = round(seconds, 3)
