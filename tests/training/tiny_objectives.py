"""What the seams of the loop allow: several backward passes, gradients of embeddings, decisions compared, recording."""

from __future__ import annotations

import torch

from xstilts.training.moments import Moments
from xstilts.training.objectives.objective import Objective


class Halves(Objective):
    """The plain loss in two backward passes under one dropout mask, as FreeLB takes its several."""

    title = "Half of the loss, twice"

    @property
    def passes(self) -> int:
        return 6

    def loss(self, model, batch, task):
        with model.same_dropout():
            first, units = model(self.given(model, batch), task)
            (first / 2).backward()
            second, _ = model(self.given(model, batch), task)
        return second / 2 + (first / 2).detach(), units

    def given(self, model, batch):
        return batch


class HalvesOnEmbeddings(Halves):
    """The same, the embeddings taken out and put back in."""

    def given(self, model, batch):
        embedded, _ = model.embedded(batch)
        return model.on(embedded + torch.zeros_like(embedded, requires_grad=True), batch)


class Looking(Objective):
    """Asks for a gradient of the embeddings, and then trains as if it had not."""

    title = "The plain loss, after a look at the embeddings' gradient"

    def loss(self, model, batch, task):
        with model.same_dropout():
            embedded, _ = model.embedded(batch)
            delta = torch.zeros_like(embedded, requires_grad=True)
            found, _ = model(model.on(embedded.detach() + delta, batch), task)
            (gradient,) = torch.autograd.grad(found, delta)
            assert gradient.abs().sum() > 0
            return model(batch, task)


class Consistent(Objective):
    """Adds the symmetric divergence between two forward passes, whose dropout differs."""

    title = "The loss and the divergence of two passes"
    reads_decisions = True
    weight: float = 1.0

    @property
    def passes(self) -> int:
        return 6

    def loss(self, model, batch, task):
        one, other = model.decisions(batch, task), model.decisions(batch, task)
        loss, units = one.loss()
        for (p, _), (q, _) in zip(one.parts, other.parts, strict=True):
            log_p, log_q = p.log_softmax(-1), q.log_softmax(-1)
            between = (log_p.exp() - log_q.exp()) * (log_p - log_q)
            loss = loss + self.weight * between.sum()
        return loss, units


class Dynamics(Moments):
    """The gold's probability of every example whenever it is trained on."""

    wants_outputs = True

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []
        self.candidates: list[tuple[int, float]] = []

    def on_step(self, step):
        for one in step.outputs:
            if one.decisions is None:
                continue
            examples = one.example[one.decisions.row].tolist()
            found = one.decisions.gold_probability().tolist()
            self.rows += [(step.number, example, p) for example, p in zip(examples, found, strict=True)]

    def on_candidate(self, candidate):
        assert not candidate.model.training
        self.candidates.append((candidate.step, candidate.score))

    def record(self):
        return {"rows": torch.tensor(self.rows, dtype=torch.float64)}

    def restore(self, record):
        self.rows = [tuple(row) for row in record["rows"].tolist()]
