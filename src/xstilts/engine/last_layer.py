"""A model's last layer for the tokens whose states are read, and no others.

Attention still looks at all of them; what comes after it, three quarters of a layer, treats each token by itself. A
classification head reads one token of a row, masked LM the masked ones: the rest is left out, with its share of the
backward pass.

Shape legend: S packed tokens, R of them that are read, D hidden width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from xstilts.engine.packing import Packing

Narrow = Callable[..., torch.Tensor]
"""(layer, tokens that are read [R], hidden [1, S, D], what else the layer is given) → their states [1, R, D]."""


class LastLayer(torch.nn.Module):
    """Stands in the place of a last layer and holds its parts under their names.

    Args:
        layer: what it stands for; where all tokens are read, that computes them.
        narrow: computes some of them.
    """

    def __init__(self, layer: torch.nn.Module, narrow: Narrow) -> None:
        super().__init__()
        for name, part in layer.named_children():
            setattr(self, name, part)
        self._whole = [layer]  # in a list: not a module of the model beside this one
        self._narrow = narrow

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        try:
            return super().__getattr__(name)
        except AttributeError:  # what models ask of their layers, such as the kind of its attention
            return getattr(self.__dict__["_whole"][0], name)

    def forward(self, hidden: torch.Tensor, *given: Any, packing: Packing | None = None, **named: Any) -> Any:  # noqa: ANN401
        """The states of the tokens that ``packing`` says are read."""
        if packing is None:
            return self._whole[0](hidden, *given, **named)
        if packing.read is None:
            return self._whole[0](hidden, *given, packing=packing, **named)
        return self._narrow(self._whole[0], packing.read, hidden, *given, packing=packing, **named)


def can_narrow(layer: Any) -> bool:  # noqa: ANN401
    """Whether a layer is nothing but its parts, and treats tokens after attention one by one."""
    own = any(value is not None for value in (*layer._parameters.values(), *layer._buffers.values()))
    return not own and not getattr(layer, "chunk_size_feed_forward", 0)


def after_norm(
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


def before_norm(layer: Any, wanted_R: torch.Tensor, hidden: torch.Tensor, **named: Any) -> torch.Tensor:  # noqa: ANN401
    """ModernBERT."""
    attended, _weights = layer.attn(layer.attn_norm(hidden), **named)
    middle = (hidden + attended).index_select(1, wanted_R)
    result: torch.Tensor = middle + layer.mlp(layer.mlp_norm(middle))
    return result
