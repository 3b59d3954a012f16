"""What an arm asks for: training rows and plain text, which are found and counted before anything trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
        like: an earlier arm of this name, if there is one, has its training set taken instead.
    """

    task: str | InlineTask
    key: Path
    budget: str
    files: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    of_arm: bool = False
    like: str = ""


@dataclass(frozen=True, kw_only=True)
class SelectorRequest:
    """A model that chooses among the rows of an arm's first training set.

    Attributes:
        model: as an experiment names one; None: the experiment's.
        key: where in the arm it is written, for messages.
        recipe: how it is trained, over the arm's own recipe.
    """

    model: str | None
    key: Path
    recipe: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FileRequest:
    """A file beside the rows.

    Attributes:
        name: as the experiment gives it, relative to ``--data`` or to the experiment file.
        key: where in the arm it is written, for messages.
        role: under which the node that reads it has it.
    """

    name: str
    key: Path
    role: str


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
