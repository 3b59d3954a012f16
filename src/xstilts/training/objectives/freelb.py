"""FreeLB: the mean gradient of several steps of an attack on the embeddings (Zhu et al. 2020).

From a random start, each of K steps takes a forward and a backward pass; the gradient of the weights is the mean over
the steps, so that none of them is paid for in vain, and that of the perturbation moves it uphill. One dropout mask is
kept over the K steps. The defaults are those of the published recipe for RoBERTa-large on MNLI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.heads.head import Batch
from xstilts.training.objectives.ascent import Ascent

if TYPE_CHECKING:
    import torch

    from xstilts.training.passes import Passes


class FreeLB(Ascent):
    """The mean of the losses along the way."""

    title = "FreeLB: the mean over the steps of an attack on the embeddings"
    paper = "https://arxiv.org/abs/1909.11764"

    @property
    def passes(self) -> int:
        """A forward and a backward pass for each step."""
        return 3 * self.steps

    def loss(self, model: Passes, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean of the losses; all but the last have gone backward already."""
        delta_BTD = self.start(*model.embedded(batch))
        losses: list[torch.Tensor] = []
        with model.same_dropout():
            while True:
                delta_BTD = delta_BTD.detach().requires_grad_()
                loss, units = model(model.on(model.embedded(batch)[0] + delta_BTD, batch), task)
                losses.append(loss.detach())
                if len(losses) == self.steps:
                    break
                (loss / self.steps).backward()  # type: ignore[no-untyped-call]
                assert delta_BTD.grad is not None
                delta_BTD = self.climbed(delta_BTD, delta_BTD.grad)
        model.note(first_step=losses[0], last_step=losses[-1])
        earlier = sum(losses[1:-1], losses[0])
        return (loss + earlier) / self.steps, units


OBJECTIVE = FreeLB
