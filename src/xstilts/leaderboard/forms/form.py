"""What a form is: one kind of file on the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import Metric


@dataclass(frozen=True, kw_only=True)
class Row:
    """One scored example of a run: prediction and gold as the task's metric takes them; gold None where hidden."""

    example_id: str
    prediction: Any
    gold: Any


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two files compared.

    Attributes:
        scores: by ``evaluate.py``'s own names, in per cent.
        examples: number of lines, sentences, questions or gold pairs behind the figures.
        warnings: what was scored as upstream does, but is probably a mistake.
    """

    scores: Mapping[str, float]
    examples: int
    warnings: tuple[str, ...] = ()


class Form(Protocol):
    """One kind of file.

    Attributes:
        suffixes: of the file's name, the official one first.
        official: which score is the task's; if there are several, the mean of their means (question answering).
        titles: the title of each score.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the file's name, the official one first."""
        ...

    @property
    def official(self) -> tuple[str, ...]:
        """Which score is the task's; if there are several, the mean of their means."""
        ...

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """Scores of one language.

        Args:
            predictions: what was submitted.
            labels: the gold.
            language: its id (``deu-Latn``).

        Raises:
            DataError: one of the files cannot be scored; with its line.
        """
        ...

    def predictions(self, rows: Sequence[Row]) -> str:
        """The text of a file of predictions."""
        ...

    def labels(self, rows: Sequence[Row]) -> str:
        """The text of a file of labels; no gold is hidden."""
        ...


def percent(metric: Metric, totals: NDArray[np.float64]) -> dict[str, float]:
    """A metric's scores in per cent; 0 where the metric has none (0 / 0), as seqeval and ``evaluate.py`` have it."""
    return {name: 100 * float(np.nan_to_num(value)) for name, value in metric.scores(totals).items()}
