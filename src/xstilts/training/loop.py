"""The one training loop: every phase that trains comes through here.

The order of a step: draw the examples, sum the loss over micro-batches, divide by the units of the step over all
ranks, clip, update. Everything random is a function of (seed, step), so a run that is killed and resumed gives the
same numbers as one that is not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from accelerate import Accelerator

from xstilts.engine import memory
from xstilts.engine.encoding import Updated
from xstilts.engine.row_embedding import Reach
from xstilts.heads.head import Vocabulary
from xstilts.training import optimizer as adam
from xstilts.training.model import TransferModel
from xstilts.training.moments import Moments, Step
from xstilts.training.passes import gathered
from xstilts.training.recipe import Recipe
from xstilts.training.run import Run, Trained
from xstilts.training.selection import keep_selected, select
from xstilts.training.state import TrainingState
from xstilts.training.steps import Ahead, Batching, Drawn, accumulate
from xstilts.training.streams import Plan, Stream, plan_steps, plan_streams

__all__ = ["Plan", "Reports", "Stream", "Trained", "plan_steps", "plan_streams", "train"]


class Reports(Protocol):
    """Where the loop says how far it is."""

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Called after every step; ``tokens`` counts from the start of the run."""
        ...


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
    moments: Moments | None = None,
    whole_vocabulary: bool = False,
) -> Trained:
    """Trains ``model`` in place and leaves the selected weights in it.

    Args:
        validate: gives the dev score of the present weights (higher is better). It is asked every
            ``recipe.select_every`` epochs, and only where there is more than one candidate to select from.
        moments: looks on, and may record what the model makes of its examples.
        whole_vocabulary: trains all rows of the input embedding though the data cannot reach them; the same
            optimisation, slower.

    Raises:
        FloatingPointError: the loss or its gradient is not finite.
    """
    model.to(accelerator.device)
    batching = Batching(
        streams=streams,
        plan=plan,
        recipe=recipe,
        seed=seed,
        vocabulary=vocabulary,
        pad_id=pad_id,
        layout=model.engine.layout(model.encoder),
        accelerator=accelerator,
    )
    with Ahead(batching) as ahead, _weights(model, batching, whole_vocabulary=whole_vocabulary) as weights:
        run = _begun(model, weights, batching, state, validate, moments or Moments())
        first = _resume(run)
        began = time.monotonic() - run.done.earlier
        model.train()
        for step in range(first, len(plan)):
            _step(run, ahead.draw(step), step)
            report.update(phase, step + 1, len(plan), tokens=run.done.tokens, message=run.done.last())
            if step + 1 in run.candidates and select(run, step + 1):
                run.done.steps = step + 1
                break
            if state.due() and accelerator.is_main_process:
                _save(run, step + 1, seconds=time.monotonic() - began)
        keep_selected(run)
        _release(run)
    return run.done


def _weights(model: TransferModel, batching: Batching, *, whole_vocabulary: bool) -> AbstractContextManager[Updated]:
    """What the model trains: of its vocabulary the rows that the data can reach."""
    vocabulary = batching.vocabulary
    reach = Reach(
        used=[stream.rows.ragged["input_ids"][0] for stream in batching.streams],
        special=frozenset({batching.pad_id, vocabulary.mask_id, *vocabulary.special_ids}),
        language_model=any(head.language_model for head in model.heads.values()),
        row_wise=adam.row_wise(adam.OPTIMIZER),
        whole=whole_vocabulary,
    )
    dtype = torch.bfloat16 if batching.accelerator.mixed_precision == "bf16" else torch.float32
    return model.engine.training(model, reach, dtype)


def _begun(
    model: TransferModel,
    weights: Updated,
    batching: Batching,
    state: TrainingState,
    validate: Callable[[TransferModel], float] | None,
    moments: Moments,
) -> Run:
    """A run before its first step."""
    return Run(
        model=model,
        weights=weights,
        optimizer=adam.build(weights, batching.recipe, fused=model.engine.fused),
        batching=batching,
        state=state,
        validate=validate,
        moments=moments,
        done=Trained(steps=len(batching.plan), tokens=0, vocabulary=weights.vocabulary),
    )


def _step(run: Run, drawn: Drawn, step: int) -> None:
    """One update of the weights."""
    batching = run.batching
    run.weights.begin()
    summed = accumulate(run.model, drawn, step, batching, records=run.moments.wants_outputs)
    totals = summed.totals
    if not drawn.share:
        run.weights.forget()
    units = totals[1].clamp_min(1.0)
    gradients = run.weights.gather(batching.accelerator)
    rate = run.recipe.learning_rate * adam.factor(step, len(run.plan), run.recipe.warmup)
    norm = adam.apply(
        run.weights, run.optimizer, units=units, clip=run.recipe.clip, learning_rate=rate, gradients=gradients
    )
    run.weights.decay *= 1.0 - rate * run.recipe.weight_decay
    run.weights.cast()
    # The one time that a step waits for its device.
    means = torch.cat([totals[:1], totals[4:]]) / units
    loss, _, tokens, padding, size, mean, *parts = torch.cat([totals[:4], norm[None], means]).tolist()
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss is not finite at step {step + 1}")
    if not math.isfinite(size):
        raise FloatingPointError(f"a gradient is not finite at step {step + 1}")
    run.done.add(mean, dict(zip(summed.noted, parts, strict=True)))
    run.done.tokens += int(tokens)
    run.done.padding += int(padding)
    seen = gathered(summed.outputs, batching.accelerator) if run.moments.wants_outputs else ()
    run.moments.on_step(Step(number=step + 1, total=len(run.plan), task=drawn.task, loss=mean, outputs=seen))


def _release(run: Run) -> None:
    """Gives back what only training needs, before the whole vocabulary is written: the two never lie side by side."""
    run.optimizer.state.clear()
    run.weights.release()
    memory.give_back()


def _save(run: Run, step: int, *, seconds: float) -> None:
    """Saves the state after a step, so many seconds after the run began."""
    scalars = {"step": step, "seconds": seconds, "done": run.done.saved()}
    run.state.save(run.weights, run.optimizer, scalars, record=run.moments.record())


def _resume(run: Run) -> int:
    """Restores a saved state; the number of steps already done."""
    saved = run.state.restore(run.weights, run.optimizer)
    if saved is None:
        return 0
    step = int(saved.scalars["step"])
    run.done.resume(saved.scalars["done"], seconds=float(saved.scalars["seconds"]))
    run.moments.restore(saved.record)
    run.weights.decay = adam.shrunk(step, len(run.plan), run.recipe)
    run.weights.cast()
    return step
