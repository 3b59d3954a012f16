"""AdamW without decay on biases and norms, and its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch

from xstilts.training.recipe import Recipe


class Weighted(Protocol):
    """A model, or the fp32 weights of one."""

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """All weights."""
        ...


OPTIMIZER: type[torch.optim.Optimizer] = torch.optim.AdamW


def row_wise(optimizer: type[torch.optim.Optimizer]) -> bool:
    """Whether a row without a gradient moves by weight decay alone, whatever happens to the others.

    Adafactor shares statistics over rows and columns, Muon mixes all of a matrix.
    """
    return issubclass(optimizer, (torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.SGD))


def build(model: Weighted, recipe: Recipe, *, fused: bool = True) -> torch.optim.Optimizer:
    """The optimizer over a model's parameters; one-dimensional ones (biases, norms) do not decay.

    ``fused``: as one kernel; otherwise as torch does it by itself.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=recipe.learning_rate,
        betas=(recipe.adam_beta1, recipe.adam_beta2),
        eps=recipe.adam_epsilon,
        fused=True if fused else None,
    )


def factor(step: int, steps: int, warmup: float) -> float:
    """The share of the peak learning rate at a step (from 0): linear rise, linear decay to 0."""
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return max(0.0, (steps - step) / max(1.0, steps - rising))


def apply(
    model: Weighted,
    optimizer: torch.optim.Optimizer,
    *,
    units: torch.Tensor,
    clip: float,
    learning_rate: float,
    gradients: Sequence[torch.Tensor] | None = None,
) -> torch.Tensor:
    """One update from gradients of a *summed* loss: divides by ``units``, clips, steps; gives the gradient norm.

    Nothing here waits for the device: a gradient that is not finite leaves the weights as they were, and the norm
    says so.

    Args:
        units: how many there are, a float64 on the gradients' device.
        gradients: what the norm is taken of, where that is not every gradient as it lies there.
    """
    gradients = gradients or [p.grad for p in model.parameters() if p.grad is not None]
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    norm = torch.nn.utils.get_total_norm(gradients).double() / units
    if not optimizer.defaults["fused"]:
        return _apply_plainly(optimizer, gradients, norm, units=units, clip=clip)
    # The fused step divides by this on its way: no pass over all gradients of its own.
    divisor = units * ((norm + 1e-6) / clip).clamp_min(1.0) if clip else units
    optimizer.grad_scale = divisor.float()  # type: ignore[attr-defined]
    optimizer.found_inf = (~torch.isfinite(norm)).float()  # type: ignore[attr-defined]
    optimizer.step()
    return norm


def _apply_plainly(
    optimizer: torch.optim.Optimizer,
    gradients: Sequence[torch.Tensor],
    norm: torch.Tensor,
    *,
    units: torch.Tensor,
    clip: float,
) -> torch.Tensor:
    """The same with gradients that are divided and clipped before the step."""
    if not torch.isfinite(norm):
        return norm
    for gradient in gradients:
        gradient.div_(units.to(gradient.dtype))
    if clip:
        torch.nn.utils.clip_grads_with_norm_(
            [p for group in optimizer.param_groups for p in group["params"]], clip, norm.float()
        )
    optimizer.step()
    return norm


def shrunk(steps: int, total: int, recipe: Recipe) -> float:
    """What ``steps`` of decoupled weight decay alone leave of a weight, as a factor."""
    left = 1.0
    for step in range(steps):  # in this order: a run that is resumed has the same bits as one that is not
        left *= 1.0 - recipe.learning_rate * factor(step, total, recipe.warmup) * recipe.weight_decay
    return left
