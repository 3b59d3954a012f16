"""What finished runs measured, read for advice: gains with their replicates, predictors' scores, and at which scale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.analysis.advice import Known
from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import BASELINE
from xstilts.analysis.gains import gains_over, replicates_of
from xstilts.analysis.judged_predictors import JudgedPredictor
from xstilts.analysis.predictions import Predictions, predictions_in
from xstilts.experiments.schema import Experiment
from xstilts.heads.collector import paused_collector
from xstilts.phases.options.inline_task import InlineTask
from xstilts.pipeline.store import Store
from xstilts.runs.counted import counted
from xstilts.runs.folders import store_at
from xstilts.runs.lineage import FINE_TUNING
from xstilts.runs.predictors import judged_predictors
from xstilts.runs.record import experiment_of, load_record

Manifests = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A finished run as advice reads it.

    Attributes:
        known: what it measured.
        directory: its output folder.
        experiment: that it ran; None: nobody knows, the results were found in a store.
        languages: target → the languages in which it has test rows.
        trained_on: the registered tasks that its arms trained on.
        predictors: what each was worth in this run, over all of its targets.
    """

    known: Known
    directory: Path
    experiment: Experiment | None
    languages: Mapping[str, tuple[str, ...]]
    trained_on: frozenset[str] = frozenset()
    predictors: tuple[JudgedPredictor, ...] = ()


def finished_run(given: str | Path, *, store: str | Path | None = None) -> FinishedRun:
    """A run by name or output folder.

    Args:
        given: its name or output folder.
        store: where its results are now; by default where its record says.

    Raises:
        UserError: no such run, or a record or a store that cannot be read.
    """
    directory, record = load_record(given)
    experiment = experiment_of(directory, record)
    kept = store_at(store or record["store"])
    tasks, kinds = _tasks(experiment)
    spoken: dict[str, dict[str, None]] = {}
    for cell in record["cells"]:
        spoken.setdefault(cell["target"], {})[cell["language"]] = None
    said = predictions_in(record)
    known = Known(
        run=str(record["run"]),
        model=model_of(record, experiment),
        scale=_scale(experiment),
        gains=gains_of(record, kept),
        tasks=tasks,
        kinds=kinds,
        own=_own(record, kept),
        predicted=_predicted(said) if said else {},
    )
    worth = judged_predictors(directory)[2].overall if said and known.gains and store is None else ()
    languages = {target: tuple(of_one) for target, of_one in spoken.items()}
    asked = [request.task for arm in experiment.intermediate for request in arm.rows()]
    return FinishedRun(
        known=known,
        directory=directory,
        experiment=experiment,
        languages=languages,
        trained_on=frozenset(task for task in asked if isinstance(task, str)),
        predictors=tuple(worth),
    )


def model_of(record: Mapping[str, Any], experiment: Experiment) -> str:
    """The model, and its pretraining where it has one: what was pretrained otherwise is another model."""
    if experiment.pretraining is None:
        return str(record["model"])
    said = json.dumps(experiment.pretraining.model_dump(mode="json"), sort_keys=True)
    mark = hashlib.sha256(said.encode()).hexdigest()[:6]
    return f"{record['model']} after {experiment.pretraining.method} {mark}"


def _tasks(experiment: Experiment) -> tuple[dict[str, str], dict[str, str]]:
    """Target → its task, and the kind of that."""
    tasks, kinds = {}, {}
    for target in experiment.targets:
        if isinstance(target.task, InlineTask):
            tasks[target.name], kinds[target.name] = target.name, str(target.task.kind)
        else:
            tasks[target.name], kinds[target.name] = target.task, registry.find("tasks", target.task).kind
    return tasks, kinds


def _scale(experiment: Experiment) -> str:
    """``at most 500 training examples, 3 seeds``."""
    limits = experiment.budget.max_train_examples or {}
    said = [f"at most {limit:,} training examples" for name, limit in limits.items() if name == "default" and limit]
    seeds = len(experiment.seeds)
    return ", ".join([*said, f"{seeds} seed{'s' if seeds != 1 else ''}"])


def gains_of(record: Mapping[str, Any], store: Store) -> dict[str, dict[str, dict[str, Sampled]]]:
    """Arm → target → language → gain, by the cells of a record, on test rows as they are."""
    with paused_collector():
        counts, _, _ = counted({**record, "robustness": {}}, store)
        found = gains_over(
            BASELINE,
            counts,
            source_languages=record["source_languages"],
            replicates=replicates_of(counts),
            few_shot=record.get("few_shot", {}),
        )
    return {
        arm: {
            target: {language: gain for language, (_, gain) in of_target.items() if gain is not None}
            for target, of_target in of_arm.items()
            if of_target
        }
        for arm, of_arm in found.items()
    }


def _predicted(said: Predictions) -> dict[tuple[str, str], dict[str, dict[str, float]]]:
    found: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for one in said.rows:
        if one.score is not None and not one.own:
            found.setdefault((one.target, one.language), {}).setdefault(one.predictor, {})[one.arm] = one.score
    return found


def _own(record: Mapping[str, Any], store: Store) -> dict[str, frozenset[str]]:
    """Target → the arms that train on a file which the target's fine-tuning trains on as well."""
    manifests: Manifests = {str(one["key"]): one for one in store.manifests(record["all_nodes"])}
    found: dict[str, set[str]] = {}
    asked: set[tuple[str, str]] = set()
    for cell in record["cells"]:
        place = (cell["arm"], cell["target"])
        if place in asked or cell["arm"] == BASELINE or cell["node"] not in manifests:
            continue
        asked.add(place)
        before = trainings_before(manifests[cell["node"]], manifests)
        tuned = [one for one in before if one["kind"] == FINE_TUNING]
        if marks_of(tuned) & marks_of([one for one in before if one["kind"] != FINE_TUNING]):
            found.setdefault(cell["target"], set()).add(cell["arm"])
    return {target: frozenset(arms) for target, arms in found.items()}


def trainings_before(manifest: Mapping[str, Any], manifests: Manifests) -> list[Mapping[str, Any]]:
    """Those that a result starts from, the last one first."""
    found: list[Mapping[str, Any]] = []
    key = manifest["identity"]["parents"].get("model")
    while key in manifests:
        found.append(manifests[key])
        key = manifests[key]["identity"]["parents"].get("model")
    return found


def marks_of(trainings: Iterable[Mapping[str, Any]]) -> set[str]:
    """Fingerprints of the files whose labelled rows train."""
    return {mark for one in trainings for role, mark in one["identity"]["data"].items() if "/train/" in f"/{role}/"}


def of_models(runs: Sequence[FinishedRun]) -> dict[str, list[FinishedRun]]:
    """Model → its runs: they are never pooled over models."""
    found: dict[str, list[FinishedRun]] = {}
    for one in runs:
        found.setdefault(one.known.model, []).append(one)
    return found
