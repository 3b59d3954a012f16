"""R3F: what the model says should not change under a little random noise (Aghajanyan et al. 2021).

Adds ``weight`` times the symmetric KL divergence between what the model says of the examples as they are and with
random noise on their embeddings. The noised side has no gradient to the embeddings, and each side draws its own
dropout, in which most of the difference lies: the published noise of 1e-5 is below what embeddings keep in bf16, where
nothing but dropout is left of it. The defaults are those of the released code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict

from xstilts.heads.head import Batch
from xstilts.training.objectives.ascent import Positive
from xstilts.training.objectives.objective import Objective

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class R3F(Objective):
    """The loss, and how far random noise moves what the model says."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    title = "R3F: the same under random noise on the embeddings"
    paper = "https://arxiv.org/abs/2008.03156"
    compares_distributions = True

    weight: Positive = 1.0
    """Of the divergence, beside the loss."""
    epsilon: Positive = 1e-5
    """Size of the noise."""
    noise: Literal["uniform", "normal"] = "uniform"
    """Uniform between -epsilon and epsilon, or normal with that standard deviation."""

    @property
    def passes(self) -> int:
        """Two forward and two backward passes."""
        return 6

    @property
    def smallest_noise(self) -> float | None:
        """Of what is added to an embedding."""
        return self.epsilon

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of the examples as they are, and the weighted divergence."""
        from xstilts.training.divergence import over_parts, symmetric
        from xstilts.training.perturbation import none

        found = model.distributions(batch, task)
        clean, units = found.loss()
        embedded_BTD, mask_BT = model.embedded(batch)
        noise_BTD = none(embedded_BTD.detach())
        noise_BTD = noise_BTD.uniform_(-1, 1) if self.noise == "uniform" else noise_BTD.normal_()
        noise_BTD = self.epsilon * noise_BTD * mask_BT[..., None]
        noisy = model.distributions(model.on(embedded_BTD.detach() + noise_BTD, batch), task)
        divergence = over_parts(found, noisy, symmetric)
        model.note(clean=clean, divergence=divergence)
        return clean + self.weight * divergence, units


OBJECTIVE = R3F
