"""An answer as a span of its context; the question stands before the context, so every token of it knows what is asked.

The first token of an answer does not know how the answer goes on, as an encoder's does. Position 0, which stands for
*no answer here*, has read nothing at all: it is given the state of the end token, which has read everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from xstilts.heads.decisions import Decisions
from xstilts.heads.decoder.last_state import LastState
from xstilts.heads.encoder.extractive_qa import ExtractiveQA
from xstilts.heads.head import Batch

if TYPE_CHECKING:
    import torch


class DecoderExtractiveQA(LastState, ExtractiveQA):
    """The best span over all windows of a context."""

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """The start and the end of each row's answer; the unit is the row."""
        return super().decisions(module, self._informed(hidden_BTD, batch), batch)

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """The logits ``start`` [T] and ``end`` [T] of each row."""
        return super().predict(module, self._informed(hidden_BTD, batch), batch)

    def _informed(self, hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The states, with the last one in the first place."""
        import torch

        return torch.cat([self.whole(hidden_BTD, batch)[:, None], hidden_BTD[:, 1:]], dim=1)


HEAD = DecoderExtractiveQA()
