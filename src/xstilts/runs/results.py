"""What the store holds of a run's evaluations: predictions and golds, row by row, and what they were made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from xstilts import registry
from xstilts.data import discovery
from xstilts.errors import DataError, UserError
from xstilts.evaluation.scoring import Scored, read_counts
from xstilts.heads.rows import examples_from_json
from xstilts.leaderboard.forms.form import Row
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Bitext


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """One evaluation, or of a pooled task the part of one language.

    Attributes:
        rows: in the order of the test file.
        scores: the run's own, of these rows; fractions; empty where the gold is hidden.
        sample: whether the rows are a sample of the test set.
        thresholds: of mining.
    """

    rows: tuple[Row, ...]
    scores: Mapping[str, float | None]
    sample: bool
    split: str
    test_split: str
    thresholds: Mapping[str, float]


class Results:
    """The evaluations of a store.

    Args:
        store: where they are.
        data: the data folder, for sentences that the store no longer holds.
    """

    def __init__(self, store: Store, *, data: Path | None = None) -> None:
        self.store, self.data = store, data

    def problem(self, key: str) -> str:
        """Why an evaluation cannot be read; "" if it can."""
        if not self.store.has(key):
            return "its result is not in the store; the next run computes it again"
        try:
            self.store.open(key)
        except CorruptEntry as error:
            return f"{error.problem}; the next run computes it again"
        return ""

    def task(self, key: str) -> str | None:
        """The registered task of an evaluation; None: it is of the user's own, or the store does not hold it."""
        if self.problem(key):
            return None
        dataset = self._dataset(key)
        return None if dataset.get("spec") else str(dataset["task"])

    def evaluated(self, key: str, language: str | None = None) -> Evaluated:
        """The rows of an evaluation; of a pooled one those of ``language``."""
        entry, dataset = self.store.open(key), self._dataset(key)
        rows = rows_of(entry.path("predictions.parquet"))
        metric = registry.find("metrics", dataset["metric"])
        scored = read_counts(entry.path("counts.parquet"), metric.count_names)
        limit = dataset.get("limit")
        sample = limit is not None and len(rows) >= limit
        chosen = np.ones(len(scored.example_ids), dtype=bool)
        if language is not None:
            chosen = np.array([one == language for one in scored.languages])
            rows = _of_language(rows, scored, chosen, entry.directory)
        totals = scored.counts[chosen].sum(axis=0)
        scores = {name: _number(value) for name, value in metric.scores(totals).items()} if chosen.any() else {}
        return Evaluated(
            rows=tuple(rows),
            scores=scores,
            sample=sample,
            split=str(dataset["split"]),
            test_split=registry.find("tasks", dataset["task"]).test_split,
            thresholds=entry.json("result.json").get("thresholds", {}),
        )

    def sentences(self, key: str, language: str) -> list[Bitext]:
        """All sentence pairs of a test set, of which the evaluation's rows may be a sample.

        Raises:
            UserError: neither the store nor the data folder holds them as they were evaluated.
        """
        cache = self.store.open(key).json("result.json").get("token_cache")
        if cache and not self.problem(cache):
            return list(examples_from_json(self.store.open(cache).path("examples.jsonl")))
        read = {value for role, value in self._identity(key)["data"].items() if role.startswith("test/")}
        for earlier, files in self._caches.items():  # of a result that does not name its token cache
            if files == read and not self.problem(earlier):
                return list(examples_from_json(self.store.open(earlier).path("examples.jsonl")))
        task = registry.find("tasks", self._dataset(key)["task"])
        if self.data is None:
            raise UserError(
                f"{task.title}, {language}: the store holds no sentences any more, by which the leaderboard orders its "
                "lines; --data DIR names the folder with the data"
            )
        found = discovery.discover(task, self.data).of(task.test_split, language)
        if not found:
            raise UserError(f"{task.title}, {language}: not below {self.data}")
        for file in found:
            if self.store.fingerprint(file) not in read:
                raise DataError("the file is not the one that the run evaluated", file=file)
        return [one for one in discovery.read(task, found, language) if isinstance(one, Bitext)]

    @cached_property
    def _caches(self) -> dict[str, set[str]]:
        """Token caches of whole sets of sentence pairs, and the fingerprints of what each was read from."""
        found = {}
        for manifest in self.store.ls():
            identity: Any = manifest["identity"]
            if manifest["kind"] == "token_cache" and identity["params"]["dataset"]["kind"] == "sentence_retrieval":
                data = {value for role, value in identity["data"].items() if role.startswith("file")}
                found[str(manifest["key"])] = data
        return found

    def _identity(self, key: str) -> dict[str, Any]:
        identity: dict[str, Any] = self.store.manifest(key)["identity"]
        return identity

    def _dataset(self, key: str) -> dict[str, Any]:
        dataset: dict[str, Any] = self._identity(key)["params"]["dataset"]
        return dataset


def rows_of(file: Path | BytesIO) -> list[Row]:
    """The predictions and golds of an evaluation, in the order of its file."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(file).read()
    columns = [table.column(name).to_pylist() for name in ("example_id", "prediction", "gold")]
    return [
        Row(example_id=name, prediction=json.loads(prediction), gold=json.loads(gold))
        for name, prediction, gold in zip(*columns, strict=True)
    ]


def _of_language(rows: list[Row], scored: Scored, chosen: np.ndarray[Any, Any], directory: Path) -> list[Row]:
    """The rows of one language of a pool, whose gold is never hidden: rows and counts are of the same examples."""
    if [row.example_id for row in rows] != list(scored.example_ids):
        raise UserError(f"store entry {directory}: predictions and counts belong to different examples")
    return [row for row, kept in zip(rows, chosen.tolist(), strict=True) if kept]


def _number(value: Any) -> float | None:  # noqa: ANN401
    number = float(value)
    return number if number == number else None
