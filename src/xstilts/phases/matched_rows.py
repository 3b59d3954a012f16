"""A random subset that matches another one in size, labels and languages."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from xstilts.phases import subsets
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.subset_entry import SCORES, SUMMARY, read_scores, summary
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.tasks.kind import kind_of


def matched(rows: Sequence[Located], chosen: Sequence[Located], kind: str, *, seed: int) -> list[Located]:
    """As many random rows of each language and label as were chosen, in the order of the rows.

    Rows are drawn from the whole set, whether they were chosen or not: the question is what an arbitrary subset of that
    shape would have done. The draw depends on the seed, the language, the label and the ids alone.

    Args:
        rows: the whole set.
        chosen: of it.
        kind: of the task.
        seed: of the draw.
    """
    groups: dict[tuple[str, str], list[Located]] = defaultdict(list)
    for row, group in zip(rows, _groups(rows, kind), strict=True):
        groups[group].append(row)
    drawn = set()
    for group, count in sorted(Counter(_groups(chosen, kind)).items()):
        members = sorted(groups[group], key=lambda row: row.example.example_id)
        rng = np.random.default_rng([seed, *"\x1f".join(group).encode("utf-8")])
        drawn |= {id(members[place]) for place in rng.choice(len(members), size=count, replace=False)}
    return [row for row in rows if id(row) in drawn]


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Draws the rows of each node."""
    for node in nodes:
        started = time.monotonic()
        dataset = Dataset.read(node.params["dataset"])
        rows = located_examples(dataset, node, store)
        entry = store.open(node.parents["subset"].key)
        names = subsets.read(entry, rows)
        chosen = [row for row in rows if (row.language, row.example.example_id) in names]
        drawn = matched(rows, chosen, dataset.kind, seed=int(node.params["seed"]))
        scores: Mapping[tuple[str, str], Mapping[str, float]] = {}
        if (entry.directory / SCORES).is_file():
            scores = read_scores(entry.path(SCORES))
        with store.writer(node) as writer:
            subsets.write(drawn, writer)
            said = summary(rows, drawn, dataset.kind, scores)
            writer.path(SUMMARY).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


def _groups(rows: Sequence[Located], kind: str) -> list[tuple[str, str]]:
    golds = kind_of(kind).golds([row.example for row in rows])
    return [(row.language, json.dumps(gold)) for row, gold in zip(rows, golds, strict=True)]
