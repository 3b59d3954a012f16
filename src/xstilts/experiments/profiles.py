"""``profile: tiny``: the same graph with a tiny model and budget, to see an experiment whole before paying for it."""

from __future__ import annotations

from xstilts.experiments.schema import Experiment

TRAIN, EVAL, TOKENS, STEPS = 64, 20, 20_000, 8


def with_profile(experiment: Experiment) -> Experiment:
    """The experiment under its profile: itself where it has none."""
    if experiment.profile is None:
        return experiment
    limits = dict.fromkeys(experiment.budget.max_train_examples or {}, TRAIN)
    changes = {
        "model": "scratch:tiny" if experiment.model.startswith("scratch:") else experiment.model,
        "recipe": experiment.recipe.model_copy(update={"max_steps": STEPS, "epochs": 1.0}),
        "budget": experiment.budget.model_copy(
            update={"max_train_examples": {"default": TRAIN, **limits}, "max_eval_examples": EVAL}
        ),
    }
    if experiment.pretraining is not None:
        tokens = min(TOKENS, experiment.pretraining.max_tokens)
        changes["pretraining"] = experiment.pretraining.model_copy(update={"max_tokens": tokens})
    tiny = experiment.model_copy(update=changes)
    return tiny.beside(experiment.folder) if experiment.folder is not None else tiny
