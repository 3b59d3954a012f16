"""Datasets of the world, made once for all tests of a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from made_sets import MAKERS

Sets = Callable[..., tuple[Any, ...]]


@pytest.fixture(scope="session")
def made() -> Sets:
    """``made("nli", "train")``: the items of a split, as many as are asked for, always the same."""

    @cache
    def make(name: str, split: str, count: int = 300) -> tuple[Any, ...]:
        return tuple(MAKERS[name](split, count, seed=1))

    return make
