"""The head's own loss, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.heads.head import Batch
from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class Plain(Objective):
    """One forward and one backward pass."""

    title = "The head's own loss"

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """What the head gives."""
        return model(batch, task)


OBJECTIVE = Plain
