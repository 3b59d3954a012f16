"""Trains the tokenizer of a model that starts from nothing: Unigram, on a capped sample of every language."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from xstilts.phases.dispatch import facts
from xstilts.phases.phase import Phase
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts
from xstilts.reading.text import read_lines

LONGEST = 1000
"""Characters of one training sentence; sentencepiece drops what is longer than its limit in bytes."""


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
        sentences: list[str] = []
        for lines in _texts(node):
            sentences += sample(lines, characters=int(node.params["characters"]), seed=1)
        progress.update("tokenizer", 0, 1, message=f"{len(sentences)} sentences")
        with store.writer(node) as writer:
            unigram.train(sentences, vocabulary=int(node.params["vocabulary"]), directory=writer.directory)
            writer.facts.update(facts(started, tokens=0, threads=1))
        progress.update("tokenizer", 1, 1)


def _texts(node: Node) -> Iterator[list[str]]:
    """The lines of every text file, then the text fields of every training set."""
    from xstilts.phases.datasets import examples_of, file_of

    for role in sorted(role for role in node.data if role.startswith("text/")):
        yield read_lines(file_of(node, role))
    rows: dict[str, Any] = dict(node.params.get("rows", {}))
    for name in sorted(rows):
        yield [text for example in examples_of(rows[name], node) for text in texts(example)]


PHASE = Phase(
    title="Unigram tokenizer trained on a capped sample of every language",
    run=_run,
    paper="https://arxiv.org/abs/1804.10959",
)
