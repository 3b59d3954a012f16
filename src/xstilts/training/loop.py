"""The one training loop: every phase that trains comes through here.

The order of a step: draw the examples, sum the loss over micro-batches, divide by the units of the step over all
ranks, clip, update. Everything random is a function of (seed, step), so a run that is killed and resumed gives the
same numbers as one that is not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from xstilts.heads.head import Head, Vocabulary
from xstilts.heads.rows import Rows
from xstilts.training import optimizer as adam
from xstilts.training import sampling
from xstilts.training.batches import collate, micro_batches, to_tensors
from xstilts.training.model import TransferModel
from xstilts.training.placement import seed_step
from xstilts.training.recipe import Recipe
from xstilts.training.state import TrainingState


class Reports(Protocol):
    """Where the loop says how far it is."""

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Called after every step; ``tokens`` counts from the start of the run."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One task's training rows."""

    task: str
    head: Head
    rows: Rows
    seed: int
    batch_size: int

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each example's rows start [E + 1]."""
        return self.rows.of_examples()

    @cached_property
    def sampler(self) -> sampling.ExampleSampler:
        """Draws batches of examples."""
        longest = np.maximum.reduceat(self.rows.lengths, self.starts[:-1])
        return sampling.ExampleSampler(longest, batch_size=self.batch_size, seed=self.seed)

    def batch(self, index: int) -> list[NDArray[np.int64]]:
        """The rows of each example of the batch with this index."""
        return [np.arange(self.starts[e], self.starts[e + 1]) for e in self.sampler.batch(index)]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which task and which of its batches each step trains."""

    tasks: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tasks)


@dataclass(kw_only=True)
class Trained:
    """What a run of the loop found; the weights are in the model."""

    steps: int
    tokens: int
    losses: list[float] = field(default_factory=list)
    dev: list[tuple[int, float]] = field(default_factory=list)
    best_step: int = 0
    earlier: float = field(default=0.0, compare=False)
    """Seconds spent by earlier calls that were interrupted."""


def plan_steps(
    streams: Sequence[Stream],
    recipe: Recipe,
    *,
    seed: int,
    mixing: str = "proportional",
    cap: int | None = None,
    temperature: float = 1.0,
) -> Plan:
    """The steps of a run: the epochs of one task, or of a mixture of several (``cap`` examples of each an epoch)."""
    sizes = [len(stream.starts) - 1 for stream in streams]
    if len(streams) == 1:
        steps = math.ceil(streams[0].sampler.batches_per_epoch * recipe.epochs)
    else:
        steps = math.ceil(sum(min(n, cap) if cap else n for n in sizes) * recipe.epochs / recipe.batch_size)
    steps = max(1, min(steps, recipe.max_steps or steps))
    shares = sampling.mixture(sizes, method=mixing, cap=cap, temperature=temperature)
    tasks, positions = sampling.schedule(shares, steps, seed=seed)
    return Plan(tasks=tasks, positions=positions)


def plan_streams(streams: Sequence[Stream], recipe: Recipe, *, seed: int) -> Plan:
    """The epochs of every stream, each batch once an epoch, in a drawn order: objectives trained side by side."""
    counts = np.array([math.ceil(stream.sampler.batches_per_epoch * recipe.epochs) for stream in streams])
    steps = int(max(1, min(counts.sum(), recipe.max_steps or counts.sum())))
    tasks, positions = sampling.schedule(counts / counts.sum(), steps, seed=seed)
    return Plan(tasks=tasks, positions=positions)


def train(
    model: TransferModel,
    streams: Sequence[Stream],
    plan: Plan,
    recipe: Recipe,
    *,
    seed: int,
    vocabulary: Vocabulary,
    pad_id: int,
    accelerator: Accelerator,
    state: TrainingState,
    report: Reports,
    phase: str,
    validate: Callable[[TransferModel], float] | None = None,
) -> Trained:
    """Trains ``model`` in place and leaves the selected weights in it.

    Args:
        validate: gives the dev score of the present weights (higher is better). It is asked every
            ``recipe.select_every`` epochs, and only where there is more than one candidate to select from.

    Raises:
        FloatingPointError: the loss or its gradient is not finite.
    """
    model.to(accelerator.device)
    wrapped = accelerator.prepare_model(model)
    optimizer = adam.build(model, recipe)
    candidates = _candidates(len(plan), streams, recipe) if validate else frozenset()
    done = Trained(steps=len(plan), tokens=0)
    first = _resume(state, model, optimizer, done)
    began = time.monotonic() - done.earlier
    model.train()
    for step in range(first, len(plan)):
        stream = streams[int(plan.tasks[step])]
        loss, tokens = _accumulate(
            wrapped, stream, int(plan.positions[step]), step, recipe, seed, vocabulary, pad_id, accelerator
        )
        rate = recipe.learning_rate * adam.factor(step, len(plan), recipe.warmup)
        units = loss[1] / accelerator.num_processes  # gradients arrive averaged over the ranks
        adam.apply(model, optimizer, units=units, clip=recipe.clip, learning_rate=rate)
        # None, not zero: a head that a step does not train must not decay in it.
        optimizer.zero_grad(set_to_none=True)
        done.losses.append(loss[0] / loss[1])
        done.tokens += tokens
        report.update(phase, step + 1, len(plan), tokens=done.tokens, message=f"loss {done.losses[-1]:.3f}")
        if step + 1 in candidates and validate and _select(model, validate, done, step + 1, state, recipe):
            done.steps = step + 1
            break
        if state.due() and accelerator.is_main_process:
            state.save(
                model, optimizer, {"step": step + 1, "seconds": time.monotonic() - began, "done": _scalars(done)}
            )
    if done.dev and done.best_step != done.dev[-1][0]:
        state.load_best(model)
    return done


def _accumulate(
    wrapped: Any,  # noqa: ANN401 – the model, or what Accelerate wraps it in
    stream: Stream,
    position: int,
    step: int,
    recipe: Recipe,
    seed: int,
    vocabulary: Vocabulary,
    pad_id: int,
    accelerator: Accelerator,
) -> tuple[tuple[float, float], int]:
    """Gradients of one step's summed loss; ((loss, units) over all ranks, tokens of all ranks)."""
    rank, ranks = accelerator.process_index, accelerator.num_processes
    whole = stream.batch(position)
    groups = whole[rank::ranks]
    # An epoch's last batch may have fewer examples than there are ranks: a rank without any still takes part in the
    # exchange of gradients, with a share of zero.
    share = 1.0 if groups else 0.0
    groups = groups or whole[:1]
    seed_step(seed, step, rank)
    rng = np.random.default_rng([seed, step, rank])
    totals = torch.zeros(3, dtype=torch.float64, device=accelerator.device)
    parts = list(micro_batches(groups, stream.rows.lengths, tokens=recipe.micro_batch_tokens))
    for index, chosen in enumerate(parts):
        arrays = collate(stream.rows, chosen, pad_id=pad_id, padding=stream.head.ragged)
        batch = to_tensors(stream.head.prepare(arrays, rng=rng, vocabulary=vocabulary), accelerator.device)
        with _synchronised(wrapped, accelerator, last=index + 1 == len(parts)), accelerator.autocast():
            loss, units = wrapped(batch, stream.task)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss is not finite at step {step + 1}")
        (loss * share).backward()
        sums = [loss.detach().double(), units.double(), batch["attention_mask"].sum().double()]
        totals += share * torch.stack(sums)
    if ranks > 1:
        totals = accelerator.reduce(totals, reduction="sum")
    loss_sum, units_sum, tokens = (float(value) for value in totals)
    return (loss_sum, max(units_sum, 1.0)), int(tokens)


def _synchronised(wrapped: Any, accelerator: Accelerator, *, last: bool) -> Any:  # noqa: ANN401
    """Ranks exchange gradients once per step, in its last micro-batch."""
    from contextlib import nullcontext

    return nullcontext() if last or accelerator.num_processes == 1 else accelerator.no_sync(wrapped)


def _candidates(steps: int, streams: Sequence[Stream], recipe: Recipe) -> frozenset[int]:
    """The steps after which the dev score is asked; none where there is but one candidate."""
    every = max(1, round(steps / max(recipe.epochs, 1e-9) * recipe.select_every))
    found = {*range(every, steps, every), steps}
    return frozenset(found) if len(found) > 1 else frozenset()


def _select(
    model: TransferModel,
    validate: Callable[[TransferModel], float],
    done: Trained,
    step: int,
    state: TrainingState,
    recipe: Recipe,
) -> bool:
    """Asks the dev score, keeps the best weights; True where patience has run out."""
    model.eval()
    score = validate(model)
    model.train()
    # A score may be NaN (no dev row has a gold): it is never better than another, but the first candidate is kept.
    best = max((value for _, value in done.dev if not math.isnan(value)), default=-math.inf)
    done.dev.append((step, score))
    if score > best or not done.best_step:
        done.best_step = step
        state.keep_best(model)
    since = sum(1 for at, _ in done.dev if at > done.best_step)
    return recipe.patience is not None and since >= recipe.patience


def _scalars(done: Trained) -> dict[str, Any]:
    return {"tokens": done.tokens, "losses": done.losses, "dev": done.dev, "best_step": done.best_step}


def _resume(state: TrainingState, model: TransferModel, optimizer: torch.optim.Optimizer, done: Trained) -> int:
    """Restores a saved state; the number of steps already done."""
    saved = state.restore(model, optimizer)
    if saved is None:
        return 0
    kept, done.earlier = saved["done"], float(saved["seconds"])
    done.tokens, done.losses, done.best_step = kept["tokens"], kept["losses"], kept["best_step"]
    done.dev = [(int(at), float(score)) for at, score in kept["dev"]]
    return int(saved["step"])
