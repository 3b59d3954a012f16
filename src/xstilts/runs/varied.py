"""The evaluations of a run on perturbed rows and in pairs of languages: how they are recorded, and read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xstilts.data.transforms.audit import Audit as Counted
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.store import Store

if TYPE_CHECKING:
    from xstilts.analysis.cells import Counts, Failed
    from xstilts.analysis.variants import Audit, Form, Varied

Cell = Mapping[str, Any]
ReadCells = Callable[[Sequence[Cell]], "tuple[list[Counts], list[Failed]]"]


def varied_record(study: ExperimentGraph, cell: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """What a run's record holds of them; nothing where there are none."""
    if not study.varied:
        return {}
    robust = {target.name: target.robustness for target in study.experiment.targets if target.robustness}
    return {
        "robustness": {
            "cells": [cell(one) for one in study.varied],
            "undefined": {target: {p: dict(why) for p, why in one.items()} for target, one in study.undefined.items()},
            "rates": {name: one.rate for name, one in robust.items() if one.perturbations},
        }
    }


def varied_cells(record: Mapping[str, Any]) -> list[Cell]:
    """The recorded cells."""
    return list(record.get("robustness", {}).get("cells", ()))


def varied_results(record: Mapping[str, Any], store: Store, read: ReadCells) -> Varied | None:
    """Their counts and audits; None where the run has none.

    Args:
        record: of the run.
        store: holds the results.
        read: gives the counts of recorded cells, and those that failed.
    """
    from xstilts.analysis.variants import Form, Varied

    cells = varied_cells(record)
    if not cells:
        return None
    by_form: dict[Form, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_form[Form(perturbation=cell["perturbation"], second=cell["second"])].append(cell)
    results = {form: read(of_form) for form, of_form in by_form.items()}
    return Varied(
        counts={form: counts for form, (counts, _) in results.items()},
        failed={form: failed for form, (_, failed) in results.items()},
        audits=_audits(by_form, store),
        undefined=record["robustness"]["undefined"],
        rates=record["robustness"]["rates"],
    )


def _audits(by_form: Mapping[Form, Sequence[Cell]], store: Store) -> list[Audit]:
    """What each perturbation did to the rows: alike for every arm and seed that reads them with one tokenizer."""
    from xstilts.analysis.variants import Audit

    found: dict[tuple[str, str, str], Audit] = {}
    for form, cells in by_form.items():
        for cell in cells if form.perturbation else ():
            place = (cell["target"], form.perturbation, cell["language"])
            if place in found or cell["failure"] or not store.has(cell["node"]):
                continue
            try:
                told = store.open(cell["node"]).json("result.json").get("audit")
            except CorruptEntry:
                continue
            if told:
                counted = Counted(**told)
                found[place] = Audit(
                    target=cell["target"],
                    language=cell["language"],
                    perturbation=form.perturbation,
                    error_rate=counted.character_error_rate,
                    tokens_changed=counted.tokens_changed,
                    changed=counted.changed / max(counted.examples, 1),
                    examples=counted.examples,
                )
    return list(found.values())
