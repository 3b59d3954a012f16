"""Datasets on the hub, for what no data folder holds: one local copy per revision, read like any other file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.errors import ConfigError, DataError
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.revisions import keep, locked
from xstilts.reading.examples import Example
from xstilts.reading.jsonl import objects
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Hub, Task

COPY = ".hub.jsonl"
"""How the local copies of hub datasets end."""


class HubError(ConfigError):
    """The hub cannot be reached, or does not hold what is asked for; ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def download(task: Task, split: str, language: str, *, lock: Path, cache: Path) -> Path:
    """A local copy of a hub split as JSON lines, whose bytes depend on the revision alone.

    The revision is resolved once and kept in ``lock``.

    Raises:
        HubError: no hub source for this split or language, no connection, or ``HF_HUB_OFFLINE`` is set and the
            split is not cached.
    """
    if task.hub is None or split not in task.hub.splits or language not in task.languages:
        raise HubError(f"no hub source for {split} in {language}")
    hub = task.hub
    config = config_of(task, language)
    revision = resolve(hub, lock)
    named = _filled(hub.splits[split], task, language)
    # Where the split's name tells the languages apart, and not the configuration.
    own = _filled("{code}", task, language) if named != hub.splits[split] else "default"
    folder = cache / hub.repository.strip("/").replace("/", "--") / revision[:16] / (config or own)
    path = folder / f"{split}{COPY}"
    if not path.exists():
        rows = _rows(hub, config, named, revision)
        write_atomically(path, "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows))
    return path


def read_copy(task: Task, file: Path, language: str) -> Iterator[Example]:
    """The examples of a copy.

    Raises:
        DataError: a row that is not as the hub's dataset is published.
    """
    settled, found = kind_of(task.kind).settled, _copied(task, file, language)
    yield from settled(list(found), file) if settled else found


def _copied(task: Task, file: Path, language: str) -> Iterator[Example]:
    if task.hub is None or task.hub.read_row is None:
        raise DataError(f"{task.title} has no reader for the hub's rows", file=file)
    for line, row in objects(file):
        try:
            example = task.hub.read_row(row, language)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"not a row of {task.hub.repository}: {error!r}", file=file, line=line) from None
        if example is not None:
            yield example


def config_of(task: Task, language: str) -> str | None:
    """The hub's configuration of a language."""
    config = task.hub.config if task.hub else None
    return None if config is None else _filled(config, task, language)


def _filled(pattern: str, task: Task, language: str) -> str:
    """A name on the hub, in which ``{code}`` and ``{name}`` mean the language."""
    if "{" not in pattern:
        return pattern
    known = languages.get(language)
    system = task.local.codes if task.local else "xtreme"
    return pattern.format(code=known.code(system), name=known.name)


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
        raise HubError(f"the hub gives no commit of {hub.repository}")
    return str(commit)


def _digest(folder: Path) -> str:
    """A folder that replaces a repository has no commit: the hash of its files does."""
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


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
