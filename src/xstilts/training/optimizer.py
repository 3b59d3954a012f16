"""AdamW without decay on biases and norms, and its schedule."""

from __future__ import annotations

import math

import torch

from xstilts.training.recipe import Recipe


def build(model: torch.nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """The optimizer over a model's parameters; one-dimensional ones (biases, norms) do not decay."""
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
        fused=True,
    )


def factor(step: int, steps: int, warmup: float) -> float:
    """The share of the peak learning rate at a step (from 0): linear rise, linear decay to 0."""
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return max(0.0, (steps - step) / max(1.0, steps - rising))


def apply(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, *, units: float, clip: float, learning_rate: float
) -> float:
    """One update from gradients of a *summed* loss: divides by ``units``, clips, steps; gives the gradient norm.

    Raises:
        FloatingPointError: a gradient is not finite; the weights are left as they were.
    """
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = float(torch.nn.utils.get_total_norm(gradients)) / units
    if not math.isfinite(norm):
        raise FloatingPointError("a gradient is not finite")
    scale = (min(1.0, clip / (norm + 1e-6)) if clip else 1.0) / units
    torch._foreach_mul_(gradients, scale)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    return norm
