"""With what a run was made: model, data sets, recipes and hours, from its experiment, its manifests and the cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.analysis.provenance import RunInfo, Training, work
from xstilts.analysis.table import Table
from xstilts.errors import UserError
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MISSING, counted, duration, listed, plain
from xstilts.reports.recipe import read_experiment
from xstilts.reports.references import cards
from xstilts.tasks.task import Task

RECIPE = {
    "learning_rate": "learning rate",
    "batch_size": "batch",
    "epochs": "epochs",
    "max_steps": "steps at most",
    "warmup": "warm-up",
    "weight_decay": "decay",
    "dropout": "dropout",
    "max_length": "length",
    "precision": "precision",
}
"""Keys of a recipe that are shown → their headings."""
SELECTION = (
    "Where a training has several sets of weights to choose from, they are selected on development rows of the source "
    "language, never on test rows."
)
MOST = 60
"""Lines of recipes; runs with more differ in what the CSV report and the manifests have."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """What the card of a run's model says of it; None where it says nothing."""

    name: str
    title: str = ""
    parameters: int | None = None
    licence: str | None = None
    repository: str | None = None


def model_of(info: RunInfo) -> Model:
    """The model of a run: the size of its matrices, and the licence of its checkpoint or family."""
    from xstilts.models.reference import resolve

    try:
        reference = resolve(info.model)
    except UserError:  # a folder of another machine
        return Model(name=info.model)
    family = reference.described
    checkpoint = family.checkpoints.get(info.model.partition(":")[2])
    return Model(
        name=info.model,
        title=family.title,
        parameters=reference.shape.parameters if reference.shape else None,
        licence=(checkpoint.licence if checkpoint else None) or family.licence,
        repository=reference.repository,
    )


def tasks_of(info: RunInfo) -> tuple[tuple[str, Task | None], ...]:
    """The data sets that the experiment names; None for one of the user's own, which has no card."""
    known: list[tuple[str, Task | None]] = [(name, card) for room, name, card in cards(info) if room == "tasks"]
    experiment = read_experiment(info.experiment)
    for key in ("intermediate", "targets"):
        parts = experiment.get(key)
        for part in parts if isinstance(parts, list) else ():
            known += [(name, None) for name in _own(part)]
    return tuple(dict(reversed(known)).items())[::-1]


def _own(part: object) -> Iterator[str]:
    """The name of an arm or a target with files of the user's own."""
    if not isinstance(part, Mapping):
        return
    for given in (part.get("task"), part.get("train_on"), *_list(part.get("tasks")), *_list(part.get("sources"))):
        if isinstance(given, Mapping) and (given.get("files") or given.get("test") or given.get("train")):
            yield str(part.get("name", ""))
    if part.get("train_file"):
        yield f"the training file of {part.get('name', '')}"


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def limits_of_tests(experiment: Mapping[str, Any]) -> list[str]:
    """What keeps test sets from being evaluated as a whole, in words."""
    limit = _budget(experiment).get("max_eval_examples")
    found = [f"at most {counted(limit, 'example')} of each test set and language"] if isinstance(limit, int) else []
    if experiment.get("profile"):
        found.append(f"the profile is {experiment['profile']}")
    return found


def _budget(part: Mapping[str, Any]) -> Mapping[str, Any]:
    given = part.get("budget")
    return given if isinstance(given, Mapping) else {}


def recipe_grid(info: RunInfo) -> Grid | None:
    """What nodes were trained on and with; None where no manifest says it."""
    shown = sorted(info.trainings, key=lambda one: (one.kind, one.sets))[:MOST]
    if not shown:
        return None
    return Grid(
        title="Trainings: what they read, and with what they were trained",
        corner="training",
        columns=("nodes", *RECIPE.values()),
        rows=tuple((plain(_title(one)), _settings(one)) for one in shown),
    )


def _title(one: Training) -> str:
    """``fine_tuning: micro_pos train (eng-Latn; at most 160 rows)``."""
    said = []
    for task, split, languages, limit in one.sets:
        spoken = listed(languages) if len(languages) <= 3 else counted(len(languages), "language")
        rows = "" if limit is None else f"at most {counted(limit, 'row')}"
        inside = "; ".join(filter(None, [spoken, rows]))
        said.append(f"{task} {split}" + (f" ({inside})" if inside else ""))
    return f"{one.kind}: {listed(said)}" if said else one.kind


def _settings(one: Training) -> tuple[Entry, ...]:
    return (Entry(main=f"{one.nodes:,}"), *(Entry(main=_value(one.recipe.get(key))) for key in RECIPE))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return MISSING if value is None else plain(str(value))


def node_time(info: RunInfo) -> str:
    """The nodes' own time, whichever call ran them; "" where no manifest says it."""
    kinds = work(info.machines)
    seconds = sum(one.seconds for one in kinds)
    return f"{duration(seconds)} ({seconds / 3600:.2f} hours)" if kinds else ""


def split_grid(table: Table, info: RunInfo) -> Grid:
    """The sizes of every data set as published, and of the targets what was evaluated."""
    tasks = dict(tasks_of(info))
    names = dict.fromkeys([*tasks, *table.targets])
    return Grid(
        title="Data sets: published sizes, and what was evaluated",
        corner="data set",
        columns=("train", "dev", "test", "languages", "evaluated a language", "clusters a language", "licence"),
        rows=tuple((plain(name), _sizes(tasks.get(name), table, name)) for name in names),
    )


def _sizes(task: Task | None, table: Table, name: str) -> tuple[Entry, ...]:
    published = [_number(task.sizes.get(split) if task else None) for split in ("train", "dev", "test")]
    cells = [cell for cell in table.of_target.get(name, ()) if cell.examples]
    licence = (task.licence if task else None) or "not known here"
    return (
        *published,
        _number(len(table.languages(name)) or None),
        Entry(main=_span({cell.examples for cell in cells})),
        Entry(main=_span({cell.clusters for cell in cells})),
        Entry(main=plain(licence)),
    )


def _number(value: int | None) -> Entry:
    return Entry(main=MISSING, status="missing") if value is None else Entry(main=f"{value:,}")


def _span(numbers: set[int]) -> str:
    if not numbers:
        return MISSING
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
