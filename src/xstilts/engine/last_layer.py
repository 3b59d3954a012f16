"""A model's last layer for the tokens whose states are read, and no others.

Attention still looks at all of them; what comes after it, three quarters of a layer, treats each token by itself. A
classification head reads one token of a row, masked LM the masked ones: the rest is left out, with its share of the
backward pass.

Shape legend: S packed tokens, R of them that are read, D hidden width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from xstilts.models.loading import encoder_layers

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@contextmanager
def narrowed(base: PreTrainedModel, wanted_R: torch.Tensor | None) -> Iterator[bool]:
    """The last layer gives the states of these tokens alone [1, R, D]; whether it does, since not all can."""
    layers = encoder_layers(base) if wanted_R is not None else None
    layer: Any = layers[-1] if layers else None
    forward = _forward(layer)
    if forward is None:
        yield False
        return
    layer.forward = partial(forward, layer, wanted_R)
    try:
        yield True
    finally:
        del layer.forward


def _forward(layer: Any) -> Callable[..., torch.Tensor] | None:  # noqa: ANN401
    """How a layer of this architecture is computed for some tokens; None where that is not known."""
    if hasattr(layer, "mlp_norm"):
        return _before_norm
    plain = not getattr(layer, "is_decoder", False) and not getattr(layer, "chunk_size_feed_forward", 0)
    return _after_norm if plain and hasattr(layer, "feed_forward_chunk") else None


def _after_norm(
    layer: Any,  # noqa: ANN401
    wanted_R: torch.Tensor,
    hidden: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *_: Any,  # noqa: ANN401
    **named: Any,  # noqa: ANN401
) -> torch.Tensor:
    """BERT and its relatives."""
    attended, _weights = layer.attention.self(hidden, attention_mask, **named)
    middle = layer.attention.output(attended.index_select(1, wanted_R), hidden.index_select(1, wanted_R))
    result: torch.Tensor = layer.feed_forward_chunk(middle)
    return result


def _before_norm(layer: Any, wanted_R: torch.Tensor, hidden: torch.Tensor, **named: Any) -> torch.Tensor:  # noqa: ANN401
    """ModernBERT."""
    attended, _weights = layer.attn(layer.attn_norm(hidden), **named)
    middle = (hidden + attended).index_select(1, wanted_R)
    result: torch.Tensor = middle + layer.mlp(layer.mlp_norm(middle))
    return result
