"""Datasets on the hub, for what no data folder holds: one local copy per revision, read like any other file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.data.discovery import COPY, Found, patterns
from xstilts.errors import ConfigError, DataError, UnknownName
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.revisions import keep, locked
from xstilts.reading.examples import Example
from xstilts.reading.jsonl import objects
from xstilts.tasks.task import Hub, Task


class HubError(ConfigError):
    """The hub cannot be reached, or does not hold what is asked for; ``reason`` says which."""

    def __init__(self, reason: str, *, asked: str = "") -> None:
        self.reason, self.asked = reason, asked
        super().__init__(f"{asked}: {reason}" if asked else reason)

    def __reduce__(self) -> tuple[type[HubError], tuple[str]]:
        return HubError, (str(self),)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A dataset that is neither in the data folder nor to be had from the hub.

    Attributes:
        task: its registered name.
        split: train, dev or test.
        language: the language id.
        looked: the paths below the data folder at which it was looked for.
        hub: the hub's repository, configuration and split, or empty if there is none.
        reason: why the hub did not give it.
    """

    task: str
    split: str
    language: str
    looked: tuple[str, ...]
    hub: str = ""
    reason: str = ""

    def __str__(self) -> str:
        looked = f"provide {' or '.join(self.looked)}" if self.looked else "no local layout is known"
        hub = f", or make {self.hub} reachable" if self.hub else ""
        return f"{self.task}, {self.split}, {self.language}: {looked}{hub}" + f" ({self.reason})" * bool(self.reason)


def obtain(
    name: str, task: Task, found: Found, split: str, language: str, *, lock: Path | None, cache: Path | None
) -> tuple[Path, ...] | Missing:
    """The files of a split and language: those of the data folder, else a copy from the hub.

    Args:
        name: the task's registered name.
        task: the task.
        found: what the data folder holds of it.
        split: train, dev or test.
        language: the language id.
        lock: the file that keeps revisions; None: the hub is not asked.
        cache: the folder of the copies; None: the hub is not asked.
    """
    if files := found.of(split, language):
        return files
    reason = ""
    if lock is not None and cache is not None:
        try:
            return (download(task, split, language, lock=lock, cache=cache),)
        except HubError as error:
            reason = error.reason
    return _missing(name, task, split, language, reason)


def all_missing(missing: Iterable[Missing], root: Path | None, *, where: str | Path = "") -> ConfigError:
    """One error for everything that is missing, so that it can be provided before anything trains."""
    lines = "\n".join(f"  {one}" for one in missing)
    place = f"below {root}" if root is not None else "no data folder was given (--data)"
    return ConfigError(f"datasets are missing, {place}:\n{lines}", where=where)


def download(task: Task, split: str, language: str, *, lock: Path, cache: Path) -> Path:
    """A local copy of a hub split as JSON lines, whose bytes depend on the revision alone.

    The revision is resolved once and kept in ``lock``.

    Raises:
        HubError: no hub source for this split or language, no connection, or ``HF_HUB_OFFLINE`` is set and the
            split is not cached.
    """
    try:
        return _copied(task, split, language, lock, cache)
    except HubError as error:
        missing = _missing(task.title, task, split, language, "")
        raise HubError(error.reason, asked=str(missing)) from None


def read_copy(task: Task, file: Path, language: str) -> Iterator[Example]:
    """The examples of a copy.

    Raises:
        DataError: a row that is not as the hub's dataset is published.
    """
    if task.hub is None or task.hub.read_row is None:
        raise DataError(f"{task.title} has no reader for the hub's rows", file=file)
    for line, row in objects(file):
        try:
            example = task.hub.read_row(row, language)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"not a row of {task.hub.repository}: {error!r}", file=file, line=line) from None
        if example is not None:
            yield example


def _copied(task: Task, split: str, language: str, lock: Path, cache: Path) -> Path:
    if task.hub is None or split not in task.hub.splits or language not in task.languages:
        raise HubError(f"no hub source for {split} in {language}")
    hub = task.hub
    config = config_of(task, language)
    revision = resolve(hub, lock)
    folder = cache / hub.repository.strip("/").replace("/", "--") / revision[:16] / (config or "default")
    path = folder / f"{split}{COPY}"
    if not path.exists():
        rows = _rows(hub, config, hub.splits[split], revision)
        write_atomically(path, "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows))
    return path


def _missing(name: str, task: Task, split: str, language: str, reason: str) -> Missing:
    return Missing(
        task=name,
        split=split,
        language=language,
        looked=patterns(task, split, language),
        hub=_described(task, split, language),
        reason=reason,
    )


def config_of(task: Task, language: str) -> str | None:
    """The hub's configuration of a language."""
    config = task.hub.config if task.hub else None
    if config is None or "{" not in config:
        return config
    known = languages.get(language)
    system = task.local.codes if task.local else "xtreme"
    return config.format(code=known.code(system), name=known.name)


def resolve(hub: Hub, lock: Path) -> str:
    """The commit of a dataset: as declared, as locked, else the hub's, which is then locked.

    Raises:
        HubError: it is not locked and the hub does not answer.
        DataError: the lock file cannot be read.
    """
    if hub.revision:
        return hub.revision
    name = f"{hub.repository}@{hub.branch}" if hub.branch else hub.repository
    commit = locked(lock, "datasets", name)
    if commit is None:
        commit = _head(hub)
        keep(lock, "datasets", name, commit)
    return commit


def _head(hub: Hub) -> str:
    if Path(hub.repository).is_dir():
        return _digest(Path(hub.repository))
    from huggingface_hub import HfApi

    try:
        commit = HfApi().dataset_info(hub.repository, revision=hub.branch).sha
    except Exception as error:  # as below: connection, offline mode, no such repository, no right to read it
        raise HubError(_first_line(error)) from None
    if not commit:
        raise HubError(f"the hub names no commit of {hub.repository}")
    return str(commit)


def _digest(folder: Path) -> str:
    """A folder that stands in for a repository has no commit: the hash of its files does."""
    import hashlib

    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:40]


def _rows(hub: Hub, config: str | None, split: str, revision: str) -> Iterator[Mapping[str, Any]]:
    import datasets

    revised = {} if Path(hub.repository).is_dir() else {"revision": revision}
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        parts = split.split("+")
        for part in parts:
            rows = datasets.load_dataset(hub.repository, config, split=part, **revised)
            yield from rows if len(parts) == 1 else ({**row, "split": part} for row in rows)
    except Exception as error:  # the library's errors have no common base, and all mean the same here
        raise HubError(_first_line(error)) from None
    finally:
        if not shown:
            datasets.enable_progress_bars()


def _described(task: Task, split: str, language: str) -> str:
    if task.hub is None or split not in task.hub.splits or language not in task.languages:
        return ""
    try:
        config = config_of(task, language)
    except UnknownName:
        return ""
    revision = f" at {task.hub.revision}" if task.hub.revision else ""
    return f"{task.hub.repository}{f' ({config})' if config else ''}{revision} on the hub"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
