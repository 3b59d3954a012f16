"""What a folder of predictions scores: figures by language, task and group, and the total. All in per cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class TaskScore:
    """A task's figures.

    Attributes:
        score: what enters groups and total; None: there is none, and ``reason`` says why.
        official: the names of the scores that it consists of.
        averages: name → mean over the languages that are scored, including English.
        languages: code → name → score.
        examples: code → lines, sentences, questions, queries or gold pairs.
        absent: codes of the benchmark's languages with neither predictions nor labels.
        extra: figures that upstream does not have, over all languages.
    """

    score: float | None
    reason: str = ""
    official: tuple[str, ...] = ()
    averages: Mapping[str, float] = field(default_factory=dict)
    languages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    examples: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    extra: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GroupScore:
    """The unweighted mean over a group's tasks; None unless every one of them has a score."""

    score: float | None
    tasks: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """All figures of a submission.

    Attributes:
        overall: over all tasks of the benchmark.
        groups: by name; those that upstream does not have are named in ``own_groups``.
        warnings: what was scored as upstream does, but is probably a mistake.
    """

    benchmark: str
    overall: GroupScore
    groups: Mapping[str, GroupScore]
    own_groups: tuple[str, ...]
    tasks: Mapping[str, TaskScore]
    warnings: tuple[str, ...]


def mean_of(tasks: Mapping[str, TaskScore], names: tuple[str, ...]) -> GroupScore:
    """The unweighted mean over tasks, as ``evaluate.py``: none where one of them has no score."""
    lacking = [name for name in names if tasks[name].score is None]
    scores = [score for name in names if (score := tasks[name].score) is not None]
    if lacking:
        return GroupScore(score=None, tasks=names, reason="no score of " + ", ".join(lacking))
    return GroupScore(score=sum(scores) / len(scores), tasks=names)
