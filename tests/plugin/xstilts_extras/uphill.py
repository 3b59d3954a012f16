"""Adversarial training along the gradient of the embeddings (Miyato et al. 2017): every row, one step uphill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from xstilts.heads.head import Batch
from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class OneStepUphill(Objective):
    """The loss where the model is, and the loss one step uphill."""

    title = "One step uphill"
    paper = "https://arxiv.org/abs/1605.07725"

    epsilon: Annotated[float, Field(gt=0)] = 1.0
    """Length of the step."""

    @property
    def passes(self) -> int:
        """Two forward and two backward passes."""
        return 6

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Both losses, under one dropout mask."""
        import torch

        with model.same_dropout():
            embedded, _ = model.embedded(batch)
            step = torch.zeros_like(embedded, requires_grad=True)
            clean, units = model(model.on(embedded + step, batch), task)
            clean.backward()
            gradient = step.grad.float()
            length = gradient.flatten(1).norm(dim=1).clamp_min(1e-12)
            uphill = self.epsilon * gradient / length[:, None, None]
            embedded, _ = model.embedded(batch)
            adversarial, _ = model(model.on(embedded + uphill, batch), task)
        return adversarial + clean.detach(), units


OBJECTIVE = OneStepUphill
