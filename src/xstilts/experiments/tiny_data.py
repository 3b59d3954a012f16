"""``profile: tiny`` on the data that is here: what has none is left out or gets a stand-in, and every case is said.

A real run does neither: it refuses, and names all that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from xstilts import registry
from xstilts.data.gaps import Gap, TextGap, described
from xstilts.data.inventory import Inventory
from xstilts.data.sources import Part, Source
from xstilts.errors import NotFound
from xstilts.experiments.arms import Arm, Target
from xstilts.experiments.schema import Experiment
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task

T = TypeVar("T")
TestParts = Callable[[Source], list[Part]]
"""The test files of a task in the chosen languages."""


class Available:
    """What of an experiment can run on the data that is here.

    Args:
        experiment: what is wanted.
        inventory: what is here; notes what was left out.
        heads: the registry's room of the heads of the model.
        test_parts: the test files of a task in the chosen languages.
    """

    def __init__(self, experiment: Experiment, inventory: Inventory, *, heads: str, test_parts: TestParts) -> None:
        self.experiment, self.inventory = experiment, inventory
        self.heads, self.test_parts = heads, test_parts
        self.stand_ins: list[str] = []
        self._trains: dict[str, list[Gap | TextGap]] = {}

    def experiment_on_it(self) -> Experiment:
        """The experiment without the arms and targets that lack data.

        Raises:
            ConfigError: no target is left; names everything that is missing.
        """
        arms: list[Arm] = []
        gaps: list[Gap | TextGap] = []
        for arm in self.experiment.intermediate:
            kept, lacking = self._arm(arm, {one.name for one in arms})
            self._note(f"arm {arm.name}", arm.tasks, kept.tasks if kept else None, lacking)
            gaps += lacking
            arms += [kept] if kept else []
        targets: list[Target] = []
        for target in self.experiment.targets:
            found, lacking = self._target(target)
            self._note(f"target {target.name}", (), () if found else None, lacking)
            gaps += lacking
            targets += [found] if found else []
        if not targets:
            self.inventory.missing = gaps
            self.inventory.refuse_missing()
        chosen = self.experiment.model_copy(update={"intermediate": tuple(arms), "targets": tuple(targets)})
        return chosen.beside(self.experiment.folder) if self.experiment.folder is not None else chosen

    def _note(self, what: str, given: tuple[str, ...], kept: tuple[str, ...] | None, gaps: list[Gap | TextGap]) -> None:
        """Says what was left out: all of it (``kept`` is None), or some of its tasks."""
        if kept == given:
            return
        part = "" if kept is None else f" ({', '.join(name for name in given if name not in kept)})"
        lines = "; ".join(described(gaps, data=self.inventory.data, lock=self.inventory.lock))
        self.inventory.notes.append(f"profile tiny: {what}{part} is left out: {lines or 'what it needs was left out'}")

    # Arms.

    def _arm(self, arm: Arm, earlier: set[str]) -> tuple[Arm | None, list[Gap | TextGap]]:
        """The arm as far as its training sets are here, and what is missing; none without its text for masked LM."""
        kept, gaps = self._arm_on_tasks(arm, earlier)
        if kept is None or arm.masked_lm is None:
            return kept, gaps
        try:
            self.inventory.text(arm.masked_lm.text, where="")
        except NotFound as error:
            return None, [*gaps, TextGap(arm=arm.name, reason=str(error))]
        return kept, gaps

    def _arm_on_tasks(self, arm: Arm, earlier: set[str]) -> tuple[Arm | None, list[Gap | TextGap]]:
        if arm.method == "multi_task":
            of_arms = {one.name for one in self.experiment.intermediate}
            lacking = {name: [] if name in of_arms else self._train(_trained(name)) for name in arm.tasks}
            kept = [name for name in arm.tasks if (name in earlier if name in of_arms else not lacking[name])]
            gaps = [gap for found in lacking.values() for gap in found]
            return (arm.model_copy(update={"tasks": tuple(kept)}) if len(kept) > 1 else None), gaps
        if not isinstance(arm.task, str) or arm.train_file:
            return arm, []
        if arm.languages:
            source = self.inventory.registered(arm.task)
            _, gaps = self._attempt(lambda: [self.inventory.read(source, "train", one) for one in arm.languages])
        else:
            gaps = self._train(self._own_or(arm.task))
        return (None if gaps else arm), gaps

    def _own_or(self, name: str) -> str:
        """A task, or the one whose training set it uses where it has none of its own."""
        return name if self.inventory.registered(name).train is not None else _trained(name)

    # Targets.

    def _target(self, target: Target) -> tuple[Target | None, list[Gap | TextGap]]:
        """The target on data that is here, and what is missing."""
        if not isinstance(target.task, str):
            return target, []
        source = self.inventory.registered(target.task)
        if target.split:
            source = _evaluated_on(source, target.split)
        parts, gaps = self._attempt(lambda: self.test_parts(source))
        if not parts and source.splits.get("dev"):
            target, source = target.model_copy(update={"split": "dev"}), _evaluated_on(source, "dev")
            parts, _ = self._attempt(lambda: self.test_parts(source))
        if not parts:
            return None, gaps
        tuning = kind_of(source.task.kind).tuning
        if tuning and tuning.split == source.task.test_split:
            return None, gaps
        if tuning:
            _, gaps = self._attempt(lambda: [self.inventory.read(source, tuning.split, p.language) for p in parts])
            return (None if gaps else target), gaps
        if not (source.task.trainable and registry.find(self.heads, source.task.kind).trainable) or target.train_file:
            return target, []
        return self._trained_target(target, source.task)

    def _trained_target(self, target: Target, task: Task) -> tuple[Target | None, list[Gap | TextGap]]:
        trained = target.train_on or _trained(str(target.task))
        if gaps := self._train(trained):
            for name in self._others(trained):
                if not self._train(name):
                    return target.model_copy(update={"train_on": name}), []
            return None, gaps
        if task.train_first and not target.train_on and self._train(task.train_first):
            self.stand_ins.append(f"target {target.name}: not trained on {task.train_first} first")
            return target.model_copy(update={"train_on": trained}), []
        return target, []

    def _others(self, trained: str) -> Iterator[str]:
        """Tasks of the experiment on which a target could train as well: their rows are of the same form."""
        wanted: Task = registry.find("tasks", trained)
        named = [_trained(t.task) for t in self.experiment.targets if isinstance(t.task, str)]
        named += [arm.task for arm in self.experiment.intermediate if isinstance(arm.task, str)]
        for name in dict.fromkeys(named):
            task: Task = registry.find("tasks", name)
            if name != trained and (task.kind, task.labels) == (wanted.kind, wanted.labels):
                yield name

    # Training sets.

    def _train(self, name: str) -> list[Gap | TextGap]:
        """What a task's training set lacks; dev rows, where they are here, stand in for one that is not."""
        if name not in self._trains:
            source = self.inventory.registered(name)
            language = source.task.source_language
            part, gaps = self._attempt(lambda: self.inventory.read(source, "train", language))
            dev = source.part("dev", language)
            if part is None and dev is not None:
                self.inventory.train_on_dev(name)
                self.stand_ins.append(f"profile tiny: dev rows of {source.task.title} stand in for its training set")
                gaps = []
            self._trains[name] = gaps
        return self._trains[name]

    def _attempt(self, read: Callable[[], T]) -> tuple[T, list[Gap | TextGap]]:
        """What was read, and what was found missing on the way."""
        before = self.inventory.missing
        self.inventory.missing = []
        try:
            return read(), self.inventory.missing
        finally:
            self.inventory.missing = before


def _evaluated_on(source: Source, split: str) -> Source:
    return replace(source, task=replace(source.task, test_split=split))


def _trained(name: str) -> str:
    """The task whose training set a task uses."""
    task: Task = registry.find("tasks", name)
    return task.train_on or name
