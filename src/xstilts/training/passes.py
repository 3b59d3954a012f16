"""The forward passes of a micro-batch, as objectives take them.

Backward passes are torch's own: ``loss.backward()`` adds to the gradients of the step, ``torch.autograd.grad`` gives
those of what it is asked for and adds to none.

Shape legend: B rows, T tokens, D hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

from xstilts.engine.dropout import Randomness
from xstilts.heads.decisions import Decisions, deciding
from xstilts.heads.head import Batch
from xstilts.training.embedded import EMBEDDED

if TYPE_CHECKING:
    from xstilts.training.model import TransferModel


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the first forward pass of a micro-batch in training gave, dropout included.

    Attributes:
        example: the example of each row, as an index into the examples that were encoded.
        decisions: what the head decided; None of a head that makes no decisions between classes.
    """

    example: torch.Tensor
    decisions: Decisions | None

    def on_host(self) -> Outputs:
        """The same in the memory of the host."""
        decisions = self.decisions and self.decisions.on_host()
        return Outputs(example=self.example.cpu(), decisions=decisions)


def gathered(own: Sequence[Outputs], accelerator: Accelerator) -> tuple[Outputs, ...]:
    """The outputs of all ranks on the host, on every rank."""
    found = [one.on_host() for one in own]
    return tuple(gather_object(found)) if accelerator.num_processes > 1 else tuple(found)


class Passes:
    """A model for the time of one micro-batch.

    Args:
        model: it computes with its working weights.
        accelerator: gives the precision.
        records: whether what the first forward pass gives is kept in ``outputs``.
    """

    def __init__(self, model: TransferModel, accelerator: Accelerator, *, records: bool = False) -> None:
        self._model, self._accelerator, self._records = model, accelerator, records
        self._dropout: Randomness | None = None
        self.outputs: Outputs | None = None
        self.noted: dict[str, torch.Tensor] = {}

    def __call__(self, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The head's loss in fp32, summed over its units, and the number of units."""
        if self._records and self.outputs is None:
            return self._recorded(batch, task)
        with self._forward():
            loss: tuple[torch.Tensor, torch.Tensor] = self._model(batch, task)
        return loss

    def decisions(self, batch: Batch, task: str) -> Decisions:
        """What the head decides; of objectives that say ``reads_decisions``."""
        with self._forward():
            found = self._model.decisions(batch, task)
        if self._records and self.outputs is None:
            self.outputs = Outputs(example=batch["example"], decisions=found.detached())
        return found

    def distributions(self, batch: Batch, task: str) -> Decisions:
        """What two passes can be compared by: a head's decisions, or of a writer the tokens to be written.

        Of objectives that say ``compares_distributions``.
        """
        if deciding(self._model.heads[task]):
            return self.decisions(batch, task)
        with self._forward():
            found = self._model.distributions(batch, task)
        if self._records and self.outputs is None:
            self.outputs = Outputs(example=batch["example"], decisions=None)
        return found

    def note(self, **losses: torch.Tensor) -> None:
        """Losses that the objective is made of, each summed over the units: the record of the run lists their means."""
        self.noted |= {name: loss.detach().double() for name, loss in losses.items()}

    def hidden(self, batch: Batch, task: str) -> torch.Tensor:
        """The states that the task's head reads [B, T, D], of objectives that compute a loss of their own."""
        with self._forward():
            return self._model.hidden(batch, task)

    def embedded(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The embeddings of the model's input [B, T, D], and 1 where there is a token, else 0 [B, T].

        They carry the gradient to the rows of the vocabulary. Every pass needs its own: a backward pass uses them up.
        In bf16 (``precision: bf16``) they have 8 significant bits: a change of less than a 256th of a number is lost.
        """
        return self._model.embedded(batch)

    def on(self, embedded_BTD: torch.Tensor, batch: Batch) -> Batch:
        """The batch with these embeddings in the place of those of its ids."""
        return {**batch, EMBEDDED: embedded_BTD}

    @contextmanager
    def same_dropout(self) -> Iterator[None]:
        """Every forward pass within draws the dropout masks of the first one."""
        before, self._dropout = self._dropout, self._model.engine.randomness()
        try:
            yield
        finally:
            self._dropout = before

    @contextmanager
    def _forward(self) -> Iterator[None]:
        if self._dropout is not None:
            self._dropout.again()
        with self._accelerator.autocast():
            yield

    def _recorded(self, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of the head's decisions is its loss, to the bit."""
        if deciding(self._model.heads[task]):
            return self.decisions(batch, task).loss()
        self.outputs = Outputs(example=batch["example"], decisions=None)
        return self(batch, task)
