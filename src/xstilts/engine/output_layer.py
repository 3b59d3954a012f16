"""What a text-to-text model's output layer is given, without the logits of a whole vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine.submodules import exchanged

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Through(torch.nn.Module):
    """Stands in the place of an output layer: holds its weights under their names, and gives what it is given."""

    def __init__(self, layer: torch.nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """The same."""
        return hidden


@contextmanager
def passed_through(model: PreTrainedModel) -> Iterator[None]:
    """Within the block the "logits" of a model are what its output layer would have been given."""
    layer: Any = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    with exchanged(model, {layer: Through(layer)}):
        yield
