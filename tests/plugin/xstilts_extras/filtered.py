"""The shortest examples alone: a node chooses rows, and the training names it as the subset of its dataset."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from xstilts.phases import subsets, supervised
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import ChosenTransform, Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import located_examples
from xstilts.phases.options.arm import TaskArm
from xstilts.phases.options.fields import Count, Text
from xstilts.phases.phase import Method, Phase
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts


class Filtered(TaskArm):
    """Trains on the shortest examples of one task."""

    keep: Count | None = None
    """How many; left out: all, and nothing is chosen."""
    transform: Text | None = None
    """A transform of those that are kept."""


def nodes(arm: Filtered, plan: ArmPlan) -> Node:
    rows = plan.sets[0]
    if arm.keep is not None:
        choice = plan.step("shortest", rows=rows, params={"keep": arm.keep})
        rows = replace(rows, subset=choice, kept=arm.keep)
    if arm.transform is not None:
        rows = replace(rows, transform=ChosenTransform(name=arm.transform, options={"fields": ["first"]}))
    return plan.training(sets=[rows])


def _choose(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        started = time.monotonic()
        rows = located_examples(Dataset.read(node.params["dataset"]), node, store)
        rows.sort(key=lambda row: (sum(map(len, texts(row.example))), row.example.example_id))
        with store.writer(node) as writer:
            subsets.write(rows[: int(node.params["keep"])], writer)
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


PHASE = Method(
    title="The shortest examples",
    arm=Filtered,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    version=2,
    steps={"shortest": Phase(title="The shortest examples of a training set", run=_choose)},
)
