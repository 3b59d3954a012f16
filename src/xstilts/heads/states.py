"""The states of a model that a head decides by, beside the classes that they should give: what predictors look at.

Shape legend: B rows, T tokens, D hidden width, N decisions, Z classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.decisions import deciding
from xstilts.heads.head import Batch

if TYPE_CHECKING:
    import torch

    from xstilts.heads.head import Head
    from xstilts.heads.rows import Rows

PER_ROW, PER_WORD = "row", "word"
"""What a head decides on: heads that decide on the same can read each other's states."""


@runtime_checkable
class DecidesByState(Protocol):
    """A head whose decisions are classes of single states."""

    decides_on: str

    def states(self, hidden_BTD: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
        """The states that decide, of each row [N, D]."""
        ...

    def classes(self, rows: Rows) -> list[NDArray[np.int64]]:
        """The number of the class of each decision, of each row [N]; negative where it is hidden."""
        ...


def by_state(head: Head) -> DecidesByState | None:
    """The head, where its decisions are classes of single states."""
    decides = deciding(head) is not None and isinstance(head, DecidesByState)
    return cast("DecidesByState", head) if decides else None


class StatesAndText:
    """Reads rows as a head does, and gives what predictors look at.

    Args:
        head: of the rows.
        decides: the module of another head that decides on the same; None: there is none.
    """

    def __init__(self, head: Head, decides: torch.nn.Module | None = None) -> None:
        self._head, self._decides = head, decides

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 – whatever the head has
        return getattr(self._head, name)

    def reads(self, batch: Any) -> None:  # noqa: ANN401 – as heads do
        """All states, since their mean is taken."""
        return

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """Of each row ``text`` [D], the mean of its last states, ``states`` [N, D] and ``probabilities`` [N, Z]."""
        from xstilts.heads.defaults import apply, numpy

        mask_BT = batch["attention_mask"].to(hidden_BTD.dtype).unsqueeze(-1)
        text_BD = (hidden_BTD.float() * mask_BT).sum(dim=1) / mask_BT.float().sum(dim=1).clamp_min(1.0)
        found: list[dict[str, NDArray[Any]]] = [{"text": text} for text in numpy(text_BD)]
        head = by_state(self._head)
        if head is None:
            return found
        for row, states in zip(found, head.states(hidden_BTD, batch), strict=True):
            row["states"] = numpy(states.float())
            if self._decides is not None:
                row["probabilities"] = numpy(apply(self._decides, states).softmax(dim=-1))
        return found
