"""What heads of decoders share: the last token's state stands for the whole row, since no other has seen all of it.

Shape legend: B rows, T tokens, D hidden width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import EncoderHead
from xstilts.heads.head import Batch

if TYPE_CHECKING:
    import torch


class LastState(EncoderHead):
    """Put before an encoder's head, which then reads the end of a row where it read the beginning."""

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The end of each row, said as all states: decoders compute them all."""
        return None

    def whole(self, hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The state of each row's last token [B, D]."""
        import torch

        last_B = batch["attention_mask"].sum(dim=1) - 1
        return hidden_BTD[torch.arange(len(last_B), device=last_B.device), last_B]
