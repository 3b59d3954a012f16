"""The one training loop: every phase that trains comes through here.

The order of a step: draw the examples, sum the loss over micro-batches, divide by the units of the step over all
ranks, clip, update. Everything random is a function of (seed, step), so a run that is killed and resumed gives the
same numbers as one that is not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from accelerate import Accelerator

from xstilts.engine import memory
from xstilts.engine.encoding import Updated
from xstilts.engine.row_embedding import Reach
from xstilts.heads.head import Vocabulary
from xstilts.training import optimizer as adam
from xstilts.training.model import TransferModel
from xstilts.training.recipe import Recipe
from xstilts.training.state import TrainingState
from xstilts.training.steps import Ahead, Batching, Drawn, accumulate
from xstilts.training.streams import Plan, Stream, plan_steps, plan_streams

__all__ = ["Plan", "Reports", "Stream", "Trained", "plan_steps", "plan_streams", "train"]


class Reports(Protocol):
    """Where the loop says how far it is."""

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Called after every step; ``tokens`` counts from the start of the run."""
        ...


@dataclass(kw_only=True)
class Trained:
    """What a run of the loop found; the weights are in the model.

    Attributes:
        padding: tokens computed beyond the real ones.
        vocabulary: rows of the input embedding that were trained, and of how many; why all, where it was all.
        earlier: seconds spent by earlier calls that were interrupted.
    """

    steps: int
    tokens: int
    losses: list[float] = field(default_factory=list)
    dev: list[tuple[int, float]] = field(default_factory=list)
    best_step: int = 0
    padding: int = 0
    vocabulary: dict[str, Any] = field(default_factory=dict)
    earlier: float = field(default=0.0, compare=False)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What the steps of one run share."""

    model: TransferModel
    weights: Updated
    optimizer: torch.optim.Optimizer
    plan: Plan
    recipe: Recipe
    state: TrainingState
    validate: Callable[[TransferModel], float] | None
    candidates: frozenset[int]
    done: Trained


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
    whole_vocabulary: bool = False,
) -> Trained:
    """Trains ``model`` in place and leaves the selected weights in it.

    Args:
        validate: gives the dev score of the present weights (higher is better). It is asked every
            ``recipe.select_every`` epochs, and only where there is more than one candidate to select from.
        whole_vocabulary: trains all rows of the input embedding though the data cannot reach them; the same
            optimisation, slower.

    Raises:
        FloatingPointError: the loss or its gradient is not finite.
    """
    model.to(accelerator.device)
    reach = Reach(
        used=[stream.rows.ragged["input_ids"][0] for stream in streams],
        special=frozenset({pad_id, vocabulary.mask_id, *vocabulary.special_ids}),
        language_model=any(head.kind == "masked_lm" for head in model.heads.values()),
        row_wise=adam.row_wise(adam.OPTIMIZER),
        whole=whole_vocabulary,
    )
    batching = Batching(
        streams=streams,
        plan=plan,
        recipe=recipe,
        seed=seed,
        vocabulary=vocabulary,
        pad_id=pad_id,
        packed=model.engine.packs(model.encoder),
        accelerator=accelerator,
    )
    with ExitStack() as stack:
        ahead = stack.enter_context(Ahead(batching))
        dtype = torch.bfloat16 if accelerator.mixed_precision == "bf16" else torch.float32
        weights = stack.enter_context(model.engine.training(model, reach, dtype))
        run = _Run(
            model=model,
            weights=weights,
            optimizer=adam.build(weights, recipe, fused=model.engine.fused),
            plan=plan,
            recipe=recipe,
            state=state,
            validate=validate,
            candidates=_candidates(len(plan), streams, recipe) if validate else frozenset(),
            done=Trained(steps=len(plan), tokens=0, vocabulary=weights.vocabulary),
        )
        first = _resume(run)
        began = time.monotonic() - run.done.earlier
        model.train()
        for step in range(first, len(plan)):
            _step(run, ahead.draw(step), step, batching)
            message = f"loss {run.done.losses[-1]:.3f}"
            report.update(phase, step + 1, len(plan), tokens=run.done.tokens, message=message)
            if step + 1 in run.candidates and _select(run, step + 1):
                run.done.steps = step + 1
                break
            if state.due() and accelerator.is_main_process:
                seconds = time.monotonic() - began
                state.save(weights, run.optimizer, {"step": step + 1, "seconds": seconds, "done": _scalars(run.done)})
        _keep_selected(run)
        _release(run)
    return run.done


def _step(run: _Run, drawn: Drawn, step: int, batching: Batching) -> None:
    """One update of the weights."""
    run.weights.begin()
    totals = accumulate(run.model, drawn, step, batching)
    units = totals[1].clamp_min(1.0)
    gradients = run.weights.gather(batching.accelerator)
    rate = run.recipe.learning_rate * adam.factor(step, len(run.plan), run.recipe.warmup)
    norm = adam.apply(
        run.weights, run.optimizer, units=units, clip=run.recipe.clip, learning_rate=rate, gradients=gradients
    )
    run.weights.decay *= 1.0 - rate * run.recipe.weight_decay
    run.weights.cast()
    # The one time that a step waits for its device.
    loss, _, tokens, padding, mean, size = torch.cat([totals, torch.stack([totals[0] / units, norm])]).tolist()
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss is not finite at step {step + 1}")
    if not math.isfinite(size):
        raise FloatingPointError(f"a gradient is not finite at step {step + 1}")
    run.done.losses.append(mean)
    run.done.tokens += int(tokens)
    run.done.padding += int(padding)


def _candidates(steps: int, streams: Sequence[Stream], recipe: Recipe) -> frozenset[int]:
    """The steps after which the dev score is asked; none where there is but one candidate."""
    every = max(1, round(steps / max(recipe.epochs, 1e-9) * recipe.select_every))
    found = {*range(every, steps, every), steps}
    return frozenset(found) if len(found) > 1 else frozenset()


def _select(run: _Run, step: int) -> bool:
    """Asks the dev score, keeps the best weights; True where patience has run out."""
    assert run.validate is not None
    run.model.eval()
    score = run.validate(run.model)
    run.model.train()
    done = run.done
    # A score may be NaN (no dev row has a gold): it is never better than another, but the first candidate is kept.
    best = max((value for _, value in done.dev if not math.isnan(value)), default=-math.inf)
    done.dev.append((step, score))
    if score > best or not done.best_step:
        done.best_step = step
        run.state.keep_best(run.weights)
    since = sum(1 for at, _ in done.dev if at > done.best_step)
    return run.recipe.patience is not None and since >= run.recipe.patience


def _keep_selected(run: _Run) -> None:
    """Leaves the best weights in the model, where others came after them."""
    if run.done.dev and run.done.best_step != run.done.dev[-1][0]:
        run.state.load_best(run.weights)
        run.weights.decay = adam.shrunk(run.done.best_step, len(run.plan), run.recipe)


def _release(run: _Run) -> None:
    """Gives back what only training needs, before the whole vocabulary is written: the two never lie side by side."""
    run.optimizer.state.clear()
    run.weights.release()
    memory.give_back()


def _scalars(done: Trained) -> dict[str, Any]:
    return {name: getattr(done, name) for name in ("tokens", "losses", "dev", "best_step", "padding")}


def _resume(run: _Run) -> int:
    """Restores a saved state; the number of steps already done."""
    saved = run.state.restore(run.weights, run.optimizer)
    if saved is None:
        return 0
    kept, done = saved["done"], run.done
    done.earlier = float(saved["seconds"])
    done.tokens, done.losses, done.best_step, done.padding = (
        kept[name] for name in ("tokens", "losses", "best_step", "padding")
    )
    done.dev = [(int(at), float(score)) for at, score in kept["dev"]]
    run.weights.decay = adam.shrunk(int(saved["step"]), len(run.plan), run.recipe)
    run.weights.cast()
    return int(saved["step"])
