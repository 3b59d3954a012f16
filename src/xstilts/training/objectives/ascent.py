"""What objectives share that climb several steps: a random start, then steps along the gradient, within a ball."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Norm = Literal["l2", "linf"]


class Ascent(Objective):
    """Embeddings perturbed in several steps; a perturbation's norm is that of its row."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    steps: Annotated[int, Field(ge=2, le=100)] = 2
    """Forward passes, each on what the gradient of the one before it made of the perturbation."""
    adversarial_learning_rate: Positive = 0.1
    """Length of a step."""
    initial_magnitude: NotNegative = 0.1
    """Of the random start; 0: it starts on the embeddings."""
    max_norm: NotNegative = 0.3
    """The largest norm of a perturbation; 0: any."""
    norm: Norm = "l2"
    """l2 or linf, over the components of a row."""

    def start(self, embedded_BTD: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
        """The first perturbation [B, T, D]."""
        from xstilts.training.perturbation import random_start

        return random_start(embedded_BTD.detach(), mask_BT, magnitude=self.initial_magnitude, norm=self.norm)

    def climbed(self, delta_BTD: torch.Tensor, gradient_BTD: torch.Tensor) -> torch.Tensor:
        """The next one, a step along the gradient."""
        from xstilts.training.perturbation import uphill, within

        moved_BTD = delta_BTD.detach() + uphill(gradient_BTD, step=self.adversarial_learning_rate, norm=self.norm)
        return within(moved_BTD, self.max_norm, norm=self.norm)
