"""Lists and dictionaries that a program wrote into a cell as text.

``to_csv`` writes a column of lists as Python (``['Anna', 'lebt']``), of arrays as numpy (``['Anna' 'lebt']``,
``[1 0]``, ``{'text': array(['Bern'], dtype=object)}``), and other programs as JSON. Such text is parsed here, by a
small grammar that holds all three and runs nothing: brackets, quoted strings, numbers, null, calls around one value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

LONGEST = 1_000_000
"""Characters of the longest cell that is parsed."""
DEEPEST = 20

_BRACKETED = re.compile(r"\s*(?:\[.*\]|\{.*\}|\(.*\)|[\w.]+\([\[{(].*\))\s*", re.DOTALL)
_STRING = re.compile(r"[bu]?(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?(?![\w.])", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_SPACE = re.compile(r"\s*")
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
    re.DOTALL,
)
"""An escape: of two halves of a character, as JSON writes those beyond 16 bits, or of one character."""
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_CONSTANTS = {"None": None, "null": None, "nan": None, "NaN": None, "True": True, "true": True}
_CONSTANTS |= {"False": False, "false": False}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


class Unwritten(ValueError):
    """A cell that looks like a list or a dictionary and cannot be read as one."""


def looks_written(text: str) -> bool:
    """Whether a text is bracketed like a list, a tuple, a dictionary, or a call of one."""
    return _BRACKETED.fullmatch(text) is not None


def unwritten(text: str) -> list[Any] | dict[str, Any]:
    """The list or the dictionary that a text represents; a tuple is a list.

    Raises:
        Unwritten: it is not one, or a program cut it short.
    """
    if len(text) > LONGEST:
        raise Unwritten(f"longer than {LONGEST:,} characters")
    parser = _Parser(text)
    value = parser.value(0)
    if parser.place < len(text):
        raise Unwritten(f"{parser.rest()} is not expected")
    if not isinstance(value, list | dict):
        raise Unwritten("neither a list nor a dictionary")
    return value


class _Parser:
    """Reads one value from a place in a text, and the blanks behind it."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self._skip()

    def rest(self) -> str:
        return repr(self.text[self.place : self.place + 20])

    def value(self, depth: int) -> Any:  # noqa: ANN401 – whatever is written
        if depth > DEEPEST:
            raise Unwritten("nested too deep")
        opening = self.text[self.place : self.place + 1]
        if opening in ("[", "("):
            return self._items(opening, lambda: self.value(depth + 1))
        if opening == "{":
            return self._object(depth)
        if (match := _STRING.match(self.text, self.place)) is not None:
            self._pass(match)
            return _ESCAPE.sub(_unescaped, match[1] if match[1] is not None else match[2])
        if (match := _NUMBER.match(self.text, self.place)) is not None:
            self._pass(match)
            return _number(match[0])
        if (match := _WORD.match(self.text, self.place)) is not None:
            return self._named(match, depth)
        if self.text.startswith("...", self.place):
            raise Unwritten("'...' where a program has cut the list short")
        raise Unwritten(f"{self.rest()} is not expected" if self.place < len(self.text) else "it ends too early")

    def _items(self, opening: str, item: Callable[[], Any]) -> list[Any]:
        """What is between two brackets, with commas or, as numpy writes it, without."""
        found: list[Any] = []
        self._take(opening)
        while not self._took(_CLOSING[opening]):
            found.append(item())
            self._took(",")
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        def pair() -> tuple[str, Any]:
            key = self.value(depth + 1)
            self._take(":")
            return str(key), self.value(depth + 1)

        return dict(self._items("{", pair))

    def _named(self, match: re.Match[str], depth: int) -> Any:  # noqa: ANN401
        """A constant, or the one value in a call: ``array([1, 0], dtype=int32)``, ``np.int64(3)``."""
        self._pass(match)
        if match[0] in _CONSTANTS:
            return _CONSTANTS[match[0]]
        self._take("(")
        value = self.value(depth + 1)
        while not self._took(")"):
            self._take(",")
            option = _OPTION.match(self.text, self.place)
            if option is None:
                raise Unwritten(f"{self.rest()} is not expected")
            self._pass(option)
        return value

    def _pass(self, match: re.Match[str]) -> None:
        self.place = match.end()
        self._skip()

    def _skip(self) -> None:
        blank = _SPACE.match(self.text, self.place)
        self.place = blank.end() if blank else self.place

    def _took(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.place):
            return False
        self.place += len(mark)
        self._skip()
        return True

    def _take(self, mark: str) -> None:
        if not self._took(mark):
            raise Unwritten(f"{mark!r} is expected where {self.rest()} is")


_OPTION = re.compile(r"\w+\s*=\s*(?:'[^']*'|\"[^\"]*\"|[\w.<>]+|\([^)]*\))", re.ASCII)
"""``dtype=object``, ``dtype='<U4'``, ``shape=(2,)``."""


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        value = float(text)
        return int(value) if abs(value) < 10**15 and value.is_integer() else value


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00)
    code = match[3] or match[4] or match[5]
    if code is None:
        return _ESCAPED.get(match[6], match[6])
    number = int(code, 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise Unwritten(f"{match[0]} is not a character")
    return chr(number)
