"""An experiment file → the graph of its nodes, every file read and checked, nothing trained yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xstilts.data.findings import Finding, Notebook
from xstilts.data.inventory import Inventory
from xstilts.errors import CheckpointError, ConfigError
from xstilts.experiments.cells import Cells
from xstilts.experiments.companions import accompanied
from xstilts.experiments.experiment_graph import ExperimentGraph, VariedEvaluation
from xstilts.experiments.explain import explain_data
from xstilts.experiments.planned import Planned, planned
from xstilts.experiments.planned_predictors import planned_predictors
from xstilts.experiments.profiles import with_profile
from xstilts.experiments.ready import FOLDER as READY
from xstilts.experiments.schema import Experiment
from xstilts.experiments.tiny_data import planned_on_data_here
from xstilts.experiments.training_sets import TrainingSets
from xstilts.models.reference import ModelReference, resolve
from xstilts.phases import starting_point as starting
from xstilts.phases import tokenizer
from xstilts.phases.pretraining import Pretrained, pretrained
from xstilts.phases.shots import few_shot
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.store import Store


def build(
    experiment: Experiment,
    *,
    data: Path | None,
    store: Store,
    cores: int | None = None,
    planning: bool = False,
    share: float = 1.0,
) -> ExperimentGraph:
    """Finds, reads and checks all data, and builds the graph.

    Args:
        experiment: what to run.
        data: the ``--data`` folder.
        store: where counts of what files hold are kept.
        cores: of this run; pretraining takes them all.
        planning: price what is missing by its published size instead of refusing.
        share: of every training on labelled rows that is done: of its examples, and of its steps.

    Raises:
        UserError: anything in the experiment or its data that cannot be used.
    """
    book = Notebook()
    given, experiment = experiment, accompanied(with_profile(experiment))
    if experiment.model != given.model:
        book.notes.append(f"profile tiny: {experiment.model} replaces {given.model}")
    folder = experiment.folder or Path()
    # A ready experiment is in the package, where a lock file does not belong.
    lock_in = Path() if folder == READY else folder
    inventory = Inventory(data=data, beside=folder, store=store, lock_in=lock_in, planning=planning)
    reference = starting.settled(resolve(experiment.model, beside=folder), inventory)
    book.notes += reference.notes
    found, unreachable = _start(experiment, reference, inventory, cores=cores or os.cpu_count() or 1)
    after = book.take(found)
    start, reference = after.start, after.reference
    sets = TrainingSets(experiment=experiment, inventory=inventory, reference=reference, share=share)
    all_of_it = planned_on_data_here if experiment.profile == "tiny" and not planning else planned
    plan = book.take(all_of_it(sets))
    book.notes += inventory.refuse_missing(book.gaps, unreachable)
    book.notes += [*_without_languages(plan), *_cut_lengths(plan, reference)]
    start = book.take(_with_tokenizer(start, plan.sets, reference))
    strict = not planning and experiment.profile != "tiny"
    explain = explain_data(given.explain, given.model, inventory, refuse=strict)
    book.notes += explain.notes if explain else ()
    return replace(_graph(plan, start, reference, book.finding(None)), explain=explain)


def _start(
    experiment: Experiment, reference: ModelReference, inventory: Inventory, *, cores: int
) -> tuple[Finding[Pretrained], CheckpointError | None]:
    """What all training starts from; if the hub does not give it, why: missing data is named with it."""
    try:
        start = starting.starting_point(reference, inventory)
    except CheckpointError as error:
        if reference.repository is None:
            raise
        return Finding(value=Pretrained(start=StartingPoint(family=reference.family), reference=reference)), error
    if experiment.pretraining is None:
        return Finding(value=Pretrained(start=start, reference=reference)), None
    return pretrained(experiment.pretraining, experiment.recipe, reference, start, inventory, cores=cores), None


def _with_tokenizer(
    start: StartingPoint, sets: Sequence[TrainingSet], reference: ModelReference
) -> Finding[StartingPoint]:
    """A new model whose pieces are learnt from the training rows, where nothing else gives it a tokenizer."""
    if not reference.scratch or start.parents:
        return Finding(value=start)
    note = "no pretraining: the tokenizer is trained on the training rows, the encoder starts with random weights"
    return Finding(value=start.with_tokenizer(tokenizer.node_over_rows(reference, sets)), notes=(note,))


def _without_languages(plan: Planned) -> list[str]:
    """Names the chosen languages that no target has: they are never silently left out."""
    found = {part.language for target in plan.targets for part in target.parts}
    chosen = plan.experiment.languages if plan.experiment.languages != "all" else ()
    none = [language for language in chosen if language not in found]
    if not none:
        return []
    said = f"{', '.join(none)} {'is' if len(none) == 1 else 'are'} among the languages"
    return [f"{said}, but no target has test data in {'it' if len(none) == 1 else 'them'}"]


def _cut_lengths(plan: Planned, reference: ModelReference) -> list[str]:
    """Says where a model takes in fewer tokens than the experiment asks for, or a task does by itself."""
    if reference.shape is None:
        return []
    most, of_run = reference.shape.positions, plan.experiment
    own = [arm.recipe for arm in of_run.intermediate] + [target.recipe for target in of_run.targets]
    asked = [recipe.max_length for recipe in (of_run.recipe, *own) if recipe.max_length]
    if reference.directory is not None:
        asked += [one.source.task.max_length for one in plan.sets if one.recipe.max_length == most]
    if max(asked, default=0) <= most:
        return []
    return [f"{reference.name} takes in {most:,} tokens: max_length is {most:,} instead of {max(asked):,}"]


def _graph(plan: Planned, start: StartingPoint, reference: ModelReference, told: Finding[None]) -> ExperimentGraph:
    """The graph of what is planned, and which cell each of its nodes fills."""
    cells = Cells(plan.experiment, reference, start, arms=plan.arms)
    evaluations = [evaluation for target in plan.targets for evaluation in cells.of(target)]
    if not evaluations:
        raise ConfigError("nothing to evaluate: no target has test data in the chosen languages")
    of_rows = tuple(one for one in evaluations if not isinstance(one, VariedEvaluation))
    nodes = list({evaluation.node.key: evaluation.node for evaluation in evaluations}.values())
    predictors = planned_predictors(plan.experiment.predictors, plan.arms, plan.targets, cells)
    nodes += predictors.nodes if predictors else []
    return ExperimentGraph(
        experiment=plan.experiment,
        reference=reference,
        graph=Graph(nodes),
        evaluations=of_rows,
        notes=told.notes,
        stand_ins=told.stand_ins,
        source_languages={t.given.name: t.training.source.task.source_language for t in plan.targets if t.training},
        metrics={target.given.name: target.source.task.metric for target in plan.targets},
        few_shot={t.given.name: few_shot(t.shots) for t in plan.targets if t.shots},
        varied=tuple(one for one in evaluations if isinstance(one, VariedEvaluation)),
        predictors=predictors,
        undefined={t.given.name: t.robustness.undefined for t in plan.targets if t.robustness.undefined},
    )
