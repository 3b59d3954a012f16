"""All arms and targets of an experiment with their files: what a run trains and evaluates, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.data.findings import Finding, Notebook
from xstilts.experiments.planned_arms import PlannedArm, planned_arm
from xstilts.experiments.planned_targets import PlannedTarget, planned_target
from xstilts.experiments.schema import Experiment
from xstilts.experiments.training_sets import TrainingSets
from xstilts.phases.training_set import TrainingSet


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An experiment with the files of its arms and targets.

    Attributes:
        experiment: of exactly these arms and targets.
        arms: by name, in order.
    """

    experiment: Experiment
    arms: Mapping[str, PlannedArm]
    targets: tuple[PlannedTarget, ...]

    @property
    def sets(self) -> list[TrainingSet]:
        """Every training set, those of arms first."""
        of_arms = [one for arm in self.arms.values() for one in arm.sets]
        return of_arms + [one for target in self.targets for one in target.trainings]


def planned(sets: TrainingSets) -> Finding[Planned]:
    """The whole experiment, with a gap for all that is missing."""
    book = Notebook()
    arms: dict[str, PlannedArm] = {}
    for index, arm in enumerate(sets.experiment.intermediate):
        arms[arm.name] = book.take(planned_arm(sets, arm, f"intermediate.{index}", arms))
    targets = tuple(
        book.take(planned_target(sets, target, f"targets.{index}"))
        for index, target in enumerate(sets.experiment.targets)
    )
    return book.finding(Planned(experiment=sets.experiment, arms=arms, targets=targets))
