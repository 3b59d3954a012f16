"""xstilts: which intermediate training helps my target languages, by how much, and is it real?

The Python API is that of the command line: `Experiment(...).run()`, `load_experiment`, `load_run`, `Task`,
`load_checkpoint`, `claims`, `predictor_scores`, `predictor_regret`, `recommend`, `search`. Names are imported when they
are first used, so that ``import xstilts`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xstilts.experiments.loading import load_experiment as load_experiment
    from xstilts.experiments.schema import Experiment as Experiment
    from xstilts.runs.claims import claims as claims
    from xstilts.runs.predictors import predictor_regret as predictor_regret
    from xstilts.runs.predictors import predictor_scores as predictor_scores
    from xstilts.runs.recommending import recommend as recommend
    from xstilts.runs.running import RunResult as RunResult
    from xstilts.runs.running import load_run as load_run
    from xstilts.runs.running import run as run
    from xstilts.runs.searching import search as search
    from xstilts.tasks.task import Task as Task
    from xstilts.training.checkpoint import load_checkpoint as load_checkpoint

__version__ = "0.1.0.dev0"
__all__ = [
    "Experiment",
    "RunResult",
    "Task",
    "__version__",
    "claims",
    "load_checkpoint",
    "load_experiment",
    "load_run",
    "predictor_regret",
    "predictor_scores",
    "recommend",
    "run",
    "search",
]

_HOMES = {
    "Experiment": "xstilts.experiments.schema",
    "RunResult": "xstilts.runs.running",
    "Task": "xstilts.tasks.task",
    "claims": "xstilts.runs.claims",
    "load_checkpoint": "xstilts.training.checkpoint",
    "load_experiment": "xstilts.experiments.loading",
    "load_run": "xstilts.runs.running",
    "predictor_regret": "xstilts.runs.predictors",
    "predictor_scores": "xstilts.runs.predictors",
    "recommend": "xstilts.runs.recommending",
    "run": "xstilts.runs.running",
    "search": "xstilts.runs.searching",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 – whatever the name stands for
    if name not in _HOMES:
        raise AttributeError(f"module 'xstilts' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
