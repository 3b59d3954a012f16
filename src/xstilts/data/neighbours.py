"""Files of neighbours: for each word those that may take its place, as one JSON object.

The format of Robust-XLT's ``counterfitted_neighbors.json``: ``{"happy": ["glad", "pleased"], "the": []}``. Words are
what stands between blanks, and case counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from xstilts.errors import DataError

Neighbours = Mapping[str, tuple[str, ...]]
EXPECTED = 'expected one JSON object, a word → the list of its neighbours: {"happy": ["glad", "pleased"]}'


@lru_cache(maxsize=4)
def read_neighbours(file: Path) -> Neighbours:
    """Word → its neighbours, of the words that have any.

    Raises:
        DataError: the file is none of neighbours; names the line.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 (byte {error.start + 1:,})", file=file) from None
    twice: list[str] = []
    try:
        found = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, twice))
    except json.JSONDecodeError as error:
        raise DataError(f"is not JSON: {error.msg}", file=file, line=error.lineno, hint=EXPECTED) from None
    except RecursionError:
        raise DataError("is nested too deeply", file=file, hint=EXPECTED) from None
    if not isinstance(found, dict):
        raise DataError("holds no JSON object", file=file, line=1, hint=EXPECTED)
    if twice:
        _refuse(f"the word {twice[0]!r} is there twice", twice[0], text, file, last=True)
    for word, neighbours in found.items():
        _check(word, neighbours, text, file)
    if not any(found.values()):
        raise DataError("no word has a neighbour", file=file, hint=EXPECTED)
    return {word: tuple(neighbours) for word, neighbours in found.items() if neighbours}


def _once(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice += [word for word, _ in pairs if word in seen or seen.add(word)]  # type: ignore[func-returns-value]
    return found


def _check(word: str, neighbours: object, text: str, file: Path) -> None:
    if not isinstance(neighbours, list):
        _refuse(f"the neighbours of {word!r} are not a list", word, text, file)
    for one in neighbours:
        if not isinstance(one, str):
            _refuse(f"a neighbour of {word!r} is not text: {json.dumps(one)[:60]}", word, text, file)
        if not one or len(one.split()) != 1 or one != one.strip():
            _refuse(f"a neighbour of {word!r} is not one word: {one!r}", word, text, file)


def _refuse(message: str, word: str, text: str, file: Path, *, last: bool = False) -> NoReturn:
    """Names the line in which a word is a key, if it is written there as it is."""
    key = json.dumps(word, ensure_ascii=False)
    place = text.rfind(key) if last else text.find(key)
    if place < 0:
        place = text.find(json.dumps(word))
    line = text.count("\n", 0, place) + 1 if place >= 0 else None
    raise DataError(message, file=file, line=line, hint=EXPECTED)
