"""What an arm trains on: the files of each of its tasks and of its text, found, read and counted."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts.data.findings import Finding, Notebook
from xstilts.data.sources import Source
from xstilts.experiments.arms import Arm, InlineTask
from xstilts.experiments.mixed_text import MixedText, mixed_text
from xstilts.experiments.study import PlannedArm
from xstilts.experiments.task_training import Training
from xstilts.experiments.training_sets import TrainingSets

Earlier = Mapping[str, PlannedArm]
"""The arms before one, by name: a multi-task arm may train on what they train on."""


def planned_arm(sets: TrainingSets, arm: Arm, where: str, earlier: Earlier) -> Finding[PlannedArm]:
    """An arm with all of its files."""
    book = Notebook()
    trainings = {name: book.take(arm_training(sets, arm, name, where, earlier)) for name in tasks_of(arm)}
    text = book.take(arm_text(sets, arm, where))
    return book.finding(PlannedArm(given=arm, trainings=trainings, text=text))


def tasks_of(arm: Arm) -> tuple[str, ...]:
    """What an arm's trainings are named after: its tasks, or where it has a single one, the arm itself."""
    return arm.tasks or (arm.name,)


def arm_training(sets: TrainingSets, arm: Arm, name: str, where: str, earlier: Earlier) -> Finding[Training]:
    """The training on one of the tasks that `tasks_of` names."""
    book = Notebook()
    if name in arm.tasks and name in earlier:
        same = next(iter(earlier[name].trainings.values()))
        source, limit, spoken = same.source, same.limit, tuple(part.language for part in same.parts)
    else:
        source = book.take(_source(sets, arm, name, where))
        limit, spoken = sets.limit(name, source.name), arm.languages
    limit = arm.budget.max_train_examples or limit
    recipe = sets.recipe(source, arm.recipe.settings())
    return book.finding(book.take(sets.training(source, limit, recipe, dev_of=source, spoken=spoken)))


def arm_text(sets: TrainingSets, arm: Arm, where: str) -> Finding[MixedText | None]:
    """The text of masked LM beside an arm's tasks; None where it has none."""
    if arm.masked_lm is None:
        return Finding(value=None)
    return mixed_text(arm.masked_lm, sets.inventory, sets.reference, arm=arm.name, where=f"{where}.masked_lm")


def _source(sets: TrainingSets, arm: Arm, name: str, where: str) -> Finding[Source]:
    """The task whose rows train: an arm's own, or where that has no training set here, the one that it names."""
    book = Notebook()
    task = name if arm.tasks else arm.task
    assert task is not None
    if isinstance(task, InlineTask):
        source = book.take(sets.inventory.inline(name, task.request(), where=f"{where}.task"))
    else:
        source = book.take(sets.inventory.registered(task))
        if source.task.train_on and source.train is None:
            source = book.take(sets.inventory.registered(source.task.train_on))
    if arm.train_file:
        source = book.take(sets.stand_in(source, arm.train_file, f"arm {arm.name}", f"{where}.train_file"))
    return book.finding(source)
