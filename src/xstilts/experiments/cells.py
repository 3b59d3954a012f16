"""The nodes of a target under every arm and seed: intermediate training, fine-tuning, evaluation in every language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xstilts.experiments.arms import BASELINE
from xstilts.experiments.nodes import evaluation_node, train_node
from xstilts.experiments.schema import Experiment
from xstilts.experiments.starting_point import Base
from xstilts.experiments.study import Evaluation, PlannedArm, PlannedTarget
from xstilts.experiments.task_training import recipe_for
from xstilts.models.reference import ModelReference


class Evaluations:
    """Every cell of the gain matrix, with the nodes that fill it.

    Args:
        experiment: seeds, recipe and budget.
        reference: the model.
        base: what all training starts from.
        arms: name → the arm and what it trains on.
    """

    def __init__(
        self,
        experiment: Experiment,
        reference: ModelReference,
        base: Base,
        *,
        arms: Mapping[str, PlannedArm],
    ) -> None:
        self.experiment, self.reference, self.base, self.arms = experiment, reference, base, arms

    def of(self, target: PlannedTarget) -> Iterator[Evaluation]:
        """The cells of a target."""
        for arm in (BASELINE, *self.arms):
            for seed in self.experiment.seeds:
                start, depends = self._after_arm(arm, seed)
                for training in target.trainings:
                    label = f"fine_tuning {training.source.task.title} ← {arm} · seed {seed}"
                    tuned = train_node("fine_tuning", [training], start, seed=seed, label=label)
                    start, depends = Base(parents={"model": tuned}, family=self.base.family), True
                yield from self._cells(target, arm, seed if depends else None, start)
                if not depends:
                    break

    def _after_arm(self, arm: str, seed: int) -> tuple[Base, bool]:
        """What fine-tuning starts from, and whether that depends on the seed."""
        if arm == BASELINE:
            return self.base, False
        planned = self.arms[arm]
        given, trainings, mixed = planned.given, list(planned.trainings.values()), planned.text
        kind = "with_masked_lm" if mixed else given.method
        mixture: dict[str, Any] | None = None
        if given.method == "multi_task":
            mixture = {"mixing": given.mixture, "cap": given.cap}
            if given.temperature is not None:
                mixture["temperature"] = given.temperature
        label = f"{kind} {arm} · seed {seed}"
        node = train_node(kind, trainings, self.base, seed=seed, label=label, mixture=mixture, mixed=mixed)
        return Base(parents={"model": node}, family=self.base.family), True

    def _cells(self, target: PlannedTarget, arm: str, seed: int | None, start: Base) -> Iterator[Evaluation]:
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
                split=task.test_split,
                language="all" if task.pooled else parts[0].language,
                limit=limit,
                recipe=recipe,
                layer=target.given.layer,
                tuning=target.tuning.get(parts[0].language),
                label=label + (f" · seed {seed}" if seed is not None else ""),
            )
            for part in parts:
                yield Evaluation(arm=arm, target=name, language=part.language, seed=seed, node=node)
