"""What data an experiment reads: every task's files by split and language, checked before anything trains."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xstilts import registry
from xstilts.data import discovery, made
from xstilts.data.findings import Finding, Notebook
from xstilts.data.folders import data_folder, resolve_files
from xstilts.data.gaps import Gap, TextGap, described
from xstilts.data.hub_copies import HubCopies
from xstilts.data.plain_text import text_of
from xstilts.data.sources import Part, Source, united
from xstilts.data.survey import Survey, Surveyor, assumed, published
from xstilts.data.text_folders import TextFolder
from xstilts.data.user_files import UserFiles, identity_of, spec_of, tests_of
from xstilts.data.user_tasks import user_task
from xstilts.data.when_asked import WhenAsked
from xstilts.errors import CheckpointError, ConfigError, DataError
from xstilts.pipeline.revisions import LOCK
from xstilts.pipeline.store import Store
from xstilts.tasks.task import Task


class Inventory:
    """Finds, checks and counts data. It remembers what files hold; all else that there is to say, its findings say.

    Args:
        data: the ``--data`` folder, or None.
        beside: the experiment file's folder.
        store: where counts are kept.
        lock_in: the folder of the lock file; ``beside`` if not given.
        planning: count a missing set by its published size instead of refusing.
    """

    def __init__(
        self,
        *,
        data: Path | None,
        beside: Path,
        store: Store,
        lock_in: Path | None = None,
        planning: bool = False,
    ) -> None:
        self.data = data_folder(data) if data is not None else None
        self.beside, self.store, self.planning = beside, store, planning
        self.lock = (beside if lock_in is None else lock_in) / LOCK
        self.made_in = store.root / made.FOLDER
        self.surveyor = Surveyor(store)
        self.hub = HubCopies(lock=self.lock, cache=store.root / "hub")
        self._sources: dict[str, Finding[Source]] = {}
        self._on_dev: Mapping[str, str] = {}

    def training_on_dev(self, name: str, stand_in: str) -> Inventory:
        """The same data, but the dev rows of a registered task are its training set.

        Args:
            name: the task.
            stand_in: says so, in every finding in which these rows are read for training.
        """
        other = copy.copy(self)
        other._on_dev = {**self._on_dev, name: stand_in}
        other._sources = {known: source for known, source in self._sources.items() if known != name}
        return other

    def registered(self, name: str) -> Finding[Source]:
        """A registered task and the files of it below ``--data``; nothing is read yet."""
        if name not in self._sources:
            self._sources[name] = self._registered(name)
        return self._sources[name]

    def inline(self, name: str, given: UserFiles, *, where: str) -> Finding[Source]:
        """A task on the user's own files."""
        train = self.files(given.files, where=f"{where}.files")
        dev = self.files(given.dev, where=f"{where}.dev")
        tests = {
            language or given.language: self.files(files, where=f"{where}.test")
            for language, files in tests_of(given, self.data, self.beside).items()
        }
        tested = [file for files in tests.values() for file in files]
        task = user_task(name, spec_of(given), train or tested, dev=dev, test=tested if train else ())
        notes = task.found.notes
        splits: dict[str, dict[str, Part]] = {"test": {lang: self._unread(lang, f) for lang, f in tests.items()}}
        for split, files in (("train", train), ("dev", dev)):
            if files:
                splits[split] = {given.language: self._unread(given.language, files)}
        # Without test files dev is what is evaluated: then it cannot select, rows of train do.
        shown = tests or ({given.language: dev} if dev else {})
        task = replace(
            task,
            test_split="test" if tests else "dev",
            select_on_train=not tests,
            languages=tuple(sorted(shown)),
        )
        return Finding(value=Source(name="user", task=task, spec=identity_of(task), splits=splits), notes=notes)

    def standing_in(self, source: Source, names: Sequence[str], *, where: str) -> Source:
        """``source`` with other files as its training set."""
        files = self.files(names, where=where)
        language = source.task.source_language
        splits = {**source.splits, "train": {language: self._unread(language, files)}}
        return replace(source, task=self._labelled(source.name, source.task, files), splits=splits)

    def files(self, names: Sequence[str], *, where: str) -> list[Path]:
        """Files that the experiment names."""
        return resolve_files(list(names), self.data, self.beside, where=where) if names else []

    def text(self, names: Sequence[str], *, where: str) -> TextFolder:
        """Plain text that the experiment names: folders, files of them, or the microworld's."""
        return text_of(names, self.data, self.beside, made_in=self.made_in, where=where)

    def read(self, source: Source, split: str, language: str) -> Finding[Part | None]:
        """The part of a split and language, its files read and counted; None, and a gap, without files.

        Raises:
            DataError: a file that cannot be read.
        """
        part = source.part(split, language)
        if part is None:
            return self._elsewhere(source, split, language)
        identity = source.name if source.spec is None else str(sorted(source.spec.items()))
        survey = part.survey
        if not survey.examples:
            survey = self.surveyor.task(source.task, part.files, language, identity=identity)
        stand_ins = (self._on_dev[source.name],) if split == "train" and source.name in self._on_dev else ()
        part = replace(part, survey=survey)
        return Finding(value=part, notes=_said(source, part), stand_ins=stand_ins)

    def published(self, source: Source, split: str, language: str) -> bool:
        """Whether the hub is known to hold a split and language, of a union all of its parts."""
        if source.task.union:
            parts = [self.registered(name).value for name in source.task.union]
            return all(one.part(split, language) or self.published(one, split, language) for one in parts)
        hub = source.task.hub
        return hub is not None and split in hub.splits and language in source.task.languages

    def described(self, gaps: Iterable[Gap | TextGap]) -> list[str]:
        """What is missing, a line each, with the folder or the hub revision to provide."""
        return described(gaps, data=self.data, lock=self.lock)

    def refuse_missing(self, gaps: Iterable[Gap | TextGap], model: CheckpointError | None = None) -> tuple[str, ...]:
        """Names everything that is missing, at once; a plan gets it as notes.

        Args:
            gaps: what is missing.
            model: why the model cannot be had, if so.

        Raises:
            ConfigError: something is missing.
            CheckpointError: the model alone is.
        """
        lines = self.described(gaps)
        if self.planning:
            return tuple(f"missing: {line}" for line in lines)
        if lines:
            listed = "\n  ".join([*lines, *([str(model)] if model else [])])
            raise ConfigError(f"data is missing:\n  {listed}", hint="nothing was trained")
        if model is not None:
            raise model
        return ()

    def _registered(self, name: str) -> Finding[Source]:
        task: Task = registry.find("tasks", name)
        found = discovery.discover(task, self.data, made_in=self.made_in)
        splits: dict[str, Mapping[str, Part]] = {split: self._when_asked(its) for split, its in found.files.items()}
        if name in self._on_dev:
            splits["train"] = {task.source_language: splits["dev"][task.source_language]}
        if task.labels_at_least and (train := splits.get("train", {}).get(task.source_language)):
            task = self._labelled(name, task, train.files)
        return Finding(value=Source(name=name, task=task, splits=splits), notes=found.notes)

    def _labelled(self, name: str, task: Task, train: Sequence[Path]) -> Task:
        """The task with the labels of its training set, where they are found in it."""
        if not task.labels_at_least or not train:
            return task
        return replace(task, labels=self.surveyor.task(task, train, task.source_language, identity=name).labels)

    def _when_asked(self, files: Mapping[str, Sequence[Path]]) -> WhenAsked[Part]:
        """The parts of a split, which nobody makes, opens or marks before a run needs them."""
        return WhenAsked(files, lambda language: self._unread(language, files[language]))

    def _unread(self, language: str, files: Sequence[Path]) -> Part:
        return Part(
            language=language,
            files=tuple(files),
            fingerprints=tuple(self.store.fingerprint(file) for file in files),
            survey=Survey(examples=0, characters=0),
        )

    def _elsewhere(self, source: Source, split: str, language: str) -> Finding[Part | None]:
        """A part that is not below ``--data``: from the hub, or missing."""
        task = source.task
        if task.union:
            return self._united(source, split, language)
        on_hub = task.hub is not None and split in task.hub.splits
        reason = hint = ""
        if on_hub and not self.planning:
            try:
                part = self._fetched(source, split, language)
                return Finding(value=part, notes=_said(source, part))
            except (ConfigError, DataError) as error:
                reason = str(getattr(error, "reason", error))
        if not self.planning:
            hint = _other_split(source, split, language)
        gap = Gap(name=source.name, task=task, split=split, language=language, reason=reason, hint=hint)
        if not self.planning:
            return Finding(value=None, gaps=(gap,))
        return self._priced(source, split, language, gaps=() if on_hub else (gap,))

    def _priced(
        self, source: Source, split: str, language: str, *, gaps: tuple[Gap | TextGap, ...]
    ) -> Finding[Part | None]:
        """A part that is not here, by its published size or by a guess, which is reported."""
        notes: tuple[str, ...] = ()
        survey = published(source.task, split, language)
        if survey is None:
            survey = assumed(source.name, source.task, split)
            notes = (f"{source.name}, {split}: a size was not published, {survey.examples:,} examples are assumed",)
        repository = source.task.hub.repository if source.task.hub else source.name
        mark = f"hub:{repository}:{split}:{language}"
        part = Part(language=language, files=(), fingerprints=(mark,), survey=survey)
        return Finding(value=part, gaps=gaps, notes=notes)

    def _united(self, source: Source, split: str, language: str) -> Finding[Part | None]:
        """The parts of a union's members, each from below ``--data`` or from the hub; None if one is missing."""
        book = Notebook()
        members = [book.take(self.registered(name)) for name in source.task.union]
        parts = [book.take(self.read(member, split, language)) for member in members]
        whole = [part for part in parts if part is not None]
        return book.finding(united(whole, language) if len(whole) == len(parts) else None)

    def _fetched(self, source: Source, split: str, language: str) -> Part:
        part = self._unread(language, [self.hub.fetch(source.task, split, language)])
        return replace(part, survey=self.surveyor.task(source.task, part.files, language, identity=source.name))


def _said(source: Source, part: Part) -> tuple[str, ...]:
    """What was noticed while the files of a part were read."""
    return tuple(f"{source.called}: {note}" for note in part.survey.notes)


def _other_split(source: Source, split: str, language: str) -> str:
    if split == "test" and source.part("dev", language):
        return f" (its dev set is here: {{task: {source.name}, split: dev}} evaluates that)"
    return ""
