"""Projected gradient descent on the embeddings (Madry et al. 2018), as FreeLB's authors compare with it.

The update of the perturbation is FreeLB's; only the gradient of the last step trains the weights. Steps before it cost
a forward pass, and a backward pass to the embeddings alone. The defaults are those of FreeLB's authors for
RoBERTa-large on MNLI (``launch/VanillaPGD``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.heads.head import Batch
from xstilts.training.objectives.ascent import Ascent, NotNegative

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class ProjectedGradient(Ascent):
    """The loss at the end of the way."""

    title = "Projected gradient descent: the last step of an attack on the embeddings"
    paper = "https://arxiv.org/abs/1706.06083"

    initial_magnitude: NotNegative = 0.2
    """Of the random start; 0: it starts on the embeddings."""
    max_norm: NotNegative = 0.2
    """The largest norm of a perturbation; 0: any."""

    @property
    def passes(self) -> int:
        """A backward pass that gives no weight its gradient costs as much as a forward pass."""
        return 2 * (self.steps - 1) + 3

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of the last step."""
        import torch

        embedded_BTD, mask_BT = model.embedded(batch)
        embedded_BTD = embedded_BTD.detach()
        delta_BTD, first = self.start(embedded_BTD, mask_BT), None
        with model.same_dropout():
            for _ in range(self.steps - 1):
                delta_BTD = delta_BTD.detach().requires_grad_()
                loss, _ = model(model.on(embedded_BTD + delta_BTD, batch), task)
                (gradient_BTD,) = torch.autograd.grad(loss, delta_BTD)
                delta_BTD = self.climbed(delta_BTD, gradient_BTD)
                first = loss.detach() if first is None else first
            loss, units = model(model.on(model.embedded(batch)[0] + delta_BTD, batch), task)
        assert first is not None
        model.note(first_step=first, last_step=loss)
        return loss, units


OBJECTIVE = ProjectedGradient
