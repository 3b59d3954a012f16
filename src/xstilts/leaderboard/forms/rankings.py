"""Ranked ids by query id: Mewsli-X (entities), LAReQA (sentences of one pool), scored by what upstream calls mAP@20."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from xstilts.errors import DataError
from xstilts.leaderboard.files import Mapped, by_id, check_ids, mapped, shape, unanswered
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.metric import Metric


@dataclass(frozen=True)
class Rankings:
    """What was found for each query, the best first: ``map@20``, over all queries of a language.

    For Mewsli-X it is the mean reciprocal rank (``utils_mewslix.py``, which ``evaluate.py`` calls); for LAReQA the mean
    average precision (``mean_avg_prec_at_k`` of ``utils_lareqa.py``, which it does not).
    """

    metric: Metric
    several: bool
    """Whether a query has several right ids. If it has one, upstream takes the first of the list."""

    suffixes: ClassVar[tuple[str, ...]] = ("json",)
    official: ClassVar[tuple[str, ...]] = ("map@20",)

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """The score over all queries; one without a ranking scores 0. See ``Form.compare``."""
        right, found = mapped(labels, "labels"), mapped(predictions, "rankings")
        golds = {name: self._gold(right, name) for name in right.values}
        check_ids(found, golds, labels)
        for name, ranked in found.values.items():
            if not _is_list(ranked):
                raise found.error(f"a list of ids is expected, not {ranked!r}", name)
        _check_shapes(found, golds)
        warnings = unanswered(found, golds, right, "queries")
        empty = [name for name, ranked in found.values.items() if not ranked]
        if empty:
            place = f"{predictions}:{found.line(empty[0])}"
            warnings.append(f"{place}: {len(empty)} of {len(golds)} rankings are empty, e.g. that of {empty[0]!r}")
        counts = [
            self.metric.counts(gold, found.values.get(name, ()), language=language) for name, gold in golds.items()
        ]
        (score,) = percent(self.metric, np.sum(counts, axis=0)).values()
        return Compared(scores={"map@20": score}, examples=len(golds), warnings=tuple(warnings))

    def predictions(self, rows: Sequence[Row]) -> str:
        """An object of ids and rankings."""
        return by_id({row.example_id: list(row.prediction) for row in rows})

    def labels(self, rows: Sequence[Row]) -> str:
        """An object of ids and right ids."""
        return by_id({row.example_id: list(row.gold) for row in rows})

    def _gold(self, labels: Mapped, name: str) -> list[str]:
        value = labels.values[name]
        if not _is_list(value) or not value:
            raise labels.error(f"a list of right ids is expected, not {value!r}", name)
        right = value if self.several else [value[0].strip()]
        if not all(right):
            raise DataError(
                f"{name!r}: the label is empty: it is hidden, as in XTREME-R's download",
                file=labels.file,
                line=labels.line(name),
            )
        return right


def _check_shapes(found: Mapped, golds: Mapping[str, Sequence[str]]) -> None:
    """Refuses rankings of which no id looks like a right one: names or positions in place of ids are never right.

    Raises:
        DataError: with the line of the first.
    """
    known = {shape(one) for gold in golds.values() for one in gold}
    filled = [(name, ranked) for name, ranked in found.values.items() if ranked]
    if filled and not any(shape(one) in known for _, ranked in filled for one in ranked):
        name, ranked = filled[0]
        raise found.error(f"{ranked[0]!r} is not such an id as the labels have, e.g. {golds[name][0]!r}", name)


def _is_list(value: object) -> bool:
    # A plain list: an empty object reads as a list of its pairs.
    return type(value) is list and all(isinstance(one, str) for one in value)
