"""Runs an experiment from its file to the reports, and opens finished runs again."""

from __future__ import annotations

import dataclasses
import datetime
import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts import __version__, registry
from xstilts.engine import memory
from xstilts.errors import UnknownName
from xstilts.experiments.companions import pairs
from xstilts.experiments.experiment_graph import Evaluation, ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.executor import Outcome
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.store import Store
from xstilts.runs.chosen_rows import chosen_in, subsets_of
from xstilts.runs.counted import counted
from xstilts.runs.dev_scores import dev_scores
from xstilts.runs.drawn_rows import drawn_of, drawn_record
from xstilts.runs.explained import explain_record
from xstilts.runs.folders import reports_folder, store_at
from xstilts.runs.logged import logged_warnings
from xstilts.runs.machines import machines_in, trainings_in
from xstilts.runs.overlaps import contaminated, overlap_record
from xstilts.runs.predictor_record import predictor_record
from xstilts.runs.record import RECORD, SCHEMA, load_record
from xstilts.runs.registered import registered, write_registered
from xstilts.runs.varied import varied_record

if TYPE_CHECKING:
    from xstilts.analysis.provenance import RunInfo
    from xstilts.analysis.table import Table
    from xstilts.pipeline.progress import Sink

RUN = "xstilts.phases.dispatch:run"


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A finished run.

    Attributes:
        run: its name.
        outcome: how every node ended.
        table: the gain matrix.
        info: where its numbers come from.
        directory: holds the reports and ``run.json``.
    """

    run: str
    outcome: Outcome
    table: Table
    info: RunInfo
    directory: Path


def run(
    experiment: Experiment,
    *,
    data: str | Path | None = None,
    store: Store | str | Path | None = None,
    out: str | Path | None = None,
    executor: str = "local",
    cores: int | None = None,
    progress: Sink | None = None,
    claims: Sequence[str | Path] = (),
) -> RunResult:
    """Computes what the store lacks, and writes the gain matrix as reports.

    Args:
        data: folder of datasets in their published layouts.
        store: where results are kept, a directory or a URL that fsspec knows (``s3://bucket/prefix``); what
            ``XSTILTS_STORE`` names, or ``.xstilts/store``, if not given.
        out: where the reports go; ``.xstilts/runs/<name>`` if not given.
        executor: ``local``.
        cores: of this machine; all if not given.
        progress: hears how far it is.
        claims: files of claims that are registered before anything runs, beside those that the experiment names.

    Raises:
        UserError: the experiment or its data cannot be used; nothing was trained.
    """
    from xstilts.pipeline.local import LocalExecutor
    from xstilts.pipeline.progress import Silent

    if executor != "local":
        raise UnknownName("executor", executor, ["local"])
    began = time.monotonic()
    store = store_at(store)
    out = reports_folder(out, experiment.name)
    entries = registered(experiment, claims, out)
    runner = LocalExecutor(
        store=store, run=RUN, cores=cores, progress=progress or Silent(), environment=memory.ENVIRONMENT
    )
    with logged_warnings() as logged:
        study = build(experiment, data=Path(data) if data else None, store=store, cores=runner.cores)
        write_registered(entries, out)
        outcome = runner.run(study.graph)
    outcome.notes += logged
    return reported(study, outcome, store, out, seconds=time.monotonic() - began, more={"claims": entries})


def reported(
    study: ExperimentGraph, outcome: Outcome, store: Store, out: Path, *, seconds: float, more: Mapping[str, Any]
) -> RunResult:
    """Writes the record of a graph that has been run, with ``more`` in it, and its reports."""
    record = {**_record(study, outcome, store, seconds=seconds), **more}
    result = _result(record, store, out, outcome)
    _write_reports(result, record)
    return result


def load_run(given: str | Path, *, claims: bool = False) -> RunResult:
    """A finished run by name or folder; its table is computed again from the store.

    Args:
        given: its name or output folder.
        claims: judge the claims of the ledger and of the run, too.

    Raises:
        ConfigError: no such run, or a record that cannot be read.
    """
    directory, record = load_record(given)
    return _result(record, store_at(record["store"]), directory, Outcome(), ledger=claims)


def _record(study: ExperimentGraph, outcome: Outcome, store: Store, *, seconds: float) -> dict[str, Any]:
    """Everything that a report needs beside the store."""
    failures = {node.key: failure.message for node, failure in outcome.failed.items()}
    full = any(failure.store_full for failure in outcome.failed.values())
    reason = "no space was left on the disk" if full else "a node that it needs failed"
    skipped = {node.key: f"not run: {reason}" for node in outcome.not_run}
    ran = {node.key for node in outcome.ran}
    return {
        "schema": SCHEMA,
        "run": study.experiment.name,
        "experiment": study.experiment.as_yaml(),
        "model": study.experiment.model,
        "store": store.location,
        "created": datetime.datetime.now(datetime.UTC).replace(microsecond=0).isoformat(),
        "command": shlex.join(["xstilts", *sys.argv[1:]]),
        "version": __version__,
        "seconds": round(seconds, 1),
        "nodes": {name: len(getattr(outcome, name)) for name in ("ran", "cached", "failed", "not_run")},
        "ran": sorted(ran),
        "warnings": [*study.notes, *outcome.notes],
        "stand_ins": list(study.stand_ins),
        "source_languages": dict(study.source_languages),
        "metrics": dict(study.metrics),
        "pairs": [list(pair) for pair in pairs(study.experiment.intermediate)],
        "subsets": chosen_in(study.evaluations),
        **drawn_record(study),
        **({"question": asked.asked(study.reference.family)} if (asked := study.experiment.question) else {}),
        "all_nodes": [node.key for node in study.nodes],
        "cells": [_cell(e, {**skipped, **failures}) for e in study.evaluations],
        **varied_record(study, lambda one: _cell(one, {**skipped, **failures})),
        **explain_record(study, store),
        **overlap_record(study, store),
        **predictor_record(study, store),
    }


def _cell(evaluation: Evaluation, failures: Mapping[str, str]) -> dict[str, Any]:
    fields = {f.name: getattr(evaluation, f.name) for f in dataclasses.fields(evaluation) if f.name != "node"}
    key = evaluation.node.key
    return {**fields, "node": key, "pooled": evaluation.node.params["language"] == "all", "failure": failures.get(key)}


AS_RECORDED = ("experiment", "created", "command", "model", "version", "stand_ins", "warnings", "seconds")
"""What a report says of a run just as its record has it."""


def _result(
    record: Mapping[str, Any], store: Store, directory: Path, outcome: Outcome, *, ledger: bool = False
) -> RunResult:
    from xstilts.analysis.contrasts import contrasts_in
    from xstilts.analysis.explaining import explained_in
    from xstilts.analysis.gain_matrix import gain_matrix
    from xstilts.analysis.predictions import predictions_in
    from xstilts.analysis.provenance import RunInfo
    from xstilts.analysis.robustness import robustness
    from xstilts.runs.judging import judge, judge_own
    from xstilts.runs.trainings import degenerate_in

    counts, failed, varied = counted(record, store)
    sources, shots = record["source_languages"], record.get("few_shot", {})
    manifests = list(store.manifests(record["all_nodes"]))  # a damaged one is reported where its counts are read
    kept = {manifest["key"]: manifest for manifest in manifests}
    dev = dev_scores(record["cells"], store, kept)
    said = predictions_in(record)
    table = gain_matrix(counts, failed, source_languages=sources, few_shot=shots, dev_scores=dev, predictions=said)
    degenerate = degenerate_in(record["cells"], store, sources, kept)
    ran = set(record["ran"])
    info = RunInfo(
        name=record["run"],
        machines=machines_in(manifests),
        trainings=trainings_in(manifests),
        claims=judge([directory]) if ledger else judge_own(directory, record),
        tokens=sum(int(m["facts"].get("tokens") or 0) for m in manifests if m["key"] in ran),
        **{key: record[key] for key in AS_RECORDED},
        **record["nodes"],
    )
    robust = robustness(counts, varied, source_languages=sources, few_shot=shots) if varied else None
    compared = contrasts_in(record, counts, failed, varied=varied)
    chosen = subsets_of(record.get("subsets", ()), store)
    compared |= {"explained": explained_in(record, table), "drawn": drawn_of(record.get("drawn", ()), store)}
    compared["contamination"] = contaminated(record, counts, store)
    whole = dataclasses.replace(table, degenerate=degenerate, subsets=chosen, robustness=robust, **compared)
    return RunResult(run=record["run"], outcome=outcome, table=whole, info=info, directory=directory)


def _write_reports(result: RunResult, record: Mapping[str, Any]) -> None:
    result.directory.mkdir(parents=True, exist_ok=True)
    for name in registry.names("reports"):
        form = registry.find("reports", name)
        if form.with_every_run:
            suffix = form.suffix.lstrip(".")
            write_atomically(result.directory / f"report.{suffix}", form.render(result.table, result.info))
    said = {**record, "degenerate": [one.as_object() for one in result.table.degenerate]}
    if result.table.answer is not None:
        said["answer"] = result.table.answer.as_object()
    if result.table.explained is not None:
        said["explained"] = result.table.explained.as_object()
    write_atomically(result.directory / RECORD, json.dumps(said, ensure_ascii=False, indent=1))
