"""What a head decides between classes: the logits and golds of which its loss is the cross-entropy.

Objectives that compare two forward passes, and phases that record what a model makes of its training rows, read this
instead of the loss.

Shape legend: B rows, T tokens, D hidden width, N decisions, C classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from xstilts.heads.defaults import EncoderHead, cross_entropy
from xstilts.heads.head import Batch, Head

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """N decisions of a batch; each may have several parts, as a span has a start and an end.

    Attributes:
        parts: logits [N, C] in fp32 and gold classes [N] of each part.
        row: the row of the batch that each decision is of.
        ignore: the gold class of a decision whose gold is hidden.
    """

    parts: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    row: torch.Tensor
    ignore: int

    def loss(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean over the parts of the summed cross-entropy, and the number of decisions with a gold."""
        losses, units = zip(
            *(cross_entropy(logits, gold, ignore=self.ignore) for logits, gold in self.parts), strict=True
        )
        total: torch.Tensor = sum(losses[1:], losses[0])
        return total / len(losses) if len(losses) > 1 else total, units[0]

    def gold_probability(self) -> torch.Tensor:
        """The probability of each decision's gold [N], of all its parts together; NaN where it is hidden."""
        import torch

        total_N = torch.zeros(len(self.row), device=self.row.device)
        for logits_NC, gold_N in self.parts:
            hidden_N = gold_N == self.ignore
            log_p_NC = logits_NC.float().log_softmax(dim=-1)
            log_p_N = log_p_NC.gather(1, gold_N.masked_fill(hidden_N, 0)[:, None])[:, 0]
            total_N = total_N + log_p_N.masked_fill(hidden_N, float("nan"))
        return total_N.exp()

    def detached(self) -> Decisions:
        """The same values without their history."""
        parts = tuple((logits.detach(), gold) for logits, gold in self.parts)
        return Decisions(parts=parts, row=self.row, ignore=self.ignore)

    def on_host(self) -> Decisions:
        """The same in the memory of the host."""
        parts = tuple((logits.cpu(), gold.cpu()) for logits, gold in self.parts)
        return Decisions(parts=parts, row=self.row.cpu(), ignore=self.ignore)


def every_row(batch: Batch) -> torch.Tensor:
    """The number of each row: one decision a row."""
    import torch

    return torch.arange(len(batch["input_ids"]), device=batch["input_ids"].device)


class Deciding(Protocol):
    """A head that decides between classes."""

    decides: Literal[True]

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """What it decides on a batch."""
        ...


def deciding(head: Head) -> Deciding | None:
    """The head, where it decides between classes; one that writes text does not, whatever it writes."""
    return cast("Deciding", head) if getattr(head, "decides", False) else None


def distributing(head: Head) -> bool:
    """Whether two passes of it can be compared by distributions: over classes, or over the tokens that it writes."""
    return deciding(head) is not None or bool(getattr(head, "writes", False))


class DecidingHead(EncoderHead):
    """A head whose loss is the cross-entropy of what it decides."""

    decides: bool = True

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """What it decides on a batch."""
        raise NotImplementedError

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross-entropy, summed over the decisions with a gold; and their number."""
        return self.decisions(module, hidden_BTD, batch).loss()
