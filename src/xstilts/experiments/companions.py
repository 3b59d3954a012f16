"""Arms that are run with others for comparison: they are part of an experiment though its file does not name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from xstilts.phases.options.arm import Arm
from xstilts.phases.options.validation import Path, refuse

_Experiment = TypeVar("_Experiment", bound=BaseModel)


def accompanied(experiment: _Experiment) -> _Experiment:
    """The experiment with every companion of its arms, behind the arms that its file names."""
    arms: tuple[Arm, ...] = experiment.intermediate  # type: ignore[attr-defined]
    named = {arm.name for arm in arms}
    more = tuple(one for arm in arms for one in arm.companions() if one.name not in named)
    if not more:
        return experiment
    whole = experiment.model_copy(update={"intermediate": (*arms, *more)})
    folder = experiment.folder  # type: ignore[attr-defined]
    return whole.beside(folder) if folder is not None else whole  # type: ignore[attr-defined]


def check_companions(arms: Sequence[Arm], at: Path) -> tuple[str, ...]:
    """Ends a validator where an arm has a companion's name and is another one; gives the names of all arms."""
    named = {arm.name: (index, arm) for index, arm in enumerate(arms)}
    for arm in arms:
        for one in arm.companions():
            index, other = named.get(one.name, (0, one))
            if other != one:
                refuse(f"{one.name!r} is the arm that accompanies {arm.name}", at=(*at, index, "name"))
            named.setdefault(one.name, (-1, one))
    return tuple(named)


def pairs(arms: Sequence[Arm]) -> tuple[tuple[str, str], ...]:
    """Every arm with each of its companions, by name."""
    return tuple((arm.name, one.name) for arm in arms for one in arm.companions())
