"""What an arm asks for: training rows and plain text, which are found and counted before anything trains."""

from __future__ import annotations

from dataclasses import dataclass

from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.validation import Path


@dataclass(frozen=True, kw_only=True)
class RowRequest:
    """The training set of one task.

    Attributes:
        task: a registered task, or a task on the user's files.
        key: where in the arm it is written, for messages.
        budget: the name under which the experiment's budget may limit it.
        files: replace the task's own training set.
        languages: of the rows; empty: the task's source language.
        of_arm: whether ``task`` may also name an earlier arm, whose training set is then taken.
    """

    task: str | InlineTask
    key: Path
    budget: str
    files: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    of_arm: bool = False


@dataclass(frozen=True, kw_only=True)
class TextRequest:
    """Plain text.

    Attributes:
        folders: as the experiment names them.
        key: where in the arm they are written, for messages.
        languages: of the text; empty: all that it has.
    """

    folders: tuple[str, ...]
    key: Path
    languages: tuple[str, ...] = ()
