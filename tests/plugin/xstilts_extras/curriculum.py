"""Easy examples first: training begins with the shortest texts and takes in longer ones stage by stage.

A node of its own puts the examples in order, once for all seeds. Every stage takes as many steps as the others and
draws its batches from its share of the examples; a last one draws from all of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, Strict, model_validator

from xstilts.phases import supervised
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import examples_of
from xstilts.phases.options.arm import TaskArm
from xstilts.phases.options.validation import refuse
from xstilts.phases.options.wording import listed
from xstilts.phases.phase import Method, Phase
from xstilts.phases.training_node import Addition
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts
from xstilts.training.streams import Stream


class Curriculum(TaskArm):
    """Trains on one task, its easy examples first."""

    stages: Annotated[tuple[Annotated[float, Field(gt=0, lt=1)], ...], Strict(False)] = (0.3, 0.7)
    """Shares of the examples, the easiest first, that the stages draw from; after them all are drawn from."""

    def sentences(self) -> tuple[str, ...]:
        shares = listed([f"{share:.0%}" for share in self.stages])
        return (*super().sentences(), f"easy examples first, in stages of {shares}")

    @model_validator(mode="after")
    def _stages_rise(self) -> Self:
        if list(self.stages) != sorted(set(self.stages)):
            refuse("each stage draws from more examples than the one before", at=("stages",))
        return self


@dataclass(frozen=True, kw_only=True)
class Stages:
    """The parameter ``stages``."""

    shares: tuple[float, ...]

    def params(self) -> dict[str, Any]:
        return {"stages": list(self.shares)}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Stages:
        return cls(shares=tuple(params["stages"]))


def nodes(arm: Curriculum, plan: ArmPlan) -> Node:
    order = plan.step("order", rows=plan.sets[0])
    return plan.training(addition=Addition(params=Stages(shares=arm.stages).params(), parents={"order": order}))


@dataclass(frozen=True, kw_only=True)
class Staged(Stream):
    """A stream that draws from the easiest examples at first."""

    order: tuple[int, ...]
    stages: Stages
    steps: int

    def share(self, index: int) -> float:
        shares = (*self.stages.shares, 1.0)
        return shares[min(index * len(shares) // self.steps, len(shares) - 1)]

    def batch(self, index: int) -> list[NDArray[np.int64]]:
        easy = self.order[: max(self.batch_size, round(self.share(index) * len(self.order)))]
        drawn = np.random.default_rng([self.seed, index]).permutation(len(easy))[: self.batch_size]
        return [np.arange(self.starts[easy[i]], self.starts[easy[i] + 1]) for i in sorted(drawn)]


def staged(stream: Stream, order: Sequence[int], stages: Stages, steps: int) -> Staged:
    # An example that cannot be trained on has no rows, and no place among the starts.
    places = {int(number): place for place, number in enumerate(stream.rows.scalars["example"][stream.starts[:-1]])}
    return Staged(
        **{name: getattr(stream, name) for name in Stream.__dataclass_fields__},
        order=tuple(places[number] for number in order if number in places),
        stages=stages,
        steps=steps,
    )


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        order = store.open(node.parents["order"].key).json("order.json")
        stages = Stages.read(node.params)
        supervised.fit(node, store, progress, order=lambda one, steps, o=order, s=stages: staged(one, o, s, steps))


def _put_in_order(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        started = time.monotonic()
        examples = examples_of(Dataset.read(node.params["dataset"]), node, store)
        lengths = [sum(map(len, texts(example))) for example in examples]
        with store.writer(node) as writer:
            order = sorted(range(len(lengths)), key=lambda number: (lengths[number], number))
            writer.path("order.json").write_text(json.dumps(order), encoding="utf-8")
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


PHASE = Method(
    title="Easy examples first",
    arm=Curriculum,
    nodes=nodes,
    run=_run,
    trains=True,
    paper="https://doi.org/10.1145/1553374.1553380",
    steps={"order": Phase(title="Examples by the length of their texts", run=_put_in_order)},
)
