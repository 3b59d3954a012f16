"""What data an experiment reads: every task's files by split and language, checked before anything trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xstilts import registry
from xstilts.data import discovery, made
from xstilts.data.folders import data_folder, resolve_files
from xstilts.data.gaps import Gap, TextGap, described
from xstilts.data.plain_text import text_of
from xstilts.data.sources import Part, Source
from xstilts.data.survey import Survey, Surveyor, assumed, published
from xstilts.data.text_folders import TextFolder
from xstilts.data.user_files import UserFiles, identity_of, spec_of, tests_of
from xstilts.data.user_tasks import user_task
from xstilts.errors import CheckpointError, ConfigError, DataError
from xstilts.pipeline.revisions import LOCK
from xstilts.pipeline.store import Store
from xstilts.tasks.task import Task


class Inventory:
    """Finds, checks and counts data; remembers what is missing, so that all of it is named at once.

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
        self.surveyor = Surveyor(store)
        self.notes: list[str] = []
        self.missing: list[Gap | TextGap] = []
        self._unreachable: dict[str, str] = {}
        self._sources: dict[str, Source] = {}

    def registered(self, name: str) -> Source:
        """A registered task and the files of it below ``--data``; nothing is read yet."""
        if name not in self._sources:
            task: Task = registry.find("tasks", name)
            found = discovery.discover(task, self.data, made_in=self.store.root / made.FOLDER)
            self.notes += [note for note in found.notes if note not in self.notes]
            task = self._labelled(name, task, found.of("train", task.source_language))
            splits = {
                split: {language: self._unread(language, files) for language, files in by_language.items()}
                for split, by_language in found.files.items()
            }
            self._sources[name] = Source(name=name, task=task, splits=splits)
        return self._sources[name]

    def inline(self, name: str, given: UserFiles, *, where: str) -> Source:
        """A task on the user's own files."""
        train = self.files(given.files, where=f"{where}.files")
        dev = self.files(given.dev, where=f"{where}.dev")
        tests = {
            language or given.language: self.files(files, where=f"{where}.test")
            for language, files in tests_of(given, self.data, self.beside).items()
        }
        first = train or [file for files in tests.values() for file in files]
        task = user_task(name, spec_of(given), first, dev=dev)
        self.notes += list(task.found.notes)
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
        return Source(name="user", task=task, spec=identity_of(task), splits=splits)

    def standing_in(self, source: Source, names: Sequence[str], *, where: str) -> Source:
        """``source`` with other files as its training set."""
        files = self.files(names, where=where)
        language = source.task.source_language
        splits = {**source.splits, "train": {language: self._unread(language, files)}}
        return replace(source, task=self._labelled(source.name, source.task, files), splits=splits)

    def train_on_dev(self, name: str) -> None:
        """From here on a registered task trains on its dev rows (a tiny run without its training set)."""
        source = self.registered(name)
        dev = source.splits["dev"][source.task.source_language]
        task = self._labelled(name, source.task, dev.files)
        self._sources[name] = replace(source, task=task, splits={**source.splits, "train": {dev.language: dev}})

    def files(self, names: Sequence[str], *, where: str) -> list[Path]:
        """Files that the experiment names."""
        return resolve_files(list(names), self.data, self.beside, where=where) if names else []

    def text(self, names: Sequence[str], *, where: str) -> TextFolder:
        """Plain text that the experiment names: folders, files of them, or the microworld's."""
        return text_of(names, self.data, self.beside, made_in=self.store.root / made.FOLDER, where=where)

    def read(self, source: Source, split: str, language: str) -> Part | None:
        """The part of a split and language, its files read and counted; None (and noted as missing) without files.

        Raises:
            DataError: a file that cannot be read.
        """
        part = source.part(split, language)
        if part is None:
            return self._elsewhere(source, split, language)
        if part.survey.examples:
            return part
        identity = source.name if source.spec is None else str(sorted(source.spec.items()))
        survey = self.surveyor.task(source.task, part.files, language, identity=identity)
        return replace(part, survey=survey)

    def published(self, source: Source, split: str, language: str) -> bool:
        """Whether the hub is known to hold a split and language, of a union all of its parts."""
        if source.task.union:
            parts = [self.registered(name) for name in source.task.union]
            return all(one.part(split, language) or self.published(one, split, language) for one in parts)
        hub = source.task.hub
        return hub is not None and split in hub.splits and language in source.task.languages

    def refuse_missing(self, model: CheckpointError | None = None) -> None:
        """Names everything that is missing, at once; a plan only notes it.

        Args:
            model: why the model cannot be had, if so.

        Raises:
            ConfigError: something is.
            CheckpointError: the model alone is.
        """
        lines = described(self.missing, data=self.data, lock=self.lock)
        if self.planning:
            self.notes += [f"missing: {line}" for line in lines]
        elif lines:
            listed = "\n  ".join([*lines, *([str(model)] if model else [])])
            raise ConfigError(f"data is missing:\n  {listed}", hint="nothing was trained")
        elif model is not None:
            raise model

    def _labelled(self, name: str, task: Task, train: Sequence[Path]) -> Task:
        """The task with the labels of its training set, where they are found in it."""
        if not task.labels_at_least or not train:
            return task
        return replace(task, labels=self.surveyor.task(task, train, task.source_language, identity=name).labels)

    def _unread(self, language: str, files: Sequence[Path]) -> Part:
        return Part(
            language=language,
            files=tuple(files),
            fingerprints=tuple(self.store.fingerprint(file) for file in files),
            survey=Survey(examples=0, characters=0),
        )

    def _elsewhere(self, source: Source, split: str, language: str) -> Part | None:
        """A part that is not below ``--data``: from the hub, or missing."""
        task = source.task
        if task.union:
            return self._united(source, split, language)
        on_hub = task.hub is not None and split in task.hub.splits
        if self.planning:
            if not on_hub:
                self.missing.append(Gap(name=source.name, task=task, split=split, language=language))
            return self._priced(source, split, language)
        reason = ""
        if on_hub:
            try:
                return self._fetched(source, split, language)
            except (ConfigError, DataError) as error:
                reason = str(getattr(error, "reason", error))
        hint = _other_split(source, split, language)
        gap = Gap(name=source.name, task=task, split=split, language=language, reason=reason, hint=hint)
        self.missing.append(gap)
        return None

    def _priced(self, source: Source, split: str, language: str) -> Part:
        """A part that is not here, by its published size or by a guess, which is said."""
        survey = published(source.task, split, language)
        if survey is None:
            survey = assumed(source.name, source.task, split)
            line = f"{source.name}, {split}: a size was not published, {survey.examples:,} examples are assumed"
            if line not in self.notes:
                self.notes.append(line)
        repository = source.task.hub.repository if source.task.hub else source.name
        return Part(language=language, files=(), fingerprints=(f"hub:{repository}:{split}:{language}",), survey=survey)

    def _united(self, source: Source, split: str, language: str) -> Part | None:
        """The parts of a union's members, each from below ``--data`` or from the hub; None if one is missing."""
        parts = [self.read(self.registered(member), split, language) for member in source.task.union]
        whole = [part for part in parts if part is not None]
        if len(whole) < len(parts):
            return None
        return Part(
            language=language,
            files=tuple(file for part in whole for file in part.files),
            fingerprints=tuple(mark for part in whole for mark in part.fingerprints),
            survey=Survey(
                examples=sum(part.survey.examples for part in whole),
                characters=sum(part.survey.characters for part in whole),
                repeated=sum(part.survey.repeated for part in whole),
                measured=all(part.survey.measured for part in whole),
            ),
        )

    def _fetched(self, source: Source, split: str, language: str) -> Part:
        from xstilts.data.downloads import HubError, download, resolve

        hub = source.task.hub
        assert hub is not None
        if (reason := self._unreachable.get(hub.repository)) is not None:
            raise HubError(reason)
        try:
            resolve(hub, self.lock)
        except HubError as error:  # asked once: every further language would wait for the same answer
            self._unreachable[hub.repository] = error.reason
            raise
        copy = download(source.task, split, language, lock=self.lock, cache=self.store.root / "hub")
        part = self._unread(language, [copy])
        return replace(part, survey=self.surveyor.task(source.task, part.files, language, identity=source.name))


def _other_split(source: Source, split: str, language: str) -> str:
    if split == "test" and source.part("dev", language):
        return f" (its dev set is here: {{task: {source.name}, split: dev}} evaluates that)"
    return ""
