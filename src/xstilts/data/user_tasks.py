"""A user's own task: files that an experiment names with a kind, labels and, if need be, a column mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.data.task_files import TaskFiles
from xstilts.data.user_layouts import column_number, layout
from xstilts.data.user_metrics import decide, located, scored
from xstilts.errors import ConfigError, DataError, UnknownName
from xstilts.reading import rows
from xstilts.reading.columns import Roles, check_roles
from xstilts.reading.examples import Example
from xstilts.reading.labels import label_text
from xstilts.reading.tables import FORMATS, is_json_lines, read_rows
from xstilts.tasks.kind import Decision, Kind, kind_of
from xstilts.tasks.kind import kinds as known_kinds
from xstilts.tasks.task import Local, Task

VERSION = 2
"""Raised when some files read otherwise; part of a node's key."""
KEYS = ("files", "kind", "labels", "columns", "format", "dev", "test", "language", "metric")


def kinds() -> tuple[str, ...]:
    """The kinds that a task on files of the user's own may have."""
    return tuple(name for name in known_kinds() if kind_of(name).roles is not None)


@dataclass(frozen=True, kw_only=True)
class UserTask(Task):
    """A task of the user's; ``discovery.discover`` and ``discovery.read`` take it like any other.

    Attributes:
        name: as the experiment names it.
        columns: the user's mapping, role → column.
        format: the user's format; None: by extension.
        choice_labels: for multiple choice: the label of each choice, in order.
        found: its files, under train, dev and test; its notes say which labels were inferred.
    """

    name: str
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    format: str | None = None
    choice_labels: tuple[str, ...] = ()
    found: TaskFiles = field(default_factory=TaskFiles)

    def identity(self) -> dict[str, Any]:
        """What belongs in a node's key: all that changes how a row reads; never a name or a path."""
        return {
            "kind": self.kind,
            "labels": list(self.labels or self.choice_labels),
            "columns": {role: names if isinstance(names, str) else list(names) for role, names in self.columns.items()},
            "format": self.format,
            "metric": self.metric,
            "language": self.source_language,
            "version": self.version,
        }


def user_task(
    name: str,
    spec: Mapping[str, Any],
    files: Sequence[Path],
    *,
    dev: Sequence[Path] = (),
    test: Sequence[Path] = (),
) -> UserTask:
    """The task that an experiment writes out: ``{files, kind, labels, columns, format, dev, test, language}``.

    Labels match as they are written. Where a file holds integers alone and labels are given that are not those
    integers, they count the labels from 0. Without ``labels``, those found in the files are taken, sorted, and a
    note says so. Where the kind decides the metric by the examples (``Kind.decide``), and none is given, they are read.

    Args:
        name: as the experiment names it; used in messages.
        spec: the mapping of the experiment; its file names are not looked at.
        files: the training files, already found.
        dev: those of ``spec["dev"]``.
        test: those of ``spec["test"]``.

    Raises:
        UnknownName: a key, kind, format, column role or language that does not exist.
        ConfigError: no kind, no files, or a file whose format its extension does not tell.
        DataError: a file that cannot be read, where labels have to be inferred.
    """
    where = f"task {name}"
    kind = _kind(spec, where=where)
    means, roles = kind_of(kind), _roles(kind)
    if not files:
        raise ConfigError("no files", where=where)
    language = languages.get(spec.get("language") or "eng-Latn", where=where).id
    form = _form(spec, where=where)
    tabular = _tabular((*files, *dev, *test), kind, form, where=where)
    columns = _columns(spec, kind, tabular=tabular, where=where)
    reading = partial(_read, kind=means, columns=columns, form=form)
    with located(where):
        decided = _decided(spec, kind, files, (*dev, *test), reading)
    labels, splits = decided.labels, {"train": files, "dev": dev, "test": test}
    return UserTask(
        name=name,
        title=name,
        kind=kind,
        metric=decided.metric,
        labels=() if roles.labels_are_choices else labels,
        choice_labels=labels if roles.labels_are_choices else (),
        source_language=language,
        languages=(language,),
        test_split="test" if test or not dev else "dev",
        local=Local(patterns={}, read=partial(scored, reading=reading, kind=means, decided=decided)),
        max_length=means.max_length,
        notes="; ".join(decided.notes),
        columns=columns,
        format=form,
        version=VERSION,
        found=TaskFiles(
            files={split: {language: tuple(paths)} for split, paths in splits.items() if paths},
            notes=tuple(f"{name}: {one}" for one in decided.notes),
        ),
    )


def _kind(spec: Mapping[str, Any], *, where: str) -> str:
    """The kind of a task, whose keys are all known."""
    for key in spec:
        if key not in KEYS:
            raise UnknownName("key of a task", str(key), KEYS, where=where)
    kind = spec.get("kind")
    if not kind:
        raise ConfigError(f"the kind is missing; expected one of {', '.join(kinds())}", where=where)
    if kind not in kinds():
        raise UnknownName("kind of task", str(kind), kinds(), where=where)
    return str(kind)


def _roles(kind: str) -> Roles:
    """The roles of the columns of a kind that a task on files of the user's own may have."""
    roles = kind_of(kind).roles
    assert roles is not None
    return roles


def _form(spec: Mapping[str, Any], *, where: str) -> str | None:
    """The format that the task names; None: each file's by its extension."""
    form = spec.get("format")
    if form is not None and form not in FORMATS.values():
        raise UnknownName("format", str(form), set(FORMATS.values()), where=where)
    return form


def _columns(spec: Mapping[str, Any], kind: str, *, tabular: bool, where: str) -> Mapping[str, str | Sequence[str]]:
    """The user's mapping, role → column: names, or numbers in files whose columns have none."""
    given = spec.get("columns") or {}
    if tabular:
        return check_roles(kind, _roles(kind), given, where=where)
    return _numbered_columns(kind, given, where=where)


def _labels(
    spec: Mapping[str, Any], kind: Kind, files: Sequence[Path], reading: Callable[..., Iterator[Example]]
) -> tuple[tuple[str, ...], str]:
    """The labels as given, else those found in the files with a note that says so."""
    given = tuple(label_text(label) for label in spec.get("labels") or ())
    if given or kind.labels is None:
        return given, ""
    every = (example for file in files for example in reading(file, labels=()))
    found = tuple(sorted({label for example in every for label in kind.labels(example)}))
    if not found:
        raise DataError("no row has a gold label, so there is nothing to learn", file=files[0])
    return found, f"labels found in the files: {', '.join(found)}"


def _decided(
    spec: Mapping[str, Any], kind: str, files: Sequence[Path], others: Sequence[Path], reading: Callable[..., Any]
) -> Decision:
    """What the kind makes of the labels, the metric and all files; with a note of labels that were found."""
    labels, note = _labels(spec, kind_of(kind), files, reading)
    every = (*files, *others)
    decided = decide(
        kind, labels, spec.get("metric"), lambda: (one for file in every for one in reading(file, labels=labels))
    )
    return replace(decided, notes=((note,) if note else ()) + decided.notes)


def _read(
    file: Path, *, kind: Kind, columns: Mapping[str, Any], form: str | None, labels: tuple[str, ...]
) -> Iterator[Example]:
    found = layout(file, kind, form)
    if found == "json" and "squad" in kind.formats and not is_json_lines(file):
        found = "squad"
    if found in kind.formats:
        return kind.formats[found](file, columns, labels)
    assert kind.roles is not None
    table = rows.read(read_rows(file, found), file, roles=kind.roles, columns=columns, labels=labels)
    return iter(kind.settled(list(table), file)) if kind.settled else table


def _tabular(files: Sequence[Path], kind: str, given: str | None, *, where: str) -> bool:
    """Whether the files have named columns; CoNLL's do not, and the two cannot be mixed."""
    formats = {layout(file, kind_of(kind), given, where=where) for file in files}
    if "conll" in formats and ("conll" not in kind_of(kind).formats or len(formats) > 1):
        read = ", ".join(name for name in kinds() if "conll" in kind_of(name).formats)
        raise ConfigError(
            f"conll files hold {read}, and cannot be combined with other files", where=where, hint=f"kind here: {kind}"
        )
    return "conll" not in formats


def _numbered_columns(kind: str, given: Mapping[str, Any], *, where: str) -> dict[str, str]:
    """Columns of CoNLL files have no names: numbers from 0, or negative from the end; those of CoNLL-U have both."""
    checked = check_roles(kind, _roles(kind), {key: str(value) for key, value in given.items()}, where=where)
    return {role: str(column_number(role, str(column), where=where)) for role, column in checked.items()}
