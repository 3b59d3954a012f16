"""Which weights of a run are kept: the best on the dev rows, among candidates at even distances."""

from __future__ import annotations

import math

from xstilts.training import optimizer as adam
from xstilts.training.moments import Candidate
from xstilts.training.run import Run


def select(run: Run, step: int) -> bool:
    """Asks the dev score, keeps the best weights; True where patience has run out."""
    assert run.validate is not None
    run.model.eval()
    score = run.validate(run.model)
    run.moments.on_candidate(Candidate(step=step, score=score, model=run.model))
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


def keep_selected(run: Run) -> None:
    """Leaves the best weights in the model, where others came after them."""
    if run.done.dev and run.done.best_step != run.done.dev[-1][0]:
        run.state.load_best(run.weights)
        run.weights.decay = adam.shrunk(run.done.best_step, len(run.plan), run.recipe)
