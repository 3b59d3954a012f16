"""Pairs of ids, a tab between them: BUCC, scored by F1 over the set of submitted pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from xstilts.errors import DataError
from xstilts.leaderboard.files import shape
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.mining_f1 import METRIC
from xstilts.reading.text import read_lines

Pair = tuple[str, str]


@dataclass(frozen=True)
class Pairs:
    """Which sentences are translations: ``f1``, ``precision`` and ``recall`` as ``bucc_f1`` of ``evaluate.py``.

    No threshold is applied: submitted pairs have passed the one that was tuned on dev.
    """

    suffixes: ClassVar[tuple[str, ...]] = ("tsv",)
    official: ClassVar[tuple[str, ...]] = ("f1",)

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """The scores of the sets; see ``Form.compare``."""
        gold, predicted = read(labels), read(predictions)
        if not gold:
            raise DataError("the file is empty: no gold pair", file=labels)
        right, found = set(gold), set(predicted)
        for line, (left, other) in enumerate(predicted, start=1):
            if (left, other) not in right and (other, left) in right:
                raise DataError(
                    f"the ids are the wrong way round: {labels} has {other} first", file=predictions, line=line
                )
        _check_shapes(predicted, gold, predictions)
        warnings = []
        if not predicted:
            warnings.append(f"{predictions}: no pair is submitted, which scores 0")
        if len(found) < len(predicted):
            warnings.append(f"{predictions}: {len(predicted) - len(found)} pairs are repeated and count once")
        scores = percent(METRIC, METRIC.counts(right, {"submitted": found, "oracle": ()}, language=language))
        kept = {name: scores[name] for name in ("f1", "precision", "recall")}
        return Compared(scores=kept, examples=len(right), warnings=tuple(warnings))

    def predictions(self, rows: Sequence[Row]) -> str:
        """A pair a line."""
        return _written((row.example_id, other) for row in rows for other in row.prediction["submitted"])

    def labels(self, rows: Sequence[Row]) -> str:
        """A pair a line."""
        return _written((row.example_id, other) for row in rows for other in row.gold)


def read(file: Path) -> list[Pair]:
    """The pairs of a file; none where it is empty.

    Raises:
        DataError: a line that is not two ids.
    """
    pairs = []
    for number, line in enumerate(read_lines(file), start=1):
        cells = line.strip().split("\t")
        if len(cells) != 2 or not all(cells):
            what = "an empty pair" if not line.strip() else f"{len(cells)} columns"
            raise DataError(f"{what}; two ids with a tab between them are expected", file=file, line=number)
        pairs.append((cells[0], cells[1]))
    return pairs


def _check_shapes(predicted: Sequence[Pair], gold: Sequence[Pair], predictions: Path) -> None:
    """Refuses an id that looks like none of the labels' (a line number, a sentence): such pairs are never right.

    Raises:
        DataError: with its line.
    """
    for side in (0, 1):
        known = {shape(pair[side]) for pair in gold}
        for line, pair in enumerate(predicted, start=1):
            if shape(pair[side]) not in known:
                raise DataError(
                    f"{pair[side]!r} is not such an id as the labels have, e.g. {gold[0][side]!r}",
                    file=predictions,
                    line=line,
                )


def _written(pairs: Iterable[Pair]) -> str:
    return "".join(f"{left}\t{other}\n" for left, other in pairs)
