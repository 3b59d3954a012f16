"""Training sets with the augmentation that an arm or a target names, checked before anything trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xstilts.data.neighbours import read_neighbours
from xstilts.data.transforms.transform import TransformKeys
from xstilts.errors import ConfigError
from xstilts.experiments.training_sets import TrainingSets
from xstilts.phases.augmentation import NEIGHBOURS, Augmentation
from xstilts.phases.options.augment import augmentations, keys_of
from xstilts.phases.training_set import TrainingSet

MADE = ("nearest", "among")
"""Options of neighbours that are made."""


def augmented(
    found: Sequence[TrainingSet], given: Mapping[str, Any] | None, sets: TrainingSets, *, where: str, whose: str
) -> tuple[TrainingSet, ...]:
    """The training sets, each with the augmentation.

    Args:
        found: as they are read.
        given: what the arm or target says; None: nothing.
        sets: finds files.
        where: the key path of the arm or target.
        whose: what it is called.

    Raises:
        ConfigError: it is not defined for one of these kinds, nothing is trained, or there are no neighbours.
        DataError: a file of neighbours that is none.
    """
    if given is None:
        return tuple(found)
    name, where = given["name"], f"{where}.augment"
    transform, keys = augmentations()[name], keys_of(given)
    if not found:
        raise ConfigError(f"{whose} trains nothing, with no augmentation", where=where, hint="leave it out")
    for one in found:
        kind = one.source.task.kind
        if transform.kinds and kind not in transform.kinds:
            text = f"{name} changes examples of {' and '.join(transform.kinds)}, not of {kind}"
            raise ConfigError(text, where=where, hint="leave it out")
    made = _made(name, keys, sets, where) if transform.neighbours else _plain(name, keys)
    return tuple(replace(one, augmentation=made) for one in found)


def _plain(name: str, keys: TransformKeys) -> Augmentation:
    options = keys.model_dump(mode="json")
    return Augmentation(name=name, options=options, seed=options.pop("seed"), factor=keys.factor)


def _made(name: str, keys: TransformKeys, sets: TrainingSets, where: str) -> Augmentation:
    """The same with neighbours; where they come from is in the key by what it holds, not by its name."""
    plain = _plain(name, keys)
    options = {key: value for key, value in plain.options.items() if key not in (NEIGHBOURS, *MADE)}
    plain = replace(plain, options=options)
    given = getattr(keys, NEIGHBOURS)
    if given is not None:
        for option in keys.model_fields_set.intersection(MADE):
            text = f"{option} is of neighbours that are made; these are read from {given}"
            raise ConfigError(text, where=f"{where}.{option}", hint="leave one of the two out")
        (file,) = sets.inventory.files([given], where=f"{where}.{NEIGHBOURS}")
        read_neighbours(file)
        return replace(plain, file=(file, sets.inventory.store.fingerprint(file)))
    if sets.reference.scratch and sets.experiment.pretraining is None:
        text = f"{sets.experiment.model} is untrained: which words are near in its embeddings is chance"
        raise ConfigError(text, where=where, hint=f"name a file of {NEIGHBOURS}, or a pretraining")
    return replace(plain, made={name: getattr(keys, name) for name in MADE})
