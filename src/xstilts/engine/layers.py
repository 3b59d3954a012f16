"""A model's layers, of which a forward pass computes no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine.last_layer import LastLayer, Narrow, can_narrow
from xstilts.engine.submodules import exchanged
from xstilts.models.loading import encoder_layers

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Layers(torch.nn.ModuleList):
    """Stands in the place of a list of layers, under their names; whoever goes through it meets the first few.

    Attributes:
        up_to: how many of them; None: all.
        narrows: whether the last layer can be computed for some tokens alone.
    """

    def __init__(self, layers: torch.nn.ModuleList, narrow: Narrow | None) -> None:
        self.up_to: int | None = None
        self.narrows = narrow is not None and can_narrow(layers[-1])
        super().__init__([*layers[:-1], LastLayer(layers[-1], narrow) if narrow and self.narrows else layers[-1]])

    def __iter__(self) -> Iterator[torch.nn.Module]:
        return iter([*self._modules.values()][: self.up_to])

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401
        return [*self][index] if isinstance(index, slice) else super().__getitem__(index)

    @contextmanager
    def first(self, count: int) -> Iterator[None]:
        """Within the block there are but ``count`` layers to go through."""
        self.up_to = count
        try:
            yield
        finally:
            self.up_to = None


@contextmanager
def taken_over(part: PreTrainedModel, narrow: Narrow | None) -> Iterator[Layers | None]:
    """The layers of a model as `Layers`; None where the model does not keep them in one list."""
    layers = encoder_layers(part)
    if layers is None:
        yield None
        return
    ours = Layers(layers, narrow)
    with exchanged(part, {layers: ours}):
        yield ours


@contextmanager
def output_of(layer: torch.nn.Module) -> Iterator[list[torch.Tensor]]:
    """What a layer gives within the block: one tensor per call."""
    found: list[torch.Tensor] = []

    def note(_module: torch.nn.Module, _inputs: Any, output: Any) -> None:  # noqa: ANN401
        found.append(output[0] if isinstance(output, tuple) else output)

    handle = layer.register_forward_hook(note)
    try:
        yield found
    finally:
        handle.remove()
