"""SMART's smoothness: what the model says should not change where the embeddings do (Jiang et al. 2020).

Adds ``weight`` times the symmetric KL divergence between what the model says of the examples as they are and of the
examples with noise. The noise starts tiny and normal, moves along the gradient of the divergence, and is then divided
by its largest component in each token: it has the given size there, however small its start and its steps were. That
size is 1 in the released class, which is more than embeddings have themselves; the paper bounds it by 1e-5, and an
earlier release multiplied it by the step size. Each forward pass draws its own dropout. This is the regulariser that
was released; the paper's Bregman proximal point method is not part of it. The defaults are those of the released class
(its command line has a step size of 1e-5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field

from xstilts.heads.head import Batch
from xstilts.training.objectives.ascent import Positive
from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes

GUARD = 1e-6


class Smart(Objective):
    """The loss, and how far noise along the worst direction moves what the model says."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    title = "SMART: smooth where adversarial noise is added to the embeddings"
    paper = "https://arxiv.org/abs/1911.03437"
    compares_distributions = True

    weight: Positive = 1.0
    """Of the divergence, beside the loss."""
    steps: Annotated[int, Field(ge=1, le=100)] = 1
    """How often the noise moves along the gradient."""
    step_size: Positive = 1e-3
    """By what the gradient is multiplied before it is added to the noise."""
    noise: Positive = 1e-5
    """Standard deviation of the noise at its start."""

    size: Positive = 1.0
    """Of the noise: the largest component of each token's."""

    @property
    def passes(self) -> int:
        """Two forward and two backward passes; a step is a forward pass, and a backward one to the embeddings alone."""
        return 6 + 2 * self.steps

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of the examples as they are, and the weighted divergence."""
        import torch

        from xstilts.training.divergence import log_odds, over_parts, symmetric_to_fixed
        from xstilts.training.perturbation import none, per_token

        found = model.distributions(batch, task)
        clean, units = found.loss()
        embedded_BTD, mask_BT = model.embedded(batch)
        fixed_BTD, fixed = embedded_BTD.detach(), found.detached()
        noise_BTD = none(fixed_BTD).normal_() * self.noise * mask_BT[..., None]
        for _ in range(self.steps):
            noise_BTD = noise_BTD.detach().requires_grad_()
            moved = model.distributions(model.on(fixed_BTD + noise_BTD, batch), task)
            (gradient_BTD,) = torch.autograd.grad(over_parts(moved, fixed, log_odds), noise_BTD)
            noise_BTD = self.size * per_token(noise_BTD.detach() + self.step_size * gradient_BTD, guard=GUARD)
        noisy = model.distributions(model.on(embedded_BTD + noise_BTD, batch), task)
        divergence = over_parts(found, noisy, symmetric_to_fixed)
        model.note(clean=clean, divergence=divergence)
        return clean + self.weight * divergence, units


OBJECTIVE = Smart
