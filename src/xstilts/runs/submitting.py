"""A finished run as a leaderboard folder: one arm, one seed, every benchmark task that the run evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts import __version__, languages
from xstilts.errors import UnknownName, UserError
from xstilts.leaderboard.benchmarks import TO_ENGLISH, Entry
from xstilts.leaderboard.forms.form import Form, Row
from xstilts.leaderboard.forms.labels import Indices
from xstilts.leaderboard.writing import check_free, write_folder
from xstilts.runs import choices, folders
from xstilts.runs.record import load_record
from xstilts.runs.results import Evaluated, Results
from xstilts.runs.tatoeba_order import both_directions

NO_TARGET = "not a target of the run"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What was written.

    Attributes:
        tasks: folder → code → what stands in the file: target, node, examples, whether they are a sample, and the
            run's own scores (fractions, None where the gold is hidden).
        missing: folder → why it, or a language of it, is not there.
        notes: what was chosen where nothing was said, and what a leaderboard would not take.
    """

    directory: Path
    labels: Path | None
    benchmark: str
    run: str
    arm: str
    seed: int | None
    tasks: Mapping[str, Mapping[str, Mapping[str, Any]]]
    missing: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass
class _Written:
    """Texts of files, and what the manifest says of them."""

    predictions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)

    def add(self, folder: str, code: str, form: Form, rows: Sequence[Row]) -> None:
        name = f"{folder}/test-{code}.{form.suffixes[0]}"
        self.predictions[name] = form.predictions(rows)
        if any(row.gold is None for row in rows):
            self.hidden.append(name)
        else:
            self.labels[name] = form.labels(rows)


def submit(
    run: str | Path,
    directory: Path,
    *,
    arm: str | None = None,
    seed: int | None = None,
    benchmark: str | None = None,
    labels: Path | None = None,
    data: Path | None = None,
) -> Submission:
    """Writes the predictions of a run in the leaderboard's layout, and a manifest of what they are.

    Args:
        run: a run's name, or its output folder.
        directory: where to; new or empty.
        arm: which intermediate training; the baseline ``none`` if not given.
        seed: which seed; the first of the run if not given.
        benchmark: ``xtreme`` or ``xtreme-r``; by the tasks of the run if not given.
        labels: also write the gold of the same rows, in the same layout, where it is not hidden.
        data: where Tatoeba's files lie, should the store no longer hold its sentences.

    Raises:
        UserError: no such run, arm, seed or benchmark; nothing of the benchmark in the run; a folder that is not empty.
    """
    check_free(directory, where="DIR")
    if labels is not None:
        check_free(labels, where="--labels")
    _, record = load_record(run)
    notes: list[str] = []
    arm = choices.arm(record["cells"], arm, notes)
    seed = choices.seed(record["cells"], arm, seed, notes)
    results = Results(folders.store_at(record["store"]), data=data)
    cells = [cell for cell in record["cells"] if cell["arm"] == arm and cell["seed"] in (seed, None)]
    results.store.stage(cell["node"] for cell in cells if not cell["failure"])
    by_task = choices.by_task(cells, results, run=record["run"], notes=notes)
    chosen = choices.benchmark(benchmark, by_task, notes)
    written, missing = _Written(), dict[str, str]()
    for entry in chosen.entries:
        _write_task(entry, by_task.get(entry.task, []), results, written, missing)
    if not written.predictions:
        raise UserError(_nothing(record, chosen.title, missing))
    notes += _samples(written) + [f"the gold of {name} is hidden: no labels of it" for name in written.hidden if labels]
    about = _about(record, chosen.name, arm, seed) | {"tasks": written.tasks, "missing": missing}
    write_folder(directory, written.predictions, {"holds": "predictions", **about})
    if labels is not None:
        write_folder(labels, written.labels, {"holds": "labels", **about})
    return Submission(
        directory=directory,
        labels=labels,
        benchmark=chosen.name,
        run=record["run"],
        arm=arm,
        seed=seed,
        tasks=written.tasks,
        missing=missing,
        notes=tuple(notes),
    )


def _about(record: Mapping[str, Any], benchmark: str, arm: str, seed: int | None) -> dict[str, Any]:
    """What the manifest says of the run that a folder was written from."""
    return {
        "made_by": f"xstilts {__version__}",
        "benchmark": benchmark,
        **{name: record[name] for name in ("run", "model", "created")},
        "arm": arm,
        "seed": seed,
    }


def _write_task(
    entry: Entry, cells: Sequence[choices.Cell], results: Results, written: _Written, missing: dict[str, str]
) -> None:
    """The files of a task; why one is not there goes into ``missing``."""
    if not cells:
        missing[entry.folder] = NO_TARGET
        return
    by_code = {_code(cell["language"]): cell for cell in cells}
    absent = [code for code in entry.codes if code not in by_code]
    if absent:
        missing[entry.folder] = f"not in the run: {' '.join(absent)}"
    for code in (code for code in entry.codes if code in by_code):
        cell = by_code[code]
        if problem := cell["failure"] or results.problem(cell["node"]):
            missing[f"{entry.folder}/{code}"] = problem
            continue
        found = results.evaluated(cell["node"], cell["language"] if cell["pooled"] else None)
        _check_split(found, cell)
        if isinstance(entry.form, Indices):
            forth, back = both_directions(found, results.sentences(cell["node"], cell["language"]))
            written.add(entry.folder, code, entry.form, forth)
            written.add(TO_ENGLISH, code, entry.form, back)
        else:
            written.add(entry.folder, code, entry.form, found.rows)
        written.tasks.setdefault(entry.folder, {})[code] = {
            "target": cell["target"],
            "node": cell["node"],
            "examples": len(found.rows),
            "sample": found.sample,
            "scores": found.scores,
            **({"thresholds": found.thresholds} if found.thresholds else {}),
        }


def _check_split(found: Evaluated, cell: choices.Cell) -> None:
    if found.split != found.test_split:
        raise UserError(
            f"target {cell['target']} was evaluated on {found.split}, not on {found.test_split}, "
            "and cannot be submitted"
        )


def _samples(written: _Written) -> list[str]:
    """A leaderboard takes every row or none."""
    cut = [
        f"{folder} {' '.join(c for c, one in of.items() if one['sample'])}"
        for folder, of in written.tasks.items()
        if any(one["sample"] for one in of.values())
    ]
    if not cut:
        return []
    return [
        f"only a sample was evaluated (budget.max_eval_examples), which no leaderboard accepts: {', '.join(cut)}; "
        "for a submission run again with --set budget.max_eval_examples=null"
    ]


def _nothing(record: Mapping[str, Any], title: str, missing: Mapping[str, str]) -> str:
    targets = dict.fromkeys(cell["target"] for cell in record["cells"])
    reasons = [f"{name}: {why}" for name, why in missing.items() if why != NO_TARGET]
    said = "".join(f"; {reason}" for reason in reasons)
    return f"the run {record['run']} has no result to submit for {title}: its targets are {', '.join(targets)}{said}"


def _code(language: str) -> str:
    try:
        return languages.get(language).code("xtreme")
    except UnknownName:
        return language.partition("-")[0]
