"""What adversarial objectives add to the embeddings of a micro-batch: a perturbation δ of each row, with its norm.

A row is one input of the model (a sentence, or a pair that is read together). Embeddings are padded here, whatever the
model computes on, so that a perturbation has the norm of its row in a packed batch as well; padding has none.

Shape legend: B rows, T tokens, D hidden width.
"""

from __future__ import annotations

import torch

L2, LARGEST = "l2", "linf"
SMALLEST = 1e-8
"""Norms of gradients are not divided by less."""


def none(embedded_BTD: torch.Tensor) -> torch.Tensor:
    """No perturbation, in fp32 [B, T, D]."""
    return torch.zeros_like(embedded_BTD, dtype=torch.float32)


def random_start(embedded_BTD: torch.Tensor, mask_BT: torch.Tensor, *, magnitude: float, norm: str) -> torch.Tensor:
    """A uniform perturbation in fp32 [B, T, D]; in l2 its expected norm does not depend on the length of the row.

    Args:
        embedded_BTD: the embeddings.
        mask_BT: 1 where there is a token.
        magnitude: in ``linf`` the largest size of a component, in ``l2`` that size times the root of their number.
        norm: ``l2`` or ``linf``.
    """
    if not magnitude:
        return none(embedded_BTD)
    noise_BTD = none(embedded_BTD).uniform_(-1, 1) * mask_BT[..., None]
    if norm == LARGEST:
        return noise_BTD * magnitude
    components_B = mask_BT.sum(dim=1).float() * embedded_BTD.shape[-1]
    return noise_BTD * (magnitude / components_B.sqrt())[:, None, None]


def uphill(gradient_BTD: torch.Tensor, *, step: float, norm: str) -> torch.Tensor:
    """A step of a given length along each row's gradient."""
    gradient_BTD = gradient_BTD.float()
    return step * gradient_BTD / lengths(gradient_BTD, norm).clamp_min(SMALLEST)


def within(delta_BTD: torch.Tensor, largest: float, *, norm: str) -> torch.Tensor:
    """The perturbation, brought back to the largest norm where a row exceeds it; 0: it may have any."""
    if not largest:
        return delta_BTD
    if norm == LARGEST:
        return delta_BTD.clamp(-largest, largest)
    length_B11 = lengths(delta_BTD, norm)
    return torch.where(length_B11 > largest, delta_BTD * (largest / length_B11.clamp_min(SMALLEST)), delta_BTD)


def lengths(delta_BTD: torch.Tensor, norm: str) -> torch.Tensor:
    """The norm of each row [B, 1, 1]: l2 over all of its components, or the largest of them."""
    order = 2.0 if norm == L2 else float("inf")
    found: torch.Tensor = torch.linalg.vector_norm(delta_BTD, ord=order, dim=(1, 2), keepdim=True)
    return found


def per_token(delta_BTD: torch.Tensor, *, guard: float) -> torch.Tensor:
    """Each token's perturbation divided by its largest component: SMART's l-inf norm on the level of tokens."""
    return delta_BTD / (delta_BTD.abs().amax(dim=-1, keepdim=True) + guard)
