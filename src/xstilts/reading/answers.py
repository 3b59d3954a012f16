"""The forms in which files write the answers to a question: a text, texts, objects, an object of lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.reading.examples import Answer
from xstilts.reading.offsets import WITHOUT

Pair = tuple[str, int]
"""The text of an answer and its offset, ``WITHOUT`` where there is none."""

_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?")


def given(value: Any, start: Any = None) -> list[Pair]:  # noqa: ANN401 – JSON
    """The answers that a value holds.

    Args:
        value: a text, a list of texts, SQuAD's list of objects, or the hub's object of lists.
        start: their offsets, where ``value`` does not hold them: a number, or a list as long as ``value``.

    Raises:
        TypeError, ValueError, KeyError: another form.
    """
    if isinstance(value, Mapping):
        value, start = value["text"], value.get("answer_start", value.get("start"))
    if isinstance(value, str):
        (start,) = start if isinstance(start, list) else [start]
        return [(value, whole(start))]
    if not isinstance(value, Sequence):
        raise TypeError
    starts = start if isinstance(start, list) and start else [None if start == [] else start] * len(value)
    return [
        _only(given(one, place)) if isinstance(one, Mapping) else (_text(one), whole(place))
        for one, place in zip(value, starts, strict=True)
    ]


def _only(pairs: list[Pair]) -> Pair:
    """The one answer of an object in a list.

    Raises:
        ValueError: it holds another number of them.
    """
    (only,) = pairs
    return only


def visible(pairs: Sequence[Pair]) -> tuple[Answer, ...] | None:
    """Answers as they are given; None where every text is empty, which is how XTREME hides them."""
    if pairs and not any(text for text, _ in pairs):
        return None
    return tuple(Answer(text=text, start=start) for text, start in pairs if text)


def whole(value: object) -> int:
    """A whole number in any spelling (3, 3.0, "3"); ``WITHOUT`` for none.

    Raises:
        TypeError, ValueError: something else; not finite, or of more digits than any file has characters.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return WITHOUT
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    if isinstance(value, str):
        return whole(_integer(value))
    if isinstance(value, float) and not value.is_integer():  # infinity and NaN neither
        raise ValueError
    # A negative offset is no place; two of them must not be taken for an offset that is missing.
    return max(int(value), -1)


def is_true(value: object) -> bool:
    """Whether a flag is set: ``true``, 1 or their texts."""
    return str(value).strip().lower() in ("true", "1", "1.0", "yes") if isinstance(value, str) else bool(value)


def _integer(text: str) -> int:
    found = _INTEGER.fullmatch(text.strip())
    if found is None:
        raise ValueError
    return int(found[1])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
