"""The trainings behind a run's cells as the store holds them: how their losses went, and what they answer."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np

from xstilts import registry
from xstilts.analysis.cells import Floats
from xstilts.analysis.degenerate import Degenerate, degenerate_runs
from xstilts.analysis.loss_curves import Curve
from xstilts.analysis.same_answers import Answers
from xstilts.errors import XstiltsError
from xstilts.evaluation.scoring import Scored, read_counts
from xstilts.leaderboard.forms.form import Row
from xstilts.metrics.metric import Metric
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.node import canonical
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import FINE_TUNING
from xstilts.runs.results import rows_of
from xstilts.tasks.kind import Kind, kind_of

ON_ENCODERS = "heads.encoder"
"""The heads whose loss of guessing is that of drawing a label."""

Cells = Sequence[Mapping[str, Any]]
Manifest = Mapping[str, Any]


def degenerate_in(
    cells: Cells, store: Store, source_languages: Mapping[str, str], manifests: Mapping[str, Manifest] | None = None
) -> tuple[Degenerate, ...]:
    """The trainings behind a run's cells that came out near nothing.

    What the store no longer holds, or holds damaged, is passed over: that is reported where its numbers are read.

    Args:
        cells: as the run's record lists them.
        store: where their results are.
        source_languages: target → the language of its training set.
        manifests: of the run's nodes, by key; read where they are not given.
    """
    if manifests is None:
        manifests = _manifests(cells, store)
    trained = [cell for cell in cells if cell["seed"] is not None and not cell["failure"] and cell["node"] in manifests]
    answers: list[Answers] = []
    for cell in trained:
        if cell["language"] == source_languages.get(cell["target"]) and not cell["pooled"]:
            try:
                answers += _answers(cell, manifests[cell["node"]], store)
            except CorruptEntry:
                continue
    return degenerate_runs(answers, list(_curves(trained, manifests, store)))


def _manifests(cells: Cells, store: Store) -> dict[str, Manifest]:
    """The manifests of the cells' evaluations, and of every checkpoint before them."""
    found: dict[str, Manifest] = {}
    wanted = {cell["node"] for cell in cells}
    while wanted:
        read = list(store.manifests(sorted(wanted)))
        found.update({manifest["key"]: manifest for manifest in read})
        parents = {manifest["identity"]["parents"].get("model") for manifest in read}
        wanted = {key for key in parents if key is not None and key not in found}
    return found


def _answers(cell: Mapping[str, Any], manifest: Manifest, store: Store) -> Iterator[Answers]:
    """What the model of a cell answers; nothing where answers are compared with a pool."""
    params = manifest["identity"]["params"]
    kind, metric = kind_of(params["dataset"]["kind"]), registry.find("metrics", params["metric"])
    rows = [row for row in rows_of(BytesIO(store.read(cell["node"], "predictions.parquet"))) if row.gold is not None]
    if not rows or kind.retrieval or (kind.parts is None and not isinstance(rows[0].prediction, str)):
        return
    found = read_counts(BytesIO(store.read(cell["node"], "counts.parquet")), metric.count_names)
    clusters = dict(zip(found.example_ids, found.cluster_ids, strict=True))
    rows = [row for row in rows if row.example_id in clusters]
    given = [_parts(kind, row.prediction) for row in rows]
    golds = [_parts(kind, row.gold) for row in rows]
    total = sum(map(len, given))
    if not total:  # an architecture that writes its answers may have written none that can be read
        return
    answer, number = Counter(part for parts in given for part in parts).most_common(1)[0]
    if kind.parts is None:
        points, constant = _official(metric, found, rows), None
        gold_share = sum(answer in gold or (not answer and not gold) for gold in golds) / len(golds)
    else:
        counted = Counter(part for parts in golds for part in parts)
        commonest = counted.most_common(1)[0][0]
        points = _right(given, golds)
        constant = _right([[commonest] * len(gold) for gold in golds], golds)
        gold_share = counted[answer] / counted.total()
    yield Answers(
        **{name: cell[name] for name in ("arm", "target", "seed", "language")},
        example_ids=[row.example_id for row in rows],
        clusters=[clusters[row.example_id] for row in rows],
        points=points,
        constant=constant,
        answer=str(answer),
        share=number / total,
        gold_share=gold_share,
        parts=total,
        part=kind.part,
    )


def _parts(kind: Kind, answer: Any) -> Sequence[Any]:  # noqa: ANN401
    if kind.parts is not None:
        return kind.parts(answer)
    return answer if isinstance(answer, list) else [answer]


def _right(given: Sequence[Sequence[Any]], golds: Sequence[Sequence[Any]]) -> Floats:
    """The share of the parts of each answer that are right [N]."""
    right = [
        sum(map(lambda a, b: a == b, one, gold)) / max(len(gold), 1) for one, gold in zip(given, golds, strict=True)
    ]
    return np.array(right, dtype=np.float64)


def _official(metric: Metric, scored: Scored, rows: Sequence[Row]) -> Floats:
    """The official score of each answer by itself [N]; 0 where it is not defined."""
    points = np.nan_to_num(metric.scores(scored.counts)[metric.score_names[0]])
    of = dict(zip(scored.example_ids, points.tolist(), strict=True))
    return np.array([of[row.example_id] for row in rows], dtype=np.float64)


def _curves(cells: Cells, manifests: Mapping[str, Manifest], store: Store) -> Iterator[Curve]:
    """The losses of every training that a cell's model went through, each once an arm and seed."""
    found: dict[tuple[str, int, str], dict[str, None]] = {}
    seen = set()
    for cell in cells:
        place = (cell["arm"], cell["target"], cell["seed"])
        if place in seen:
            continue
        seen.add(place)
        for key in _trainings(cell["node"], manifests):
            targets = found.setdefault((cell["arm"], cell["seed"], key), {})
            if manifests[key]["kind"] == FINE_TUNING:
                targets[cell["target"]] = None
    for (arm, seed, key), targets in found.items():
        try:
            record = json.loads(store.read(key, "training.json"))
        except CorruptEntry:
            continue
        for curve in _of_training(manifests[key], record):
            yield replace(curve, arm=arm, seed=seed, targets=tuple(targets))


def _trainings(key: str | None, manifests: Mapping[str, Manifest]) -> Iterator[str]:
    """The trainings on labelled rows that lead to an evaluation, the last one first."""
    while key is not None and key in manifests:
        identity = manifests[key]["identity"]
        if "tasks" in identity["params"]:
            yield key
        key = identity["parents"].get("model")


def _of_training(manifest: Manifest, record: Mapping[str, Any]) -> Iterator[Curve]:
    """The curve of a training; of a mixture one for each task, where its record says which step had which."""
    params = manifest["identity"]["params"]
    losses = np.array(record["losses"], dtype=np.float64)
    tasks = [task["train"] for task in params["tasks"]]
    group = canonical({name: params.get(name) for name in ("tasks", "recipe", "mixture", "objective")}).decode()
    curve = Curve(arm="", seed=0, targets=(), group=group, losses=losses)
    of_step = np.array(record.get("tasks", ()), dtype=np.int64)
    # A record of an earlier version does not say which steps had which task, or were of a text beside them.
    alone = len(tasks) == 1 and all(name in _OWN for name in record)
    if alone:
        yield replace(curve, guess=_guess(manifest, tasks[0]))
    elif len(of_step) != len(losses):
        yield replace(curve, mixed=True)
    else:
        for index, task in enumerate(tasks):
            name = f"{task['task']} (task {index + 1} of {len(tasks)})" if len(tasks) > 1 else ""
            yield replace(curve, losses=losses[of_step == index], guess=_guess(manifest, task), task=name)


_OWN = frozenset(
    {"steps", "tokens", "padding", "vocabulary", "losses", "objective_losses", "dev", "selected_step", "tasks", "drawn"}
)
"""What every record says; anything more is of what was trained beside the tasks."""


def _guess(manifest: Manifest, task: Mapping[str, Any]) -> float | None:
    """The loss of guessing a label; None where the loss is of something else."""
    labels, identity = task["labels"], manifest["identity"]
    try:
        chooses = kind_of(task["kind"]).parts is not None
    except XstiltsError:  # of a package that is not installed here
        return None
    plain = not identity["params"].get("objective") and f"{ON_ENCODERS}.{task['kind']}" in identity["versions"]
    return math.log(len(labels)) if chooses and plain and len(labels) > 1 else None
