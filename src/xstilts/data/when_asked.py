"""A mapping whose keys are known at once, and whose values are found when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class WhenAsked(Mapping[str, Value]):
    """What a run does not ask for is neither made nor read: files of a language that it leaves out, for one.

    Args:
        keys: in their order.
        find: gives the value of a key; called once for each that is asked for.
    """

    def __init__(self, keys: Iterable[str], find: Callable[[str], Value]) -> None:
        self._keys = dict.fromkeys(keys)
        self._find = find
        self._found: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
