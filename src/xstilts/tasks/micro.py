"""What the tasks of the microworld share: sizes, seeds, which language has which split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

from xstilts.microworld import grammar

T = TypeVar("T")

SIZES: Mapping[str, int] = {"train": 6_000, "dev": 500, "test": 500}
SEED = 1

DIFFICULTY = 0.5
NOTES = "Made by the package from scenes with exact meaning; the same test scenes in every language"


def splits(*, trainable: bool = True) -> dict[str, tuple[str, ...]]:
    """English train and dev, and a test set in every language."""
    source = {"train": ("eng-Latn",), "dev": ("eng-Latn",)} if trainable else {}
    return {**source, "test": grammar.known()}


@lru_cache(maxsize=4)
def items(make: Callable[..., list[T]], split: str, *, size: int = 0) -> tuple[T, ...]:
    """The items of a split, made once for all languages."""
    return tuple(make(split, size or SIZES[split], seed=SEED, difficulty=DIFFICULTY))
