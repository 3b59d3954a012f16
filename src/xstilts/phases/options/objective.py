"""The key ``objective`` of an arm or a target: which objective it trains under, with the objective's own options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from xstilts import registry
from xstilts.errors import ConfigError, UserError
from xstilts.phases.options.validation import problems, refuse, refuse_unknown, shown
from xstilts.training.objectives.choice import ROOM, chosen
from xstilts.training.objectives.objective import Objective


def _checked(given: object) -> object:
    """``fgm`` and ``{name: fgm}`` are the same; whatever else is given are options of that objective."""
    keys = {"name": given} if isinstance(given, str) else given
    if not isinstance(keys, Mapping):
        refuse(f"expected the name of an objective, or {{name: …}} with its options, not {shown(given)}")
    if "name" not in keys:
        refuse("key 'name' is missing: which objective")
    name, known = keys["name"], registry.names(ROOM)
    if not isinstance(name, str):
        refuse(f"expected text, not {shown(name)}", at=("name",))
    if name not in known:
        refuse_unknown("objective", name, known, at=("name",))
    objective: type[Objective] = registry.find(ROOM, name)
    options = {key: value for key, value in keys.items() if key != "name" and value is not None}
    for key in options:
        if key not in objective.model_fields:
            refuse_unknown("key", str(key), ("name", *objective.model_fields), at=(str(key),))
    try:
        objective(**options)
    except ValidationError as error:
        first = problems(error, options)[0]
        refuse(first.message, at=first.path)
    return {"name": name, **options}


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
    if isinstance(keys, str):
        keys = {"name": keys}
    if not isinstance(keys, Mapping) or not isinstance(keys.get("name"), str):
        return ""
    try:
        choice = chosen(keys)
    except (UserError, ValueError):
        return f"objective {keys['name']}, which is not installed here in that version"
    return choice.sentence() if choice else ""
