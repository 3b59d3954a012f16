"""The key ``augment`` of an arm or a target: what makes more rows of those that train, with its own options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from xstilts import registry
from xstilts.data.transforms.transform import Transform, TransformKeys
from xstilts.phases.options.validation import problems, refuse, refuse_unknown, shown

ROOM = "data.transforms"


def augmentations() -> dict[str, Transform]:
    """Name → transform, of all that a training set may name."""
    found = {name: registry.find(ROOM, name) for name in registry.names(ROOM)}
    return {name: transform for name, transform in found.items() if transform.augments is not None}


def keys_of(given: Mapping[str, Any]) -> TransformKeys:
    """The options of an augmentation that was checked; those that are left out have their defaults."""
    keys = augmentations()[given["name"]].augments
    assert keys is not None
    return keys(**{key: value for key, value in given.items() if key != "name"})


def _checked(given: object) -> object:
    """``smoothing`` and ``{name: smoothing}`` are the same; whatever else is given are options of it."""
    keys = {"name": given} if isinstance(given, str) else given
    if not isinstance(keys, Mapping):
        refuse(f"expected the name of an augmentation, or {{name: …}} with its options, not {shown(given)}")
    if "name" not in keys:
        refuse("key 'name' is missing: which augmentation")
    name, known = keys["name"], augmentations()
    if not isinstance(name, str):
        refuse(f"expected text, not {shown(name)}", at=("name",))
    if name not in known:
        refuse_unknown("augmentation", name, known, at=("name",))
    options = {key: value for key, value in keys.items() if key != "name" and value is not None}
    fields = known[name].augments.model_fields  # type: ignore[union-attr]
    for key in options:
        if key not in fields:
            refuse_unknown("key", str(key), ("name", *fields), at=(str(key),))
    try:
        keys_of({"name": name, **options})
    except ValidationError as error:
        first = problems(error, options)[0]
        refuse(first.message, at=first.path)
    return {"name": name, **options}


AugmentKeys = Annotated[dict[str, Any], BeforeValidator(_checked)]
"""The name of an augmentation and the options that are given."""


def augment_sentence(keys: object) -> str:
    """The augmentation of an arm or target of a finished run, in words; its record may be of a plug-in's."""
    if isinstance(keys, str):
        keys = {"name": keys}
    if not isinstance(keys, Mapping) or not isinstance(keys.get("name"), str):
        return ""
    try:
        return keys_of(keys).sentence() or f"augmented by {keys['name']}"
    except (KeyError, ValueError):
        return f"augmented by {keys['name']}, which is not installed here in that version"
