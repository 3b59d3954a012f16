"""The key ``augment`` of an arm or a target: what makes more rows of those that train, with its own options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from xstilts import registry
from xstilts.data.transforms.transform import Transform, TransformKeys
from xstilts.phases.options.named import checked_name, recorded_name

ROOM = "data.transforms"


def augmentations() -> dict[str, Transform]:
    """Name → transform, of all that a training set may name."""
    found = {name: registry.find(ROOM, name) for name in registry.names(ROOM)}
    return {name: transform for name, transform in found.items() if transform.augments is not None}


def keys_of(given: Mapping[str, Any]) -> TransformKeys:
    """The options of an augmentation that was checked; those that are left out have their defaults."""
    return _options(given["name"])(**{key: value for key, value in given.items() if key != "name"})


def _options(name: str) -> type[TransformKeys]:
    keys = augmentations()[name].augments
    assert keys is not None
    return keys


def _checked(given: object) -> object:
    """``smoothing`` and ``{name: smoothing}`` are the same; whatever else is given are options of it."""
    return checked_name(given, "augmentation", augmentations(), _options)


AugmentKeys = Annotated[dict[str, Any], BeforeValidator(_checked)]
"""The name of an augmentation and the options that are given."""


def augment_sentence(keys: object) -> str:
    """The augmentation of an arm or target of a finished run, in words; its record may be of a plug-in's."""
    named = recorded_name(keys)
    if named is None:
        return ""
    try:
        return keys_of(named).sentence() or f"augmented by {named['name']}"
    except (KeyError, ValueError):
        return f"augmented by {named['name']}, which is not installed here in that version"
