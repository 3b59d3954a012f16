"""Trains the tokenizer of a model that starts from scratch: Unigram, on a capped sample of every language."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xstilts.errors import ConfigError
from xstilts.models.reference import ModelReference, scratch_shape
from xstilts.phases.datasets import Dataset, planned
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import examples_of, file_of
from xstilts.phases.phase import Phase
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts
from xstilts.reading.text import read_lines

LONGEST = 1000
"""Characters of one training sentence; sentencepiece drops what is longer than its limit in bytes."""
CHARACTERS = 100_000
"""Of each language, in the sample that a tokenizer is trained on."""


@dataclass(frozen=True, kw_only=True)
class TokenizerParams:
    """What the parameters of the node say.

    Attributes:
        vocabulary: pieces.
        characters: of each text at most.
        rows: training sets whose texts it learns from, beside the files of plain text.
    """

    vocabulary: int
    characters: int = CHARACTERS
    rows: Mapping[str, Dataset] = field(default_factory=dict)

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found: dict[str, Any] = {"vocabulary": self.vocabulary, "characters": self.characters}
        return {**found, "rows": {name: rows.params() for name, rows in self.rows.items()}} if self.rows else found

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> TokenizerParams:
        """What `params` wrote."""
        rows = {name: Dataset.read(one) for name, one in params.get("rows", {}).items()}
        return cls(vocabulary=int(params["vocabulary"]), characters=int(params["characters"]), rows=rows)


def node(
    reference: ModelReference,
    *,
    data: Mapping[str, str],
    paths: Mapping[str, str],
    rows: Mapping[str, Dataset] | None = None,
    versions: Mapping[str, int] | None = None,
) -> Node:
    """The node that learns the pieces of a new model.

    Raises:
        ConfigError: there is nothing to learn them from.
    """
    if not data:
        raise ConfigError("a model from scratch needs text to train its tokenizer on")
    assert reference.scratch
    return Node(
        kind="tokenizer",
        label="tokenizer",
        params=TokenizerParams(vocabulary=scratch_shape(reference.scratch).vocabulary, rows=rows or {}).params(),
        versions={"phases.tokenizer": PHASE.version, **(versions or {})},
        data=data,
        paths=paths,
    )


def node_over_rows(reference: ModelReference, sets: Sequence[TrainingSet]) -> Node:
    """The same where there is no text: it learns from the training rows."""
    rows: dict[str, Dataset] = {}
    data: dict[str, str] = {}
    paths: dict[str, str] = {}
    versions: dict[str, int] = {}
    # Arms and targets may share a training set: it is read once.
    distinct = {
        (one.source.name, str(one.source.spec), tuple(part.fingerprints for part in one.parts), one.limit): one
        for one in sets
    }
    for index, one in enumerate(distinct.values()):
        of_set = planned(one.source, "train", one.parts, limit=one.limit, prefix=f"{index}/train")
        rows[f"{index:03d}"] = of_set.dataset
        data.update(of_set.data)
        paths.update(of_set.paths)
        versions[f"tasks.{one.source.name}"] = one.source.task.version
    return node(reference, data=data, paths=paths, rows=rows, versions=versions)


def sample(lines: Sequence[str], *, characters: int, seed: int) -> Iterator[str]:
    """Lines in a drawn order until ``characters`` are reached."""
    used = 0
    for index in np.random.default_rng([seed, len(lines)]).permutation(len(lines)):
        line = lines[int(index)][:LONGEST]
        if not line.strip():
            continue
        yield line
        used += len(line)
        if used >= characters:
            return


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    from xstilts.models import unigram

    for node in nodes:
        started = time.monotonic()
        said, sentences = TokenizerParams.read(node.params), list[str]()
        for lines in _texts(node, said, store):
            sentences += sample(lines, characters=said.characters, seed=1)
        progress.update("tokenizer", 0, 1, message=f"{len(sentences)} sentences")
        with store.writer(node) as writer:
            unigram.train(sentences, vocabulary=said.vocabulary, directory=writer.directory)
            writer.facts.update(facts(started, tokens=0, threads=1))
        progress.update("tokenizer", 1, 1)


def _texts(node: Node, said: TokenizerParams, store: Store) -> Iterator[list[str]]:
    """The lines of every text file, then the text fields of every training set."""
    for role in sorted(role for role in node.data if role.startswith("text/")):
        yield read_lines(file_of(node, role))
    for name in sorted(said.rows):
        yield [text for example in examples_of(said.rows[name], node, store) for text in texts(example)]


PHASE = Phase(
    title="Unigram tokenizer trained on a capped sample of every language",
    run=_run,
    paper="https://arxiv.org/abs/1804.10959",
)
