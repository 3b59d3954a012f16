"""The cells of the gain matrix, each with the nodes that fill it: intermediate training, fine-tuning, evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xstilts.experiments.arms import BASELINE
from xstilts.experiments.schema import Experiment
from xstilts.experiments.study import Evaluation, PlannedArm, PlannedTarget
from xstilts.models.reference import ModelReference
from xstilts.phases import fine_tuning
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.evaluation_node import evaluation_node
from xstilts.phases.methods import method_of
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_set import recipe_for


class Cells:
    """Every cell of the gain matrix.

    Args:
        experiment: seeds, recipe and budget.
        reference: the model.
        start: what all training starts from.
        arms: by name.
    """

    def __init__(
        self,
        experiment: Experiment,
        reference: ModelReference,
        start: StartingPoint,
        *,
        arms: Mapping[str, PlannedArm],
    ) -> None:
        self.experiment, self.reference, self.start, self.arms = experiment, reference, start, arms

    def of(self, target: PlannedTarget) -> Iterator[Evaluation]:
        """The cells of a target."""
        for arm in (BASELINE, *self.arms):
            for seed in self.experiment.seeds:
                start, depends = self._after_arm(arm, seed)
                for training in target.trainings:
                    start = start.after(fine_tuning.node(training, start, arm=arm, seed=seed))
                    depends = True
                yield from self._cells(target, arm, seed if depends else None, start)
                if not depends:
                    break

    def _after_arm(self, arm: str, seed: int) -> tuple[StartingPoint, bool]:
        """What fine-tuning starts from, and whether that depends on the seed."""
        if arm == BASELINE:
            return self.start, False
        planned = self.arms[arm]
        plan = ArmPlan(arm=planned.given, start=self.start, sets=planned.sets, text=planned.text, seed=seed)
        return self.start.after(method_of(planned.given).nodes(planned.given, plan)), True

    def _cells(self, target: PlannedTarget, arm: str, seed: int | None, start: StartingPoint) -> Iterator[Evaluation]:
        task, name = target.source.task, target.given.name
        limit = target.given.budget.max_eval_examples or self.experiment.budget.max_eval_examples
        own = target.given.recipe.settings()
        recipe = recipe_for(target.source, self.reference, self.experiment.recipe.settings(), own)
        pools = [target.parts] if task.pooled else [[part] for part in target.parts]
        for parts in pools:
            label = f"zero_shot {name} {'all languages' if task.pooled else parts[0].language} ← {arm}"
            node = evaluation_node(
                target.source,
                parts,
                start,
                language="all" if task.pooled else parts[0].language,
                limit=limit,
                recipe=recipe,
                layer=target.given.layer,
                tuning=target.tuning.get(parts[0].language),
                label=label + (f" · seed {seed}" if seed is not None else ""),
            )
            for part in parts:
                yield Evaluation(arm=arm, target=name, language=part.language, seed=seed, node=node)
