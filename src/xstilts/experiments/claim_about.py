"""Whether a run has the model and the scale that a claim is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xstilts import registry
from xstilts.errors import XstiltsError
from xstilts.experiments.claim import Claim
from xstilts.experiments.schema import Experiment
from xstilts.models.reference import resolve
from xstilts.phases.options.wording import counted


def departures(claim: Claim, experiment: Experiment, stand_ins: Sequence[str] = ()) -> tuple[str, ...]:
    """In what a run is not what the claim is about, each as a phrase; empty where it is.

    Args:
        claim: that is judged.
        experiment: of the run.
        stand_ins: what the run's data were replaced by, in words.
    """
    about = claim.about
    found = []
    if about.models and experiment.model not in _spellings(about.models):
        found.append(f"the model is {experiment.model}, not {' or '.join(about.models)}")
    if about.families and _family(experiment.model) not in about.families:
        titles = [registry.find("models", name).title for name in about.families]
        found.append(f"the model is {experiment.model}, not of {' or '.join(titles)}")
    if about.whole_sets:
        limit = _limit(experiment)
        if experiment.profile is not None:
            found.append(f"the profile is {experiment.profile}")
        elif limit is not None:
            found.append(f"trainings have at most {counted(limit, 'example')}, not whole sets")
        if stand_ins:
            found.append(f"stand-ins of the run: {', '.join(stand_ins)}")
    return tuple(found)


def _spellings(models: Iterable[str]) -> set[str]:
    """A checkpoint by its name here and by its name on the hub."""
    found = set(models)
    for name in models:
        family, colon, checkpoint = name.partition(":")
        known = registry.find("models", family).checkpoints.get(checkpoint) if colon else None
        if known is not None and known.repository:
            found.add(known.repository)
    return found


def _family(model: str) -> str:
    try:
        return resolve(model).family
    except XstiltsError:  # a folder that is no more
        return ""


def _limit(experiment: Experiment) -> int | None:
    """The largest limit on training examples; None: there is none."""
    limits = [limit for limit in (experiment.budget.max_train_examples or {}).values() if limit is not None]
    own = [*(arm.budget for arm in experiment.intermediate), *(target.budget for target in experiment.targets)]
    limits += [budget.max_train_examples for budget in own if budget.max_train_examples is not None]
    return max(limits, default=None)
