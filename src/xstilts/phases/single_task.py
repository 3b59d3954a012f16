"""Intermediate training on one task (STILTs)."""

from __future__ import annotations

from xstilts.phases import supervised, with_masked_lm
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.options.arm import TaskArm
from xstilts.phases.phase import Method
from xstilts.phases.with_masked_lm import MaskedLMArm
from xstilts.pipeline.node import Node


class SingleTask(TaskArm, MaskedLMArm):
    """Trains on one task, with masked LM beside it if asked for."""


def nodes(arm: SingleTask, plan: ArmPlan) -> Node:
    """One training."""
    return with_masked_lm.training(arm, plan)


PHASE = Method(
    title="Intermediate training on one task (STILTs)",
    arm=SingleTask,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/1811.01088",
    version=4,
)
