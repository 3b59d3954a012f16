"""What an objective is: the one seam between the loop, which sums gradients, and what they are the gradients of.

An objective takes as many forward and backward passes of a micro-batch as it likes. Listing and planning read its
options, its cost and where it is defined; only its ``loss`` may import torch.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from xstilts.heads.decisions import deciding, distributing
from xstilts.heads.head import Batch, Head

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


KEPT_IN_BF16 = 1e-4
"""Numbers of bf16 have eight significant bits; those of embeddings are hundredths."""


class Objective(BaseModel):
    """A training objective with its options; its module declares the class as ``OBJECTIVE``.

    The fields of a subclass are the options that an experiment may give. They are checked strictly, and unknown ones
    are refused. All of them enter the key of a node.

    Attributes:
        title: one line for people.
        paper: where it is described.
        version: raised when the code changes results.
        architectures: those on which it is defined; None: all.
        reads_decisions: whether it needs what a head decides (`Passes.decisions`), which not all heads can say.
        compares_distributions: whether it compares what two passes give (`Passes.distributions`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    title: ClassVar[str]
    paper: ClassVar[str | None] = None
    version: ClassVar[int] = 1
    architectures: ClassVar[tuple[str, ...] | None] = None
    reads_decisions: ClassVar[bool] = False
    compares_distributions: ClassVar[bool] = False

    @property
    def passes(self) -> int:
        """What a micro-batch costs, in forward passes: a backward pass counts as two."""
        return 3

    @property
    def smallest_noise(self) -> float | None:
        """The size of what it adds to embeddings, where that may be too little for their precision; None: it is not."""
        return None

    @abstractmethod
    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of a micro-batch, summed over its units, and the number of units.

        The loop takes the gradient of what is returned. An objective of several backward passes takes those before
        the last one itself (``loss.backward()`` adds to the gradients of the step) and returns the last loss plus the
        *values* of the earlier ones, so that the loss that is reported is the whole.

        Args:
            model: its forward passes.
            batch: a micro-batch.
            task: which head reads it.
        """

    def why_not(self, architecture: str, head: Head) -> str:
        """Why it cannot train such a head; empty where it can."""
        if self.architectures is not None and architecture not in self.architectures:
            return f"is defined for {_listed(self.architectures)}, not for {_spoken(architecture)}"
        if self.reads_decisions and deciding(head) is None:
            return f"compares decisions between classes, and {head.kind} ({_spoken(architecture)}) makes none"
        if self.compares_distributions and not distributing(head):
            return (
                f"compares what the model says of single examples, and the loss of {head.kind} "
                f"({_spoken(architecture)}) is of all examples of a micro-batch together"
            )
        return ""

    def lost_in(self, precision: str) -> str:
        """What of it is lost in a precision, for people; empty where nothing is."""
        noise = self.smallest_noise
        if precision != "bf16" or noise is None or noise >= KEPT_IN_BF16:
            return ""
        return (
            f"noise of {noise:g} is below what embeddings keep in bf16, so that its two passes differ by their dropout "
            "alone; recipe: {precision: fp32} keeps it"
        )

    def params(self) -> dict[str, Any]:
        """All options, for a node's key."""
        return self.model_dump(mode="json")


def _spoken(architecture: str) -> str:
    return f"{architecture.replace('_', '-')} models"


def _listed(architectures: tuple[str, ...]) -> str:
    return " and ".join(map(_spoken, architectures))
