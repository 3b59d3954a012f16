"""Adversarial training along the gradient of the embeddings (Miyato et al. 2017): each row, one step uphill.

The loss of the examples as they are, plus their loss with r = ε · g / ‖g‖ added to the embeddings, under one dropout
mask. The length of the step depends on the size of a model's embeddings: Miyato et al. normalise theirs, which
encoders do not, so no published value can be the default here; 1 is a first guess that should be tuned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from xstilts.heads.head import Batch
from xstilts.training.objectives.ascent import Norm, Positive
from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class FastGradient(Objective):
    """The loss where the model is, and the loss one step uphill."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    title = "Fast gradient method on the embeddings"
    paper = "https://arxiv.org/abs/1605.07725"

    epsilon: Positive = 1.0
    """Norm of the step, over the components of a row."""
    norm: Norm = "l2"
    """l2, or linf: every component moves by epsilon."""

    @property
    def passes(self) -> int:
        """Two forward and two backward passes."""
        return 6

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum of both losses; the first has gone backward already."""
        from xstilts.training.perturbation import LARGEST, none, uphill

        with model.same_dropout():
            embedded_BTD, _ = model.embedded(batch)
            delta_BTD = none(embedded_BTD).requires_grad_()
            clean, units = model(model.on(embedded_BTD + delta_BTD, batch), task)
            clean.backward()  # type: ignore[no-untyped-call]
            assert delta_BTD.grad is not None
            if self.norm == LARGEST:
                step_BTD = self.epsilon * delta_BTD.grad.sign()
            else:
                step_BTD = uphill(delta_BTD.grad, step=self.epsilon, norm=self.norm)
            adversarial, _ = model(model.on(model.embedded(batch)[0] + step_BTD, batch), task)
        model.note(clean=clean, adversarial=adversarial)
        return adversarial + clean.detach(), units


OBJECTIVE = FastGradient
