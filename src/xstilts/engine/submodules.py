"""Puts modules in the place of others, through the modules that hold them, and takes them out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import torch


class Modules(Protocol):
    """A module, or whatever holds some."""

    def modules(self) -> Iterator[torch.nn.Module]:
        """All of them."""
        ...


@contextmanager
def exchanged(model: Modules, replacements: Mapping[torch.nn.Module, torch.nn.Module]) -> Iterator[None]:
    """Within the block every module that ``model`` holds and ``replacements`` names is the one that it is mapped to.

    Neither classes nor methods of the modules change, and outside of the block the model is what it was. Modules that
    several others share are replaced in all of them.
    """
    places = [
        (owner, name, module)
        for owner in model.modules()
        for name, module in owner._modules.items()
        if module is not None and module in replacements
    ]
    for owner, name, module in places:
        replacements[module].training = module.training
        setattr(owner, name, replacements[module])
    try:
        yield
    finally:
        for owner, name, module in places:
            module.training = replacements[module].training
            setattr(owner, name, module)
