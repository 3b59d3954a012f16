"""The curve of each loss of a distillation, kept with the state of the run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from accelerate import Accelerator

from xstilts.training.moments import Moments, Step


class Curves(Moments):
    """Adds up what the micro-batches of a step say, and keeps the means.

    Args:
        names: of the losses; one that a step does not have is not a number (NaN) there.
        accelerator: gathers over the ranks.
    """

    def __init__(self, names: tuple[str, ...], accelerator: Accelerator) -> None:
        self._names, self._accelerator = names, accelerator
        self._sums: dict[str, torch.Tensor] = {}
        self._rows: dict[str, int] = {}
        self._means: dict[str, list[float]] = {name: [] for name in names}

    def note(self, sums: Mapping[str, torch.Tensor], rows: int) -> None:
        """The sums over the rows of a micro-batch."""
        for name, value in sums.items():
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value
            self._rows[name] = self._rows.get(name, 0) + rows

    def on_step(self, step: Step) -> None:
        """The means of a step."""
        device = self._accelerator.device
        zero = torch.zeros((), device=device)
        both = torch.stack(
            [torch.stack([self._sums.get(n, zero).float(), zero + self._rows.get(n, 0)]) for n in self._names]
        )
        if self._accelerator.num_processes > 1:
            both = self._accelerator.reduce(both, reduction="sum")
        for name, (value, rows) in zip(self._names, both.tolist(), strict=True):
            self._means[name].append(value / rows if rows else math.nan)
        self._sums, self._rows = {}, {}

    def record(self) -> Mapping[str, torch.Tensor]:
        """For the state of the run."""
        return {name: torch.tensor(means, dtype=torch.float64) for name, means in self._means.items() if means}

    def restore(self, record: Mapping[str, torch.Tensor]) -> None:
        """Goes on from what `record` gave."""
        self._means = {name: record[name].tolist() if name in record else [] for name in self._names}

    def curves(self) -> dict[str, list[float | None]]:
        """Loss → its mean over the rows of each step; None in steps that do not have it."""
        return {
            name: [None if math.isnan(mean) else float(f"{mean:.6g}") for mean in means]
            for name, means in self._means.items()
        }
