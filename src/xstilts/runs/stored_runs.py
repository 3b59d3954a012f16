"""Gains that a store holds, without the records of the runs that computed them.

A result says how it came about: the test rows, the fine-tuning, the training before it, and what all of that started
from. Results with the same start belong to one model; those with the same fine-tuning and the same test rows are of one
target; and their trainings before fine-tuning, whatever their seed, are the arms.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.analysis.advice import Known
from xstilts.analysis.cells import BASELINE
from xstilts.pipeline.node import canonical
from xstilts.pipeline.store import Store
from xstilts.runs.evidence import FinishedRun, Manifests, gains_of, marks_of, trainings_before
from xstilts.runs.lineage import FINE_TUNING

Manifest = Mapping[str, Any]
STARTING = ("model", "seed")
"""Parameters of a training that say what it starts from, and under which seed."""


@dataclass(frozen=True, kw_only=True)
class _Result:
    """One evaluation in the store, with the trainings before it, the last one first."""

    manifest: Manifest
    trainings: Sequence[Manifest]

    @property
    def params(self) -> Mapping[str, Any]:
        return _params(self.manifest)

    @property
    def dataset(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.params["dataset"]
        return found

    @property
    def tuned(self) -> list[Manifest]:
        return [one for one in self.trainings if one["kind"] == FINE_TUNING]

    @property
    def arm(self) -> list[Manifest]:
        return [one for one in self.trainings if one["kind"] != FINE_TUNING and "tasks" in _params(one)]

    @property
    def seed(self) -> int | None:
        return next((int(_params(one)["seed"]) for one in (*self.tuned, *self.arm)), None)

    @cached_property
    def start(self) -> str:
        """What all of it started from, as a word for people and a mark."""
        pretrained = [one for one in self.trainings if "tasks" not in _params(one)]
        first = self.trainings[-1] if self.trainings else self.manifest
        said = _params(first).get("model") or {}
        name = f"scratch:{said['scratch']}" if said.get("scratch") else str(said.get("hub") or "a model folder")
        identity = first["identity"]
        others = {role: key for role, key in identity["parents"].items() if role != "model"}
        files = {role: mark for role, mark in identity["data"].items() if role.startswith("model/")}
        mark = _mark([said, others if not pretrained else pretrained[0]["key"], files])
        after = f" after {pretrained[0]['kind']}" if pretrained else ""
        return f"{name}{after} {mark}"

    @cached_property
    def target(self) -> str:
        """Its task; with a mark of what it is fine-tuned on and how, and of how its rows are evaluated."""
        rows = {key: value for key, value in self.dataset.items() if key != "parts"}
        said = [[_own(one) for one in self.tuned], rows, self.params.get("max_length")]
        return f"{self.dataset['task']} {_mark(said)}"

    @cached_property
    def arm_key(self) -> str:
        return _mark([_own(one) for one in self.arm]) if self.arm else BASELINE


def stored_runs(store: Store) -> list[FinishedRun]:
    """One for each model that the store has gains of; pooled tasks and changed test rows are passed over."""
    manifests: Manifests = {str(one["key"]): one for one in store.ls()}
    by_start: dict[str, list[_Result]] = defaultdict(list)
    for one in manifests.values():
        if one["kind"] != "zero_shot":
            continue
        result = _Result(manifest=one, trainings=trainings_before(one, manifests))
        plain = not {"transform", "second"} & result.dataset.keys() and result.params["language"] != "all"
        if plain and _whole(result, manifests):
            by_start[result.start].append(result)
    return [_run(start, results, store) for start, results in by_start.items()]


def _whole(result: _Result, manifests: Manifests) -> bool:
    """Whether the store still has every training before a result."""
    last = result.trainings[-1] if result.trainings else result.manifest
    before = last["identity"]["parents"].get("model")
    return before is None or before in manifests


def _run(start: str, results: Sequence[_Result], store: Store) -> FinishedRun:
    names = _names(results)
    cells = list(_cells(results, names))
    targets = {one.target: one for one in results}
    sources = {
        name: _params(one.tuned[0])["tasks"][0]["train"]["parts"][0]["language"]
        for name, one in targets.items()
        if one.tuned
    }
    metrics = {name: one.params["metric"] for name, one in targets.items()}
    own: dict[str, set[str]] = defaultdict(set)
    spoken: dict[str, dict[str, None]] = defaultdict(dict)
    trained = set[str]()
    for one in results:
        spoken[one.target][one.params["language"]] = None
        trained |= {str(task["train"]["task"]) for training in one.arm for task in _params(training)["tasks"]}
        if marks_of(one.arm) & marks_of(one.tuned):
            own[one.target].add(names[one.arm_key])
    seeds = len({one.seed for one in results if one.seed is not None})
    known = Known(
        run=f"{store.location} ({start})",
        model=start,
        scale=f"{seeds} seed{'s' if seeds != 1 else ''}",
        gains=gains_of({"cells": cells, "metrics": metrics, "source_languages": sources}, store),
        tasks={name: str(one.dataset["task"]) for name, one in targets.items()},
        kinds={name: str(one.dataset["kind"]) for name, one in targets.items()},
        own={target: frozenset(arms) for target, arms in own.items()},
    )
    return FinishedRun(
        known=known,
        directory=Path(store.location),
        experiment=None,
        languages={target: tuple(of_one) for target, of_one in spoken.items()},
        trained_on=frozenset(trained),
    )


def _names(results: Sequence[_Result]) -> dict[str, str]:
    """Arm → the name that its training has in the label; of several with one name all but the first have a mark."""
    found, taken = {BASELINE: BASELINE}, {BASELINE}
    for one in results:
        if one.arm_key not in found:
            label = str(one.arm[0]["label"]).split(" · ")[0]
            name = label.split(" ", 1)[-1] or one.arm_key
            found[one.arm_key] = f"{name} {one.arm_key}" if name in taken else name
            taken.add(found[one.arm_key])
    return found


def _cells(results: Sequence[_Result], names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """As the record of a run lists them; of a language those with the test file that most results have."""
    files: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in results:
        files[one.target, one.params["language"]][_test_file(one)] += 1
    for one in results:
        place = (one.target, str(one.params["language"]))
        if _test_file(one) == files[place].most_common(1)[0][0]:
            said = {"arm": names[one.arm_key], "target": place[0], "language": place[1], "seed": one.seed}
            yield {**said, "node": str(one.manifest["key"]), "pooled": False, "failure": None}


def _test_file(one: _Result) -> str:
    return _mark({role: mark for role, mark in one.manifest["identity"]["data"].items() if role.startswith("test/")})


def _params(manifest: Manifest) -> Mapping[str, Any]:
    found: Mapping[str, Any] = manifest["identity"]["params"]
    return found


def _own(training: Manifest) -> list[Any]:
    """What a training is, whatever its seed and what it starts from."""
    params = {key: value for key, value in _params(training).items() if key not in STARTING}
    return [training["kind"], params, sorted(marks_of([training]))]


def _mark(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:6]
