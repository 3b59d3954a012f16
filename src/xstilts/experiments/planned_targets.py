"""What a target reads: the files that it is evaluated on, and those of every training that ends in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.repeated_rows import Rows, repeated
from xstilts.data.sources import Part, Source
from xstilts.errors import ConfigError
from xstilts.experiments.arms import Target
from xstilts.experiments.augmented_sets import augmented
from xstilts.experiments.few_shot import planned_shots
from xstilts.experiments.robust_targets import PlannedRobustness, planned_robustness
from xstilts.experiments.training_sets import TrainingSets, check_trained, for_target
from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.objective import check_objective, objective_note
from xstilts.phases.shots import Shots
from xstilts.phases.training_set import TrainingSet
from xstilts.tasks.kind import kind_of


@dataclass(frozen=True, kw_only=True)
class PlannedTarget:
    """A target with its files.

    Attributes:
        training: the one that ends fine-tuning; None: there is none.
        before: what fine-tuning trains on first, one after the other.
        tuning: language → split and files on which decoding is tuned (mining).
        robustness: further forms of its test rows.
        shots: what few-shot examples are drawn from.
        selecting: the same as ``training`` with its dev rows, where a predictor asks for their score.
    """

    given: Target
    source: Source
    parts: list[Part]
    training: TrainingSet | None
    before: tuple[TrainingSet, ...] = ()
    tuning: Mapping[str, tuple[str, Part]] = field(default_factory=dict)
    robustness: PlannedRobustness = field(default_factory=PlannedRobustness)
    shots: tuple[Shots, ...] = ()
    selecting: TrainingSet | None = None

    @property
    def trainings(self) -> tuple[TrainingSet, ...]:
        """All of fine-tuning, in order."""
        return (*self.before, self.training) if self.training else ()


def planned_target(sets: TrainingSets, target: Target, where: str) -> Finding[PlannedTarget]:
    """A target with all of its files.

    Raises:
        ConfigError: a choice that does not fit its task (a layer, a split, a training set).
    """
    book = Notebook()
    source = book.take(_evaluated(sets, target, where))
    parts = book.take(_test_parts(sets, source))
    if isinstance(target.task, InlineTask) and not source.splits.get(source.task.test_split):
        raise ConfigError(f"target {target.name} has no files to evaluate on", where=f"{where}.task", hint="test:")
    _check_layer(sets, target, source, where)
    training: TrainingSet | None = None
    before: tuple[TrainingSet, ...] = ()
    if source.task.trainable and registry.find(sets.heads, source.task.kind).trainable:
        training = book.take(_training(sets, target, source, where))
        before = book.take(_before(sets, target, source, where))
    trainings = augmented(
        [one for one in (*before, training) if one is not None],
        target.augment,
        sets,
        where=where,
        whose=f"target {target.name}",
    )
    training, before = (trainings[-1] if training else None), trainings[:-1]
    kinds, whose = [one.source.task.kind for one in trainings], f"target {target.name}"
    check_objective(target.objective, sets.architecture, kinds, where=where, whose=whose)
    book.notes += objective_note(target.objective, [one.recipe.precision for one in trainings], whose=whose)
    if training is None and (target.source or target.shots):
        key = "source" if target.source else "shots"
        raise ConfigError(f"target {target.name} is not trained, in no language", where=f"{where}.{key}")
    shots = planned_shots(sets, target, source, training, parts, where) if training else Finding(value=())
    tuning = book.take(_tuning(sets, source, parts, where))
    asked, selecting = sets.experiment.predictors, None
    if training is not None and asked is not None and asked.wants("few_shot"):
        selecting = book.take(sets.selecting(training, dev_of=source))
    robust = planned_robustness(target.robustness, source, parts, sets, whose=whose, where=where)
    return book.finding(
        PlannedTarget(
            given=target,
            source=source,
            parts=parts,
            training=training,
            before=before,
            tuning=tuning,
            robustness=book.take(robust),
            shots=book.take(shots),
            selecting=selecting,
        )
    )


def _evaluated(sets: TrainingSets, target: Target, where: str) -> Finding[Source]:
    """The task that is evaluated, on the split that the target chooses."""
    book = Notebook()
    if isinstance(target.task, InlineTask):
        source = book.take(sets.inventory.inline(target.name, target.task.request(), where=f"{where}.task"))
    else:
        source = book.take(sets.inventory.registered(target.task))
    if target.split and target.split != source.task.test_split:
        book.stand_ins.append(f"target {target.name}: evaluated on {target.split}, not on {source.task.test_split}")
        # Selection never sees a row that is evaluated.
        held = source.task.select_on_train or target.split == "dev"
        source = replace(source, task=replace(source.task, test_split=target.split, select_on_train=held))
    return book.finding(_answering(source))


def _answering(source: Source) -> Source:
    """The task with the labels that its metric asks for: SQuAD 2.0 is evaluated on a model that may answer nothing."""
    task, decide = source.task, kind_of(source.task.kind).decide
    labels = decide(task.labels, task.metric, tuple).labels if decide else task.labels
    return source if labels == task.labels else replace(source, task=replace(task, labels=labels))


def _test_parts(sets: TrainingSets, source: Source) -> Finding[list[Part]]:
    """The test files of every chosen language, read and counted."""
    split, chosen = source.task.test_split, sets.experiment.languages
    # With nothing below --data: the languages of what was published.
    spoken = source.splits.get(split) or source.task.languages
    book = Notebook()
    parts = [
        book.take(sets.inventory.read(source, split, language))
        for language in spoken
        if chosen == "all" or language in chosen
    ]
    found = [part for part in parts if part is not None]
    book.notes += _repeated(source, found)
    return book.finding(found)


def _repeated(source: Source, parts: Sequence[Part]) -> list[str]:
    """Test files that are, row for row, another language's."""
    files = [
        Rows(language=part.language, file=part.files[0].name, sketch=part.survey.rows) for part in parts if part.files
    ]
    return [f"{source.called}: {note}" for note in repeated(files, source=source.task.source_language)]


def _tuning(
    sets: TrainingSets, source: Source, parts: list[Part], where: str
) -> Finding[Mapping[str, tuple[str, Part]]]:
    """The files on which decoding is tuned, in every language that is evaluated."""
    tuning = kind_of(source.task.kind).tuning
    if tuning is None:
        return Finding(value={})
    split = tuning.split
    if split == source.task.test_split:
        raise ConfigError(f"{split} tunes the threshold of {source.task.title}: evaluate another split", where=where)
    book = Notebook()
    read = {part.language: book.take(sets.inventory.read(source, split, part.language)) for part in parts}
    return book.finding({language: (split, part) for language, part in read.items() if part is not None})


def _check_layer(sets: TrainingSets, target: Target, source: Source, where: str) -> None:
    if target.layer is None:
        return
    if not kind_of(source.task.kind).retrieval or registry.find(sets.heads, source.task.kind).trainable:
        kind = source.task.kind
        raise ConfigError(f"only untrained retrieval chooses a layer, not {kind}", where=f"{where}.layer")
    shape = sets.reference.shape
    if shape and target.layer > shape.layers:
        raise ConfigError(f"{sets.experiment.model} has {shape.layers} layers", where=f"{where}.layer")


def _training(sets: TrainingSets, target: Target, source: Source, where: str) -> Finding[TrainingSet]:
    """The training that ends fine-tuning."""
    book = Notebook()
    trained = source
    other = target.train_on or source.task.train_on
    if isinstance(target.task, str) and other and not target.train_file:
        trained = for_target(target.name, source, book.take(_other(sets, target, other, where)), where)
    trained = _in_language(source if target.train_file else trained, target, where)
    if target.train_file:
        trained = book.take(
            sets.stand_in(trained, target.train_file, f"target {target.name}", f"{where}.train_file"),
        )
    if target.train_on and target.train_on != source.task.train_on:
        named = target.train_on if isinstance(target.train_on, str) else ", ".join(target.train_on.files)
        book.stand_ins.append(f"target {target.name}: trained on {named}")
    limit = target.budget.max_train_examples or sets.limit(target.name, trained.name)
    recipe = sets.recipe(trained, target.recipe.settings())
    return book.finding(book.take(sets.read(trained, limit, recipe, dev_of=source)))


def _in_language(trained: Source, target: Target, where: str) -> Source:
    """What a target trains on, in the language that it chooses; files that stand in are in that language.

    Raises:
        ConfigError: there is no training set in it.
    """
    if target.source is None:
        return trained
    if not target.train_file:
        check_trained(trained, [target.source], f"{where}.source")
    return replace(trained, task=replace(trained.task, source_language=target.source))


def _other(sets: TrainingSets, target: Target, other: str | InlineTask, where: str) -> Finding[Source]:
    """The task whose training set is used."""
    if isinstance(other, str):
        return sets.inventory.registered(other)
    return sets.inventory.inline(target.name, other.request(), where=f"{where}.train_on")


def _before(sets: TrainingSets, target: Target, source: Source, where: str) -> Finding[tuple[TrainingSet, ...]]:
    """What fine-tuning trains on first; nothing where the experiment says what it trains on."""
    if source.task.train_first is None or target.train_on or target.train_file:
        return Finding(value=())
    book = Notebook()
    first = _in_language(book.take(sets.inventory.registered(source.task.train_first)), target, where)
    limit = target.budget.max_train_examples or sets.limit(first.name)
    recipe = sets.recipe(first, target.recipe.settings())
    return book.finding((book.take(sets.read(first, limit, recipe, dev_of=first)),))
