"""Reads the leaderboard's files strictly: every mistake is reported with its file and line."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.jsonl import document
from xstilts.reading.text import read_lines, read_text

MANIFEST = "manifest.json"
"""The file that ``xstilts submit`` writes beside the tasks."""
_DIGITS = re.compile(r"[0-9]+")


def lines(file: Path) -> list[str]:
    """The lines of a file without the white space around them, as ``read_label`` of ``evaluate.py``.

    Raises:
        DataError: not UTF-8, or without any line.
    """
    found = [line.strip() for line in read_lines(file)]
    if not any(found):
        raise DataError("the file is empty", file=file)
    return found


def column(file: Path, what: str) -> list[str]:
    """The values of a file with one value per line.

    Raises:
        DataError: a blank line (upstream would count two of them as a right answer), or several columns.
    """
    values = lines(file)
    for number, value in enumerate(values, start=1):
        if not value:
            raise DataError(f"an empty {what}", file=file, line=number)
        if "\t" in value:
            raise DataError(
                f"{value.count(chr(9)) + 1} columns; one {what} a line is expected",
                file=file,
                line=number,
                hint="a test file of XTREME's download holds sentences, not labels: they are hidden",
            )
    return values


def check_length(predicted: Sequence[object], gold: Sequence[object], predictions: Path, labels: Path) -> None:
    """Refuses two files of different lengths.

    Raises:
        DataError: names the shorter one, the line that it lacks, and the other.
    """
    if len(predicted) == len(gold):
        return
    short, long = sorted(((len(predicted), predictions), (len(gold), labels)), key=lambda pair: pair[0])
    raise DataError(f"ends after {short[0]} lines, but {long[1]} has {long[0]}", file=short[1], line=short[0] + 1)


@dataclass(frozen=True)
class Mapped:
    """A JSON object that maps ids to values."""

    file: Path
    values: Mapping[str, Any]
    text: str

    def line(self, name: str) -> int | None:
        """The line on which an id first occurs."""
        return line_of(self.text, name)

    def error(self, message: str, name: str) -> DataError:
        """An error about the value of an id."""
        return DataError(f"{name!r}: {message}", file=self.file, line=self.line(name))


def mapped(file: Path, what: str) -> Mapped:
    """A file that maps ids to ``what``.

    Raises:
        DataError: not JSON, not an object, empty, or an id that occurs twice (JSON would keep the last).
    """
    document(file)  # raises, with the place of a mistake
    text = read_text(file)
    pairs: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=_Pairs)
    if not isinstance(pairs, _Pairs):
        raise DataError(f"an object that maps ids to {what} is expected, not {type(pairs).__name__}", file=file)
    if not pairs:
        raise DataError(f"the file is empty: no {what}", file=file)
    values = dict(pairs)
    if len(values) < len(pairs):
        (repeated, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        line = line_of(text, repeated, second=True)
        raise DataError(f"the id {repeated!r} occurs twice", file=file, line=line)
    return Mapped(file, values, text)


def line_of(text: str, name: str, *, second: bool = False) -> int | None:
    """The line of a JSON text on which a string first occurs, or occurs again; None if it cannot be found."""
    for written in dict.fromkeys((json.dumps(name), json.dumps(name, ensure_ascii=False))):
        place = text.find(written)
        if place >= 0 and second:
            place = text.find(written, place + 1)
        if place >= 0:
            return text.count("\n", 0, place) + 1
    return None


def check_ids(predicted: Mapped, known: Mapping[str, object], labels: Path) -> None:
    """Refuses a prediction without a label: upstream ignores it, and with it a truncated label file.

    Raises:
        DataError: names the id and its line.
    """
    for name in predicted.values:
        if name not in known:
            raise predicted.error(f"unknown id: {labels} has no such id", name)


def unanswered(predicted: Mapped, known: Mapping[str, object], labels: Mapped, noun: str) -> list[str]:
    """A warning about labels without a prediction, which score 0 as upstream."""
    absent = [name for name in known if name not in predicted.values]
    if not absent:
        return []
    place = f"{labels.file}:{labels.line(absent[0])}"
    return [f"{predicted.file}: {len(absent)} of {len(known)} {noun} score 0, not answered: {absent[0]!r} ({place}) …"]


def is_sample(file: Path) -> bool:
    """Whether ``xstilts submit`` says of a file that it holds a sample of its test set."""
    manifest, code = file.parent.parent / MANIFEST, file.stem.removeprefix("test-")
    try:
        tasks = document(manifest)["tasks"] if manifest.is_file() else {}
        return any(
            bool(of.get(code, {}).get("sample")) for name, of in tasks.items() if file.parent.name.startswith(name)
        )
    except (DataError, KeyError, TypeError, AttributeError):  # a file of this name that somebody else wrote
        return False


def shape(name: str) -> str:
    """What an id looks like, whatever its numbers are: ``de-0`` of ``de-000000017``."""
    return _DIGITS.sub("0", name)


def by_id(values: Mapping[str, object]) -> str:
    """An object of ids as JSON text, one a line, so that a line can be named."""
    rows = [
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}" for name, v in values.items()
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


class _Pairs(list[tuple[str, Any]]):
    """The names and values of a JSON object, repeated ones too."""
