"""A task with the files that it has here, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts.data.survey import Survey
from xstilts.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Part:
    """Files of one split and language; without files, a published set that still has to be fetched."""

    language: str
    files: tuple[Path, ...]
    fingerprints: tuple[str, ...]
    survey: Survey


@dataclass(frozen=True, kw_only=True)
class Source:
    """A task with the files that it has here.

    Attributes:
        name: registered name, or ``user``: labels of the user's stay outside the key.
        task: the description.
        spec: what of a user's task belongs in a key; None for registered ones.
        splits: split → language → part.
    """

    name: str
    task: Task
    spec: Mapping[str, Any] | None = None
    splits: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """Its name for people: of a task of the user's own, the one that the experiment gives it."""
        return self.name if self.spec is None else self.task.title

    def part(self, split: str, language: str) -> Part | None:
        """The part of a split and language, or None."""
        return self.splits.get(split, {}).get(language)

    @property
    def train(self) -> Part | None:
        """The training set in the source language."""
        return self.part("train", self.task.source_language)

    @property
    def trained_in(self) -> frozenset[str]:
        """The languages of its training sets: those that are here, and those that are published."""
        return frozenset(self.splits.get("train", {})) | published_in(self.task)


def published_in(task: Task, split: str = "train") -> frozenset[str]:
    """The languages in which a split of a task is published: by its sizes, and by the hub's configurations."""
    found = {name.partition("-")[2] for name in task.sizes if name.startswith(f"{split}-")}
    hub = task.hub
    whole = hub is not None and split in hub.splits
    if split in task.sizes or whole or task.union:
        found.add(task.source_language)
    if hub is not None and whole and "{" in f"{hub.config}{hub.splits[split]}":
        found.update(task.languages)
    return frozenset(found)


def united(parts: Sequence[Part], language: str) -> Part:
    """The parts of a union's members as one."""
    surveys = [part.survey for part in parts]
    return Part(
        language=language,
        files=tuple(file for part in parts for file in part.files),
        fingerprints=tuple(mark for part in parts for mark in part.fingerprints),
        survey=Survey(
            examples=sum(survey.examples for survey in surveys),
            characters=sum(survey.characters for survey in surveys),
            repeated=sum(survey.repeated for survey in surveys),
            measured=all(survey.measured for survey in surveys),
            unlabelled=sum(survey.unlabelled for survey in surveys),
        ),
    )
