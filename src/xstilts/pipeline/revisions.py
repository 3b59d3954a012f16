"""The lock file: which commit of each hub repository an experiment uses, resolved once and kept beside it.

A JSON object with a table for ``models`` and one for ``datasets``, each repository → commit.
"""

from __future__ import annotations

import json
from pathlib import Path

from xstilts.errors import DataError
from xstilts.pipeline.fingerprint import write_atomically

LOCK = "xstilts.lock.json"


def locked(lock: Path, kind: str, repository: str) -> str | None:
    """The commit that the lock file holds for a repository, or None.

    Raises:
        DataError: the file is not what a lock file is.
    """
    return _tables(lock).get(kind, {}).get(repository)


def keep(lock: Path, kind: str, repository: str, commit: str) -> None:
    """Adds a commit to the lock file, which is made where there is none.

    Raises:
        DataError: the file is not what a lock file is.
    """
    tables = _tables(lock)
    tables.setdefault(kind, {})[repository] = commit
    write_atomically(lock, json.dumps(tables, indent=2, sort_keys=True) + "\n")


def _tables(lock: Path) -> dict[str, dict[str, str]]:
    if not lock.exists():
        return {}
    try:
        found = json.loads(lock.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"the lock file is not JSON: {error}", file=lock) from None
    tables = list(found.values()) if isinstance(found, dict) else [None]
    commits = [commit for table in tables if isinstance(table, dict) for commit in table.values()]
    if not all(isinstance(table, dict) for table in tables) or not all(isinstance(c, str) for c in commits):
        raise DataError("the lock file holds tables of repository and commit", file=lock)
    return dict(found)
