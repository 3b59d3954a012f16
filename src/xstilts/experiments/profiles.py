"""``profile: tiny``: the same graph with a tiny model and budget, to see an experiment whole before paying for it.

`xstilts.experiments.tiny_data` then leaves out what has no data here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from xstilts.experiments.arms import Arm, Target
from xstilts.experiments.schema import Experiment
from xstilts.models.architecture import architecture_named
from xstilts.models.reference import resolve
from xstilts.phases.options.recipe import RecipeSettings

TRAIN, EVAL, TOKENS, STEPS, EPOCHS = 64, 20, 20_000, 8, 1.0

_Own = TypeVar("_Own", Arm, Target)


def with_profile(experiment: Experiment) -> Experiment:
    """The experiment under its profile: itself where it has none. Nothing gets larger than it was."""
    if experiment.profile is None:
        return experiment
    budget, folder = experiment.budget, experiment.folder
    model = _tiny(experiment.model, folder)
    keep_rate = _same_family(experiment.model, model, folder)
    limits = {name: _least(limit, TRAIN) for name, limit in (budget.max_train_examples or {}).items()}
    changes: dict[str, Any] = {
        "model": model,
        "intermediate": tuple(_small(arm.tiny(), keep_rate=keep_rate) for arm in experiment.intermediate),
        "targets": tuple(
            _small(target, keep_rate=keep_rate).model_copy(update=_layers(target, model, folder))
            for target in experiment.targets
        ),
        "recipe": experiment.recipe.model_copy(
            update={
                "max_steps": _least(experiment.recipe.max_steps, STEPS),
                "epochs": _least(experiment.recipe.epochs, EPOCHS),
                "learning_rate": experiment.recipe.learning_rate if keep_rate else None,
            }
        ),
        "budget": budget.model_copy(
            update={
                "max_train_examples": {"default": TRAIN, **limits},
                "max_eval_examples": _least(budget.max_eval_examples, EVAL),
            }
        ),
    }
    if experiment.predictors is not None:
        changes["predictors"] = experiment.predictors.tiny(examples=TRAIN, steps=STEPS)
    if experiment.pretraining is not None:
        changes["pretraining"] = experiment.pretraining.tiny(tokens=TOKENS, new_model=model != experiment.model)
    tiny = experiment.model_copy(update=changes)
    return tiny.beside(experiment.folder) if experiment.folder is not None else tiny


def _tiny(model: str, folder: Path | None) -> str:
    """The smallest model from scratch of the same architecture, if it has one; what is in a folder here stays."""
    reference = resolve(model, beside=folder)
    if reference.directory is not None:
        return model
    return architecture_named(reference.described.architecture).smallest or model


def _same_family(model: str, tiny: str, folder: Path | None) -> bool:
    """Whether a learning rate that was given holds for the tiny model: a published model's teaches it nothing."""
    return resolve(model, beside=folder).family == resolve(tiny, beside=folder).family


def _layers(target: Target, model: str, folder: Path | None) -> dict[str, Any]:
    """The layer of a retrieval task, where the tiny model has fewer."""
    shape = resolve(model, beside=folder).shape
    return {"layer": target.layer and min(target.layer, shape.layers)} if shape else {}


def _small(one: _Own, *, keep_rate: bool) -> _Own:
    """An arm or a target whose own recipe and budget, which go over the experiment's, stay within the profile."""
    budget, recipe = one.budget, one.recipe
    limits = {
        "max_train_examples": budget.max_train_examples and min(budget.max_train_examples, TRAIN),
        "max_eval_examples": budget.max_eval_examples and min(budget.max_eval_examples, EVAL),
    }
    return one.model_copy(
        update={
            "budget": budget.model_copy(update=limits),
            "recipe": recipe.model_copy(update=_steps(recipe, keep_rate=keep_rate)),
        }
    )


def _steps(recipe: RecipeSettings, *, keep_rate: bool) -> dict[str, Any]:
    return {
        "max_steps": recipe.max_steps and min(recipe.max_steps, STEPS),
        "epochs": recipe.epochs and min(recipe.epochs, EPOCHS),
        "learning_rate": recipe.learning_rate if keep_rate else None,
    }


def _least(given: float | None, most: float) -> float:
    return most if given is None else min(given, most)
