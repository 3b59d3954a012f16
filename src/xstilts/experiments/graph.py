"""An experiment file → the graph of its nodes, every file read and checked, nothing trained yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from xstilts import registry
from xstilts.data.inventory import Inventory
from xstilts.data.sources import Part, Source
from xstilts.errors import CheckpointError, ConfigError
from xstilts.experiments import starting_point as starting
from xstilts.experiments.arms import Arm, InlineTask, Target
from xstilts.experiments.matrix_cells import Evaluations
from xstilts.experiments.mixed_text import MixedText, mixed_text
from xstilts.experiments.profiles import with_profile
from xstilts.experiments.ready import FOLDER as READY
from xstilts.experiments.schema import Experiment
from xstilts.experiments.starting_point import Base
from xstilts.experiments.study import PlannedTarget, Study
from xstilts.experiments.task_training import Training
from xstilts.experiments.tiny_data import Available
from xstilts.experiments.tokenizer_rows import with_tokenizer
from xstilts.experiments.training_sets import TrainingSets, for_target
from xstilts.models.reference import resolve
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.store import Store
from xstilts.tasks.kind import kind_of


def build(
    experiment: Experiment, *, data: Path | None, store: Store, cores: int | None = None, planning: bool = False
) -> Study:
    """Finds, reads and checks all data, and builds the graph.

    Args:
        experiment: what to run.
        data: the ``--data`` folder.
        store: where counts of what files hold are kept.
        cores: of this run; pretraining takes them all.
        planning: price what is missing by its published size instead of refusing.

    Raises:
        UserError: anything in the experiment or its data that cannot be used.
    """
    import os

    given, experiment = experiment, with_profile(experiment)
    builder = _Builder(experiment, data=data, store=store, cores=cores or os.cpu_count() or 1, planning=planning)
    if experiment.model != given.model:
        builder.inventory.notes.append(f"profile tiny: {experiment.model} stands in for {given.model}")
    return builder.study()


class _Builder:
    """Builds one study: sources first, then arms, then targets under each arm."""

    def __init__(self, experiment: Experiment, *, data: Path | None, store: Store, cores: int, planning: bool) -> None:
        self.experiment, self.cores = experiment, cores
        self.folder = experiment.folder or Path()
        # A ready experiment lies in the package, where a lock file has no business.
        lock_in = Path() if self.folder == READY else self.folder
        self.inventory = Inventory(data=data, beside=self.folder, store=store, lock_in=lock_in, planning=planning)
        self.reference = starting.settled(resolve(experiment.model, beside=self.folder), self.inventory)
        self.heads = f"heads.{self.reference.described.architecture}"
        self.stand_ins: list[str] = []
        self.arms: dict[str, tuple[Arm, list[Training]]] = {}
        self.mixed: dict[str, MixedText] = {}

    def study(self) -> Study:
        if self.experiment.profile == "tiny" and not self.inventory.planning:
            self._leave_out()
        base, unreachable = self._base()
        for index, arm in enumerate(self.experiment.intermediate):
            where = f"intermediate.{index}"
            self.arms[arm.name] = (arm, list(self._arm(arm, where)))
            if arm.masked_lm is not None:
                self.mixed[arm.name] = mixed_text(
                    arm.masked_lm, self.inventory, self.reference, arm=arm.name, where=f"{where}.masked_lm"
                )
        targets = [self._target(t, f"targets.{i}") for i, t in enumerate(self.experiment.targets)]
        self.inventory.refuse_missing(unreachable)
        self._note_languages(targets)
        trainings = [t for _, arm in self.arms.values() for t in arm]
        trainings += [training for target in targets for training in target.trainings]
        base = with_tokenizer(base, trainings, self.reference, self.inventory)
        under = Evaluations(self.experiment, self.reference, base, arms=self.arms, mixed=self.mixed)
        evaluations = [evaluation for target in targets for evaluation in under.of(target)]
        if not evaluations:
            raise ConfigError("nothing to evaluate: no target has test data in the chosen languages")
        nodes = list({e.node.key: e.node for e in evaluations}.values())
        return Study(
            experiment=self.experiment,
            reference=self.reference,
            graph=Graph(nodes),
            evaluations=tuple(evaluations),
            notes=tuple(dict.fromkeys(self.inventory.notes)),
            stand_ins=tuple(dict.fromkeys(self.stand_ins)),
            source_languages={t.given.name: t.training.source.task.source_language for t in targets if t.training},
            metrics={t.given.name: t.source.task.metric for t in targets},
        )

    def _leave_out(self) -> None:
        """A tiny run goes without what has no data here."""
        tiny = Available(self.experiment, self.inventory, heads=self.heads, test_parts=self._test_parts)
        self.experiment = tiny.experiment_on_it()
        self.stand_ins += tiny.stand_ins

    @cached_property
    def sets(self) -> TrainingSets:
        """Made when the first is asked for: what is left out is settled by then."""
        return TrainingSets(self.experiment, self.inventory, self.reference, self.stand_ins)

    def _base(self) -> tuple[Base, CheckpointError | None]:
        """What all training starts from; if the hub does not give it, why: missing data is named with it."""
        try:
            return starting.base(self.experiment, self.reference, self.inventory, cores=self.cores), None
        except CheckpointError as error:
            if self.reference.repository is None:
                raise
            return Base(family=self.reference.family), error

    # Phase ii.

    def _arm(self, arm: Arm, where: str) -> Iterator[Training]:
        if arm.method == "single_task":
            yield self._arm_training(arm, arm.task, where)
            return
        for position, name in enumerate(arm.tasks):
            if name in self.arms:
                training = self.arms[name][1][0]
                recipe = self.sets.recipe(training.source, arm.recipe.settings())
                limit = arm.budget.max_train_examples or training.limit
                spoken = tuple(part.language for part in training.parts)
                yield self.sets.training(training.source, limit, recipe, dev_of=training.source, spoken=spoken)
            else:
                yield self._arm_training(arm, name, f"{where}.tasks.{position}", budget_of=name)

    def _arm_training(
        self, arm: Arm, task: str | InlineTask | None, where: str, budget_of: str | None = None
    ) -> Training:
        assert task is not None
        name = budget_of or arm.name
        if isinstance(task, InlineTask):
            source = self.inventory.inline(name, task.request(), where=f"{where}.task")
        else:
            source = self.inventory.registered(task)
            if source.task.train_on and source.train is None:
                source = self.inventory.registered(source.task.train_on)
        if arm.train_file and budget_of is None:
            source = self.sets.stand_in(source, arm.train_file, f"arm {arm.name}", f"{where}.train_file")
        limit = arm.budget.max_train_examples or self.sets.limit(name, source.name)
        recipe = self.sets.recipe(source, arm.recipe.settings())
        return self.sets.training(source, limit, recipe, dev_of=source, spoken=arm.languages)

    # Phase iii.

    def _target(self, target: Target, where: str) -> PlannedTarget:
        if isinstance(target.task, InlineTask):
            source = self.inventory.inline(target.name, target.task.request(), where=f"{where}.task")
        else:
            source = self.inventory.registered(target.task)
        if target.split and target.split != source.task.test_split:
            self.stand_ins.append(f"target {target.name}: evaluated on {target.split}, not on {source.task.test_split}")
            # Selection never sees a row that is evaluated.
            held = source.task.select_on_train or target.split == "dev"
            source = replace(source, task=replace(source.task, test_split=target.split, select_on_train=held))
        parts = self._test_parts(source)
        if isinstance(target.task, InlineTask) and not source.splits.get(source.task.test_split):
            raise ConfigError(f"target {target.name} has no files to evaluate on", where=f"{where}.task", hint="test:")
        self._check_layer(target, source, where)
        training = None
        if source.task.trainable and registry.find(self.heads, source.task.kind).trainable:
            training = self._target_training(target, source, where)
        before = self._before(target, source) if training else ()
        tuning = self._tuning(source, parts, where)
        return PlannedTarget(given=target, source=source, parts=parts, training=training, before=before, tuning=tuning)

    def _tuning(self, source: Source, parts: list[Part], where: str) -> dict[str, tuple[str, Part]]:
        """The files on which decoding is tuned, in every language that is evaluated."""
        tuning = kind_of(source.task.kind).tuning
        if tuning is None:
            return {}
        split = tuning.split
        if split == source.task.test_split:
            raise ConfigError(f"{split} tunes {source.task.title}'s threshold: evaluate another split", where=where)
        found = {part.language: self.inventory.read(source, split, part.language) for part in parts}
        return {language: (split, part) for language, part in found.items() if part is not None}

    def _check_layer(self, target: Target, source: Source, where: str) -> None:
        if target.layer is None:
            return
        if not kind_of(source.task.kind).retrieval or registry.find(self.heads, source.task.kind).trainable:
            kind = source.task.kind
            raise ConfigError(f"only untrained retrieval chooses a layer, not {kind}", where=f"{where}.layer")
        shape = self.reference.shape
        if shape and target.layer > shape.layers:
            raise ConfigError(f"{self.experiment.model} has {shape.layers} layers", where=f"{where}.layer")

    def _target_training(self, target: Target, source: Source, where: str) -> Training:
        trained = source
        other = target.train_on or source.task.train_on
        if isinstance(target.task, str) and other and not target.train_file:
            trained = self.inventory.registered(other)
            trained = for_target(target.name, source, trained, where)
        if target.train_file:
            trained = self.sets.stand_in(source, target.train_file, f"target {target.name}", f"{where}.train_file")
        if target.train_on and target.train_on != source.task.train_on:
            self.stand_ins.append(f"target {target.name}: trained on {target.train_on}")
        limit = target.budget.max_train_examples or self.sets.limit(target.name, trained.name)
        return self.sets.training(trained, limit, self.sets.recipe(trained, target.recipe.settings()), dev_of=source)

    def _before(self, target: Target, source: Source) -> tuple[Training, ...]:
        """What fine-tuning trains on first; nothing where the experiment says what it trains on."""
        if source.task.train_first is None or target.train_on or target.train_file:
            return ()
        first = self.inventory.registered(source.task.train_first)
        limit = target.budget.max_train_examples or self.sets.limit(first.name)
        return (self.sets.training(first, limit, self.sets.recipe(first, target.recipe.settings()), dev_of=first),)

    def _test_parts(self, source: Source) -> list[Part]:
        """The test files of every chosen language, read and counted."""
        split = source.task.test_split
        found = list(source.splits.get(split, {}))
        chosen = self.experiment.languages
        wanted = [lang for lang in found if chosen == "all" or lang in chosen]
        if not found:  # nothing below --data: what was published
            wanted = [lang for lang in source.task.languages if chosen == "all" or lang in chosen]
        parts = [self.inventory.read(source, split, language) for language in wanted]
        return [part for part in parts if part is not None]

    def _note_languages(self, targets: list[PlannedTarget]) -> None:
        """A chosen language that no target has is said, never silently left out."""
        found = {part.language for target in targets for part in target.parts}
        chosen = self.experiment.languages if self.experiment.languages != "all" else ()
        if none := [language for language in chosen if language not in found]:
            said = f"{', '.join(none)} {'is' if len(none) == 1 else 'are'} among the languages"
            self.inventory.notes.append(f"{said}, but no target has test data in {'it' if len(none) == 1 else 'them'}")
