"""The states that a head decides by, in place of its decisions: one vector for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xstilts.heads.defaults import numpy
from xstilts.heads.head import Batch

if TYPE_CHECKING:
    import torch

    from xstilts.heads.decisions import DecidingHead


class Features:
    """Reads rows as a head does, and gives the state that stands for each whole row.

    Args:
        head: of a kind that decides between classes from one state a row.
    """

    def __init__(self, head: DecidingHead) -> None:
        self._head = head

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 – whatever the head has
        return getattr(self._head, name)

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, Any]]:
        """``features`` [D] of each row."""
        return [{"features": state} for state in numpy(self._head.whole(hidden_BTD, batch).float())]
