"""What a phase is: a kind of node and what runs it; and what a method is: a phase that an experiment may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from xstilts.models.architecture import ENCODER
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.pretraining import Pretraining
from xstilts.phases.options.validation import Options
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

if TYPE_CHECKING:
    from xstilts.phases.arm_plan import ArmPlan
    from xstilts.phases.pretraining import Pretrained, PretrainingPlan

Run = Callable[[Sequence[Node], Store, Progress], None]
"""Commits an entry for every node that it is given: one node, or a group that is evaluated in one pass."""
A = TypeVar("A", bound=Arm)
P = TypeVar("P", bound=Pretraining)
K = TypeVar("K", bound=Options)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A kind of node; its module's name is the kind.

    Attributes:
        title: one line for people.
        run: what runs it.
        trains: whether it changes weights.
        paper: where it is described.
        version: raised when the code changes results.
        steps: further kinds of nodes that the same module runs: the step ``order`` of ``curriculum`` is the kind
            ``curriculum.order``.
    """

    title: str
    run: Run
    trains: bool = False
    paper: str | None = None
    version: int = 1
    steps: Mapping[str, Phase] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Method(Phase, Generic[A]):
    """A phase that an arm may name: `method: <the module's name>`.

    Attributes:
        arm: the keys of such an arm, and what it reads.
        nodes: the node that an arm of it ends in, under one seed, with all that it needs as parents. Its entry is a
            checkpoint, from which the targets are fine-tuned.
    """

    arm: type[A]
    nodes: Callable[[A, ArmPlan], Node]


@dataclass(frozen=True, kw_only=True)
class PretrainingMethod(Phase, Generic[P]):
    """A phase that a pretraining may name: `method: <the module's name>`.

    Attributes:
        keys: of such a pretraining.
        architectures: of the models that it trains.
        nodes: what all training then starts from: the checkpoint of the node that the keys mean.
    """

    keys: type[P]
    architectures: tuple[str, ...] = (ENCODER,)
    nodes: Callable[[P, PretrainingPlan], Pretrained]


@dataclass(frozen=True, kw_only=True)
class VocabularyPhase(Phase, Generic[K]):
    """A phase that gives a student pieces of its own, with their rows of the embedding.

    Its entry holds ``tokenizer.json``, ``tokenizer_config.json`` and ``embedding.safetensors`` with the tensor
    ``word_embeddings`` [pieces, hidden].

    Attributes:
        keys: what an experiment may say of it.
        node: the node, given the keys and the pretraining that asks for it: its model, and its text.
    """

    keys: type[K]
    node: Callable[[K, PretrainingPlan], Node]
