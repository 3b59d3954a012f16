"""What a run lacks, said at once: one line per task and split, with the folder or the hub revision to provide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xstilts.data.downloads import config_of
from xstilts.data.layouts import describe, patterns
from xstilts.pipeline.revisions import locked
from xstilts.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A split and language of a task that is neither below ``--data`` nor to be had from the hub.

    Attributes:
        name: the task's registered name.
        reason: why the hub did not give it; empty where it was not asked.
        hint: what else would do.
    """

    name: str
    task: Task
    split: str
    language: str
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class TextGap:
    """The text for an arm's masked LM, which is not where the experiment says."""

    arm: str
    reason: str


def described(gaps: Iterable[Gap | TextGap], *, data: Path | None, lock: Path) -> list[str]:
    """One line per task, split and reason, and per text; languages and arms that lack the same are named together.

    Args:
        gaps: what is missing, in the order in which it was looked for.
        data: the ``--data`` folder.
        lock: the file that keeps revisions.
    """
    groups: dict[tuple[str, str, str, str], dict[str, Gap]] = {}
    texts: dict[str, list[str]] = {}
    for gap in gaps:
        if isinstance(gap, TextGap):
            texts.setdefault(gap.reason, []).append(gap.arm)
        else:
            groups.setdefault((gap.name, gap.split, gap.reason, gap.hint), {})[gap.language] = gap
    sets = [_line(list(group.values()), data, lock) for group in groups.values()]
    return sets + [f"text for masked LM ({', '.join(arms)}): {reason}" for reason, arms in texts.items()]


def _line(group: Sequence[Gap], data: Path | None, lock: Path) -> str:
    first = group[0]
    several = len(group) > 1
    of = f"{len(group)} languages ({' '.join(gap.language for gap in group)})" if several else first.language
    ways = [*_files(first, several, data), *_hub(first, several, lock)] or ["no source is known"]
    reason = f" ({first.reason})" if first.reason else ""
    return f"{first.name}, {first.split}, {of}: {', or '.join(ways)}{reason}{first.hint}"


def _files(gap: Gap, several: bool, data: Path | None) -> list[str]:
    if several:
        looked = tuple(map(describe, gap.task.local.patterns.get(gap.split, ()))) if gap.task.local else ()
    else:
        looked = patterns(gap.task, gap.split, gap.language)
    return [f"provide {' or '.join(looked)} below {data or '--data'}"] if looked else []


def _hub(gap: Gap, several: bool, lock: Path) -> list[str]:
    hub = gap.task.hub
    if hub is None or gap.split not in hub.splits or gap.language not in gap.task.languages:
        return []
    config = hub.config if several else config_of(gap.task, gap.language)
    name = f"{hub.repository}@{hub.branch}" if hub.branch else hub.repository
    revision = hub.revision or locked(lock, "datasets", name)
    at = f" at revision {revision}" if revision else f" ({hub.branch})" * bool(hub.branch)
    return [f"make {hub.repository}{f' [{config}]' if config else ''}{at} reachable on the hub"]
