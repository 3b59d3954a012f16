"""What a model makes of each of its training rows while it trains: the record behind dataset cartography.

Shape legend: E epochs, N examples.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from xstilts.training.moments import Moments, Step


class Dynamics(Moments):
    """The probability of each example's gold in every epoch, from the forward pass that trains it (dropout included).

    Args:
        examples: N.
        epochs: E at most.

    Attributes:
        probability: of the gold [E, N]; NaN where the example was not trained in that epoch, or its gold is hidden.
        right: whether the gold was the most probable class [E, N].
    """

    wants_outputs = True

    def __init__(self, *, examples: int, epochs: int) -> None:
        self.probability = torch.full((epochs, examples), float("nan"))
        self.right = torch.zeros((epochs, examples), dtype=torch.uint8)
        self._seen = torch.zeros(examples, dtype=torch.int64)

    def on_step(self, step: Step) -> None:
        """An example is trained once an epoch: the n-th time that it comes is the n-th epoch."""
        for outputs in step.outputs:
            decisions = outputs.decisions
            if decisions is None:
                continue
            example = outputs.example[decisions.row]
            epoch = self._seen[example]
            kept = epoch < len(self.probability)
            example, epoch = example[kept], epoch[kept]
            self.probability[epoch, example] = decisions.gold_probability()[kept].float()
            self.right[epoch, example] = _right(decisions.parts)[kept].to(torch.uint8)
            self._seen[example] += 1

    def record(self) -> Mapping[str, torch.Tensor]:
        """What has been recorded so far."""
        return {"probability": self.probability, "right": self.right, "seen": self._seen}

    def restore(self, record: Mapping[str, torch.Tensor]) -> None:
        """Takes back what ``record`` gave."""
        self.probability, self.right, self._seen = (record[name].clone() for name in ("probability", "right", "seen"))


def _right(parts: tuple[tuple[torch.Tensor, torch.Tensor], ...]) -> torch.Tensor:
    """Whether all parts of each decision are right."""
    found = [logits_NC.argmax(dim=-1) == gold_N for logits_NC, gold_N in parts]
    return torch.stack(found).all(dim=0)
