"""Named moments of a run at which whoever starts it may look on and record: `on_step` and `on_candidate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from xstilts.training.model import TransferModel
from xstilts.training.passes import Outputs


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step that has been made.

    Attributes:
        number: of the step, from 1.
        total: how many the plan has.
        task: whose examples it trained.
        loss: the mean over the units.
        outputs: what the micro-batches of all ranks gave in training, on the host; empty where it is not asked for.
    """

    number: int
    total: int
    task: str
    loss: float
    outputs: tuple[Outputs, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Weights that may be selected; the model is not in training mode.

    Attributes:
        step: after which step.
        score: on the dev rows.
    """

    step: int
    score: float
    model: TransferModel


class Moments:
    """What happens at the named moments of a run: nothing; who wants more overrides it.

    Attributes:
        wants_outputs: whether `on_step` is given what the heads made of each example.
    """

    wants_outputs: bool = False

    def on_step(self, step: Step) -> None:
        """After the update of the weights, before the state is saved."""

    def on_candidate(self, candidate: Candidate) -> None:
        """After the dev score is known."""

    def record(self) -> Mapping[str, torch.Tensor]:
        """What has been recorded so far: it is saved with the state of the run, and given back when that resumes."""
        return {}

    def restore(self, record: Mapping[str, torch.Tensor]) -> None:
        """Takes back what ``record`` gave."""
