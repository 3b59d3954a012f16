"""The key ``objective`` of an arm or a target: which objective it trains under, with the objective's own options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from xstilts import registry
from xstilts.errors import ConfigError, UserError
from xstilts.phases.options.named import checked_name, recorded_name
from xstilts.training.objectives.choice import ROOM, chosen
from xstilts.training.objectives.objective import Objective


def _options(name: str) -> type[Objective]:
    found: type[Objective] = registry.find(ROOM, name)
    return found


def _checked(given: object) -> object:
    """``fgm`` and ``{name: fgm}`` are the same; whatever else is given are options of that objective."""
    return checked_name(given, "objective", registry.names(ROOM), _options)


ObjectiveKeys = Annotated[dict[str, Any], BeforeValidator(_checked)]
"""The name of an objective and the options that are given."""


def check_objective(
    keys: Mapping[str, Any] | None, architecture: str, kinds: Sequence[str], *, where: str, whose: str
) -> None:
    """Refuses an objective that is not defined for what it is to train.

    Args:
        keys: what the arm or target says.
        architecture: of the model.
        kinds: of the tasks that it trains on.
        where: the key path of the arm or target.
        whose: what it is called.

    Raises:
        ConfigError: it is not defined for one of these kinds on such models, or nothing is trained.
    """
    choice = chosen(keys)
    if choice is None:
        return
    if not kinds:
        raise ConfigError(f"{whose} trains nothing, with no objective", where=f"{where}.objective", hint="leave it out")
    for kind in kinds:
        if why := choice.objective.why_not(architecture, registry.find(f"heads.{architecture}", kind)):
            raise ConfigError(
                f"{choice.name} {why}", where=f"{where}.objective", hint="leave it out for the plain loss"
            )


def objective_note(keys: Mapping[str, Any] | None, precisions: Sequence[str], *, whose: str) -> tuple[str, ...]:
    """What of an objective is lost in the precision of its trainings: a line for the plan, or none."""
    choice = chosen(keys)
    if choice is None:
        return ()
    lost = dict.fromkeys(filter(None, map(choice.objective.lost_in, precisions)))
    return tuple(f"{whose}: {choice.name}: {one}" for one in lost)


def objective_sentence(keys: object) -> str:
    """The objective of an arm or target of a finished run, in words; its record may be of a plug-in's that is gone."""
    named = recorded_name(keys)
    if named is None:
        return ""
    try:
        choice = chosen(named)
    except (UserError, ValueError):
        return f"objective {named['name']}, which is not installed here in that version"
    return choice.sentence() if choice else ""
