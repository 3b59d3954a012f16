"""One label a line: XNLI, PAWS-X; XCOPA as JSON lines; Tatoeba's index of what was found. Scored by accuracy."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from xstilts import registry
from xstilts.errors import DataError, UnknownName, beginning
from xstilts.leaderboard.files import check_length, column, is_sample
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.accuracy import METRIC
from xstilts.reading.jsonl import field, objects

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
PLACEHOLDERS = 50
"""From this many rows on, labels that are all 0 are XTREME-R's placeholder for hidden labels."""


class _Accuracy:
    """Equal lines over all lines, as ``accuracy`` of ``evaluate.py``."""

    suffixes: ClassVar[tuple[str, ...]] = ("tsv",)
    official: ClassVar[tuple[str, ...]] = ("accuracy",)

    def read(self, file: Path) -> list[str]:
        """The values of a file, each checked.

        Raises:
            DataError: a value that is not valid.
            UnknownName: a label that the task does not have.
        """
        raise NotImplementedError

    def check(self, gold: Sequence[str], predicted: Sequence[str], predictions: Path, labels: Path) -> list[str]:
        """Refuses labels that are hidden and values that cannot be.

        Returns:
            Warnings.
        """
        return []

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """``accuracy``; see ``Form.compare``."""
        gold, predicted = self.read(labels), self.read(predictions)
        check_length(predicted, gold, predictions, labels)
        warnings = self.check(gold, predicted, predictions, labels)
        counts = [METRIC.counts(*pair, language=language) for pair in zip(gold, predicted, strict=True)]
        scores = percent(METRIC, np.sum(counts, axis=0))
        return Compared(scores=scores, examples=len(gold), warnings=tuple(warnings))

    def predictions(self, rows: Sequence[Row]) -> str:
        """One value a line."""
        return "".join(f"{row.prediction}\n" for row in rows)

    def labels(self, rows: Sequence[Row]) -> str:
        """One value a line."""
        return "".join(f"{row.gold}\n" for row in rows)


@dataclass(frozen=True)
class Labels(_Accuracy):
    """The label of a text or a pair."""

    task: str
    """The task whose labels they are."""

    def read(self, file: Path) -> list[str]:
        """Labels; see ``_Accuracy.read``."""
        known = registry.find("tasks", self.task).labels
        values = column(file, "label")
        for number, value in enumerate(values, start=1):
            if value not in known:
                raise UnknownName(f"label of {self.task}", value, known, where=f"{file}:{number}")
        return values


@dataclass(frozen=True)
class Indices(_Accuracy):
    """The index, from 0, of the sentence that was found."""

    def read(self, file: Path) -> list[str]:
        """Indices; see ``_Accuracy.read``."""
        values = column(file, "index")
        for number, value in enumerate(values, start=1):
            if not _INDEX.fullmatch(value):
                raise DataError(
                    f"{beginning(value)!r} is not the index of a sentence (0, 1, 2 …)", file=file, line=number
                )
        return values

    def check(self, gold: Sequence[str], predicted: Sequence[str], predictions: Path, labels: Path) -> list[str]:
        """Refuses indices that no sentence has: a whole test set has as many sentences as lines.

        The labels of a sample of the queries may go beyond that, and then nothing is known of the index.

        Raises:
            DataError: labels that count from 1, or an index beyond the sentences; with its line.
        """
        count, numbers = len(gold), set(map(int, gold))
        if is_sample(labels) or is_sample(predictions):
            return []
        if numbers == set(range(1, count + 1)):
            raise _beyond(gold, count, labels)
        if max(numbers) < count and any(int(value) >= count for value in predicted):
            raise _beyond(predicted, count, predictions)
        right = sum(int(one) == int(other) for one, other in zip(gold, predicted, strict=True))
        shifted = sum(int(one) + 1 == int(other) for one, other in zip(gold, predicted, strict=True))
        if "0" in predicted or shifted < max(3, 2 * right):
            return []
        return [
            f"{predictions}: no index is 0, and less 1 they would be right {shifted} times, not {right}: do they count "
            "from 1? Indices count from 0"
        ]


@dataclass(frozen=True)
class Choices(_Accuracy):
    """The index of the right alternative: ``{"label": 0}`` a line, or the index alone where the file ends in .tsv."""

    suffixes: ClassVar[tuple[str, ...]] = ("jsonl", "tsv")

    def read(self, file: Path) -> list[str]:
        """Indices 0 and 1; see ``_Accuracy.read``."""
        if file.suffix == ".tsv":
            numbered = list(enumerate(column(file, "label"), start=1))
        else:
            rows = [(line, field(row, "label", file=file, line=line)) for line, row in objects(file)]
            numbered = [(line, json.dumps(value)) for line, value in rows]
        if not numbered:
            raise DataError("the file is empty", file=file)
        for line, value in numbered:
            if value not in ("0", "1"):
                raise DataError(f"the label {value} is not one of 0, 1", file=file, line=line)
        return [value for _, value in numbered]

    def check(self, gold: Sequence[str], predicted: Sequence[str], predictions: Path, labels: Path) -> list[str]:
        """Refuses labels that are all 0."""
        if len(gold) >= PLACEHOLDERS and set(gold) == {"0"}:
            raise DataError("every label is 0: XTREME-R's download writes that in place of hidden labels", file=labels)
        return []

    def predictions(self, rows: Sequence[Row]) -> str:
        """An object a line."""
        return "".join(json.dumps({"label": row.prediction}) + "\n" for row in rows)

    def labels(self, rows: Sequence[Row]) -> str:
        """An object a line."""
        return "".join(json.dumps({"label": row.gold}) + "\n" for row in rows)


def _beyond(values: Sequence[str], count: int, file: Path) -> DataError:
    """What to say of the first index that no sentence has."""
    line, value = next((line, value) for line, value in enumerate(values, start=1) if int(value) >= count)
    from_one = "0" not in values and max(map(int, values)) == count
    return DataError(
        f"there is no sentence {value}: there are {count}, and indices count from 0",
        file=file,
        line=line,
        hint="these count from 1: take 1 from each" if from_one else f"0 to {count - 1}",
    )
