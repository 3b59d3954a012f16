"""What a run's record says of predictors: the score of every arm for every target language, and what it cost."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from xstilts import registry
from xstilts.analysis.predictions import Prediction, Predictions
from xstilts.analysis.predictors.predictor import ROOM, Evidence, Floats, Need, Predictor
from xstilts.errors import XstiltsError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.planned_predictors import PlannedPrediction, PlannedPredictors
from xstilts.phases import few_shot_proxy, predictor_features, task_embedding
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer
from xstilts.runs.planning import flops_of

_LOG = logging.getLogger("xstilts")
KIND, RESULT = "predictor_scores", "scores.json"
"""Of the entries that keep scores of features, which take a while."""
OWN = "the arm trains on the target's own training set"
FROM_FEATURES: tuple[Need, ...] = ("features", "head")


def predictor_record(study: ExperimentGraph, store: Store) -> dict[str, Any]:
    """For the record of a run that computes predictors; nothing for any other."""
    plan = study.predictors
    if plan is None:
        return {}
    costs = _Costs(study, plan, store)
    rows = [row for pair in plan.pairs for row in _rows(pair, plan, store, costs)]
    told = sorted({f"{one.predictor}: {one.why}" for one in rows if one.why.startswith(FAILED)})
    found = Predictions(rows=rows, used=plan.used, always=plan.asked.always or "", told=tuple(told))
    return {"predictors": found.as_object()}


FAILED = "its node "


def _rows(pair: PlannedPrediction, plan: PlannedPredictors, store: Store, costs: _Costs) -> Iterator[Prediction]:
    """Every predictor in every language of a target."""
    predictors: dict[str, Predictor] = {name: registry.find(ROOM, name) for name in plan.used}
    evidence, lacks = _evidence(pair, store)
    able = {name: one for name, one in predictors.items() if not (pair.own or any(n in lacks for n in one.needs))}
    kept = _of_features(able, pair, store)
    for name, one in predictors.items():
        why = OWN if pair.own else next((lacks[need] for need in one.needs if need in lacks), "")
        flops, training = (0.0, 0.0) if why else costs.of(pair, one.needs)
        for language in pair.languages:
            score = None
            if not why:
                score = kept[name] if name in kept else _number(one.score(_in(evidence, language)))
            yield Prediction(
                arm=pair.arm,
                target=pair.target,
                language=language,
                predictor=name,
                score=score,
                flops=flops,
                training_flops=training,
                own=pair.own,
                why=why or ("" if score is not None else "it is not defined on these rows"),
            )


def _in(evidence: Evidence, language: str) -> Evidence:
    from dataclasses import replace

    return replace(evidence, target_language=language)


def _number(score: float) -> float | None:
    return score if math.isfinite(score) else None


def _of_features(able: Mapping[str, Predictor], pair: PlannedPrediction, store: Store) -> dict[str, float | None]:
    """The scores of those that look at features alone, which are computed once and kept in the store."""
    wanted = {name: one for name, one in able.items() if one.needs and set(one.needs) <= set(FROM_FEATURES)}
    if not wanted:
        return {}
    (features,) = pair.nodes["features" if "features" in pair.nodes else "head"]
    node = Node(
        kind=KIND,
        params={"predictors": sorted(wanted)},
        versions={f"{ROOM}.{name}": one.version for name, one in wanted.items()},
        parents={"features": features},
        label=f"predictors of {pair.target} ← {pair.arm}",
    )

    def write(writer: Writer) -> None:
        evidence = Evidence(**_features(features, store))
        scores = {name: _number(one.score(evidence)) for name, one in wanted.items()}
        writer.path(RESULT).write_text(json.dumps(scores), encoding="utf-8")

    found: dict[str, float | None] = store.derive(node, write).json(RESULT)
    return found


def _evidence(pair: PlannedPrediction, store: Store) -> tuple[Evidence, dict[Need, str]]:
    """What is known of an arm and a target beside features; and what is not there, with the reason."""
    lacks = dict(pair.lacks)
    found: dict[str, Any] = {"examples": pair.examples, "source_languages": pair.source_languages}
    if pair.own:
        return Evidence(**found), lacks
    for need, nodes in pair.nodes.items():
        missing = [node.label for node in nodes if not store.has(node.key)]
        if missing:
            lacks[need] = f"{FAILED}{missing[0]} has no result"
            continue
        try:
            found |= _read(need, nodes, pair, store)
        except (XstiltsError, OSError, KeyError) as error:
            _LOG.warning("%s cannot be read: %s", nodes[0].label, error)
            lacks[need] = f"{FAILED}{nodes[0].label} cannot be read"
    if any(not len(found[name]) for name in ("source_task", "target_task") if name in found):
        lacks["task"] = "a checkpoint does not hold the head of its task"
    if "head" in pair.nodes and "head" not in lacks and "probabilities" not in _names(pair.nodes["head"][0], store):
        lacks["head"] = "the arm's checkpoint does not hold its head"
    return Evidence(**found), lacks


def _read(need: Need, nodes: Sequence[Node], pair: PlannedPrediction, store: Store) -> dict[str, Any]:
    if need == "text":
        *sources, target = [_text(node, store) for node in nodes]
        weights = np.maximum(np.array(pair.weights, dtype=np.float64), 1.0)
        return {"source_text": np.average(sources, axis=0, weights=weights), "target_text": target}
    if need == "task":
        source, target = (np.load(store.open(node.key).path(task_embedding.FILE)) for node in nodes)
        return {"source_task": source, "target_task": target}
    if need == "few_shot":
        dev = store.open(nodes[0].key).json(few_shot_proxy.RECORD)["dev"]
        return {"dev_score": math.nan if not dev or dev[-1][1] is None else float(dev[-1][1])}
    return {}


def _text(node: Node, store: Store) -> Floats:
    with np.load(store.open(node.key).path(predictor_features.FILE)) as kept:
        return np.asarray(kept["text"])


def _names(node: Node, store: Store) -> list[str]:
    with np.load(store.open(node.key).path(predictor_features.FILE)) as kept:
        return list(kept.files)


def _features(node: Node, store: Store) -> dict[str, Any]:
    with np.load(store.open(node.key).path(predictor_features.FILE)) as kept:
        probabilities = kept["probabilities"] if "probabilities" in kept.files else None
        return {"features": kept["states"], "labels": kept["classes"], "probabilities": probabilities}


class _Costs:
    """The FLOPs behind predictors."""

    def __init__(self, study: ExperimentGraph, plan: PlannedPredictors, store: Store) -> None:
        self._shared = _closure(plan.start.parents.values())
        self._flops = flops_of(study.nodes, store, study.reference)

    def of(self, pair: PlannedPrediction, needs: Sequence[Need]) -> tuple[float | None, float | None]:
        """Of what a predictor itself computes for a pair, and of the trainings that it needs."""
        own = {node.key: node for need in needs for node in pair.nodes.get(need, ())}
        behind = _closure(own.values()).keys() - own.keys() - self._shared.keys()
        return self._sum(own), self._sum(behind)

    def _sum(self, keys: Sequence[str] | Any) -> float | None:  # noqa: ANN401 – any collection of keys
        found = [self._flops[key] for key in keys]
        known = [one for one in found if one is not None]
        return sum(known) if len(known) == len(found) else None


def _closure(nodes: Any) -> dict[str, Node]:  # noqa: ANN401 – any iterable of nodes
    """Nodes and all that they depend on, by key."""
    found: dict[str, Node] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node.key not in found:
            found[node.key] = node
            waiting += node.parents.values()
    return found
