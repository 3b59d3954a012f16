"""Finds phases by the kind of their nodes, methods by their name, and what an experiment's keys mean by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ModelWrapValidatorHandler, SerializeAsAny, WrapValidator
from pydantic.fields import FieldInfo

from xstilts import registry
from xstilts.errors import UnknownName
from xstilts.phases.options import pretraining
from xstilts.phases.options.arm import DEFAULT_METHOD, Arm
from xstilts.phases.options.pretraining import Pretraining
from xstilts.phases.options.validation import Options, refuse, refuse_unknown
from xstilts.phases.options.wording import listed
from xstilts.phases.phase import Method, Phase, PretrainingMethod

LIST = "`xstilts list methods` lists them"


def phase_of(kind: str) -> Phase:
    """What runs the nodes of a kind; ``curriculum.order`` is the step ``order`` of the phase ``curriculum``.

    Raises:
        UnknownName: no such phase or step.
    """
    name, _, step = kind.partition(".")
    phase: Phase = registry.find("phases", name)
    if not step:
        return phase
    if step not in phase.steps:
        raise UnknownName(f"step of {name}", step, phase.steps)
    return phase.steps[step]


def methods() -> dict[str, Method[Any]]:
    """Name → method, of all that an arm may name."""
    phases = {name: registry.find("phases", name) for name in registry.names("phases")}
    return {name: phase for name, phase in phases.items() if isinstance(phase, Method)}


def method_of(arm: Arm) -> Method[Any]:
    """The method that an arm names."""
    return methods()[arm.method]


def arm_of(keys: Mapping[str, Any]) -> Arm:
    """The arm that the keys of an experiment mean, by the method that they name.

    Raises:
        ValidationError: a key that the method does not have, or a value that cannot be meant.
        PydanticCustomError: no such method.
    """
    name, known = keys.get("method") or DEFAULT_METHOD, methods()
    if not isinstance(name, str):
        return Arm.model_validate(dict(keys))  # which says what a method's name is
    if name not in known:
        refuse_unknown("method", name, known, at=("method",), hint=LIST)
    options = known[name].arm
    for key in keys:
        owners = sorted(other for other, one in known.items() if key in one.arm.model_fields)
        if owners and key not in options.model_fields:
            refuse(f"not a key of an arm with method: {name}, but of {listed(owners)}", at=(str(key),))
    arm: Arm = options.model_validate(dict(keys))
    return arm


def pretraining_methods() -> dict[str, PretrainingMethod[Any]]:
    """Name → method, of all that a pretraining may name."""
    phases = {name: registry.find("phases", name) for name in registry.names("phases")}
    return {name: phase for name, phase in phases.items() if isinstance(phase, PretrainingMethod)}


def pretraining_of(keys: Mapping[str, Any]) -> Pretraining:
    """The pretraining that the keys of an experiment mean, by the method that they name.

    Raises:
        ValidationError: a key that the method does not have, or a value that cannot be meant.
        PydanticCustomError: no such method.
    """
    name, known = keys.get("method") or pretraining.DEFAULT_METHOD, pretraining_methods()
    if not isinstance(name, str):
        return Pretraining.model_validate(dict(keys))  # which says what a method's name is
    if name not in known:
        refuse_unknown("method", name, known, at=("method",))
    options = known[name].keys
    for key in keys:
        owners = sorted(other for other, one in known.items() if key in one.keys.model_fields)
        if owners and key not in options.model_fields:
            refuse(f"not a key of a pretraining with method: {name}, but of {listed(owners)}", at=(str(key),))
    found: Pretraining = options.model_validate(dict(keys))
    return found


def _of_its_method(given: object, handler: ModelWrapValidatorHandler[Pretraining]) -> Pretraining:
    return pretraining_of(given) if isinstance(given, Mapping) else handler(given)


PretrainingKeys = Annotated[SerializeAsAny[Pretraining], WrapValidator(_of_its_method)]
"""A pretraining with the keys of its method."""


def sentence_of(keys: Mapping[str, Any]) -> str:
    """What the arm of a finished run trains on, in words; its record may be of another version, or of a plug-in's."""
    name = keys.get("method") or DEFAULT_METHOD
    if name not in methods():
        return f"method {name}, which is not installed here"
    try:
        return "; ".join(arm_of(keys).sentences())
    except ValueError:  # what is not understood is not said
        return ""


def options_of(keys: type[Arm]) -> dict[str, dict[str, Any]]:
    """The keys that a method adds to an arm: name → default and what it is, for people."""
    return described({name: keys.model_fields[name] for name in keys.key_order() if name not in Arm.model_fields})


def described(fields: Mapping[str, FieldInfo]) -> dict[str, dict[str, Any]]:
    """Options of a method or an objective: name → default and what it is, for people."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in fields.items():
        required = field.is_required()
        found[name] = {"required": True} if required else {"default": _plain(field.default)}
        if field.description:
            found[name]["text"] = " ".join(field.description.split())
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 – any default
    if isinstance(value, Options):
        return value.model_dump(mode="json", exclude_none=True)
    return list(value) if isinstance(value, tuple) else value
