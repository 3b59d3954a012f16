"""What heads of decoders share: the last token's state stands for the whole row, since no other has seen all of it.

Shape legend: B rows, T tokens, D hidden width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.heads.defaults import EncoderHead
from xstilts.heads.head import Batch

if TYPE_CHECKING:
    import torch


class LastState(EncoderHead):
    """Put before an encoder's head, which then reads the end of a row where it read the beginning."""

    def whole(self, hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The state of each row's last token [B, D]."""
        import torch

        last_B = batch["attention_mask"].sum(dim=1) - 1
        return hidden_BTD[torch.arange(len(last_B), device=last_B.device), last_B]
