"""Local copies of the hub's datasets, for all tasks of a run: a repository that does not answer is asked once."""

from __future__ import annotations

from pathlib import Path

from xstilts.data import downloads
from xstilts.data.downloads import HubError
from xstilts.tasks.task import Task


class HubCopies:
    """Fetches what no data folder holds.

    Args:
        lock: the file that keeps revisions.
        cache: the folder of the copies.
    """

    def __init__(self, *, lock: Path, cache: Path) -> None:
        self.lock, self.cache = lock, cache
        self._unreachable: dict[str, str] = {}

    def fetch(self, task: Task, split: str, language: str) -> Path:
        """The copy of a split and language, downloaded where it is not here yet.

        Raises:
            HubError: the hub does not hold it, or does not answer.
            DataError: the lock file cannot be read.
        """
        self._reach(task)
        return downloads.download(task, split, language, lock=self.lock, cache=self.cache)

    def _reach(self, task: Task) -> None:
        """Asks for the revision; every further language would wait for the same answer of a hub that gives none."""
        if task.hub is None:
            return
        if (reason := self._unreachable.get(task.hub.repository)) is not None:
            raise HubError(reason)
        try:
            downloads.resolve(task.hub, self.lock)
        except HubError as error:
            self._unreachable[task.hub.repository] = error.reason
            raise
