"""Intermediate training on some of ANLI's rounds: each was collected against a stronger model than the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, field_validator
from pydantic import Strict as StrictType

from xstilts.errors import ConfigError, XstiltsError
from xstilts.phases import subset_arm, supervised
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import Located
from xstilts.phases.options.fields import Text
from xstilts.phases.options.inline_task import TaskReference
from xstilts.phases.options.validation import refuse_repeated, refuse_unknown
from xstilts.phases.options.wording import listed
from xstilts.phases.phase import Method, Phase
from xstilts.phases.subset_arm import MATCHED, SubsetArm
from xstilts.phases.subset_entry import Chosen
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.tasks.anli import ROUNDS

TASK = "anli"
SIZES = {"R1": 16_946, "R2": 45_460, "R3": 100_459}
"""Training rows of each round (card of facebook/anli)."""


class AnliRounds(SubsetArm):
    """Trains on some of ANLI's three rounds."""

    rounds: Annotated[tuple[Text, ...], StrictType(False), Field(min_length=1)]
    """``R1``, ``R2``, ``R3``: an example's id begins with its round."""
    task: TaskReference = TASK
    """ANLI, whose rounds these are."""

    def check_kinds(self, kinds: Sequence[str], *, where: str) -> None:
        """No other set has rounds."""
        super().check_kinds(kinds, where=where)
        if self.task != TASK:
            raise ConfigError("only anli has rounds", where=f"{where}.task", hint="leave the key task out")

    def chosen(self) -> str:
        """``rounds R1 and R2``."""
        return f"round{'s' * (len(self.rounds) > 1)} {listed(self.rounds)}"

    @field_validator("rounds")
    @classmethod
    def _known_rounds(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(given):
            if name not in ROUNDS:
                refuse_unknown("round", name, ROUNDS, at=(index,))
        refuse_repeated(given, "round")
        return given


def nodes(arm: AnliRounds, plan: ArmPlan) -> Node:
    """The choice, and the training on it."""
    rounds = [name for name in ROUNDS if name in arm.rounds]
    choice = plan.step("choice", rows=subset_arm.pool(plan), params={"rounds": rounds})
    share = sum(SIZES[name] for name in rounds) / sum(SIZES.values())
    return subset_arm.training(arm, plan, choice, kept=subset_arm.of_fraction(plan, share))


def _choose(node: Node, dataset: Dataset, rows: Sequence[Located], store: Store) -> Chosen:
    rounds = set(node.params["rounds"])
    chosen = [row for row in rows if row.example.example_id.partition(":")[0] in rounds]
    if not chosen:
        raise XstiltsError(f"no row of the training set is of {listed(sorted(rounds))}")
    return Chosen(rows=rows, chosen=chosen, scores={})


PHASE = Method(
    title="Some of ANLI's rounds, each collected against a stronger model",
    arm=AnliRounds,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/1910.14599",
    steps={"choice": Phase(title="The rows of some rounds", run=subset_arm.choosing(_choose)), "matched": MATCHED},
)
