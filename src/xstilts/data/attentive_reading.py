"""Rows of a set of files, with all that is noticed while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from xstilts.data.repeated_rows import sketch
from xstilts.data.text_language import doubts
from xstilts.reading import notes
from xstilts.reading.examples import Example

Rows = TypeVar("Rows", bound=Example)


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[Rows]):
    """What files of one language hold.

    Attributes:
        examples: their rows.
        notes: what their reader said, then what speaks against the language of their texts.
        rows: a sample of the hashes of their rows, by which files are compared with each other.
    """

    examples: list[Rows]
    notes: tuple[str, ...]
    rows: tuple[int, ...]


def read_attentively(read: Callable[[], Iterable[Rows]], language: str, *, file: Path) -> Reading[Rows]:
    """What ``read`` gives, and what is noticed about it.

    Args:
        read: reads the files.
        language: of the files.
        file: the first of them, named in notes.

    Raises:
        DataError: a file cannot be read, or not one letter is of the language's script.
    """
    with notes.collected() as said:
        examples = list(read())
    doubted = doubts(examples, language, file=file)
    return Reading(examples=examples, notes=(*said, *doubted), rows=sketch(examples, language))
