"""The cells of the gain matrix, each with the nodes that fill it: intermediate training, fine-tuning, evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace

from xstilts.data.sources import Part
from xstilts.experiments.arms import BASELINE
from xstilts.experiments.experiment_graph import Evaluation, VariedEvaluation
from xstilts.experiments.planned_arms import PlannedArm
from xstilts.experiments.planned_targets import PlannedTarget
from xstilts.experiments.robust_targets import Variant
from xstilts.experiments.schema import Experiment
from xstilts.models.reference import ModelReference
from xstilts.phases import fine_tuning
from xstilts.phases.arm_plan import ArmPlan, Selector
from xstilts.phases.evaluation_node import EvaluatedRows
from xstilts.phases.methods import method_of
from xstilts.phases.neighbours import with_neighbours
from xstilts.phases.shots import with_shots
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import Training
from xstilts.phases.training_set import TrainingSet, recipe_for
from xstilts.training.objectives.choice import Choice, chosen


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
        self._after: dict[tuple[str, int], StartingPoint] = {}

    def of(self, target: PlannedTarget) -> Iterator[Evaluation]:
        """The cells of a target, first those of its test rows as they are, then of each variant."""
        objective = chosen(target.given.objective)
        plain = [self._fine_tuning(rows, objective) for rows in target.trainings]
        of_seed = {seed: self._with_shots(target, plain, seed, objective) for seed in self.experiment.seeds}
        tests, varied = self._tests(target), self._varied(target)
        for arm in (BASELINE, *self.arms):
            for seed in self.experiment.seeds:
                start, depends = self._after_arm(arm, seed)
                for training in of_seed[seed]:
                    start = start.after(fine_tuning.node(training, start, arm=arm, seed=seed))
                    depends = True
                own = seed if depends else None
                yield from _cells(target.given.name, tests, arm, own, start)
                for variant, test in varied:
                    for cell in _cells(target.given.name, [test], arm, own, start, of=variant):
                        named = {field.name: getattr(cell, field.name) for field in fields(Evaluation)}
                        yield VariedEvaluation(**named, perturbation=variant.perturbation, second=variant.second)
                if not depends:
                    break

    def after(self, arm: str) -> StartingPoint:
        """The checkpoint that an arm leaves under the first seed."""
        return self._after_arm(arm, self.experiment.seeds[0])[0]

    def fine_tuned(self, target: PlannedTarget) -> StartingPoint:
        """The checkpoint of a target without intermediate training, under the first seed."""
        seed, objective = self.experiment.seeds[0], chosen(target.given.objective)
        start = self.start
        plain = [self._fine_tuning(rows, objective) for rows in target.trainings]
        for training in self._with_shots(target, plain, seed, objective):
            start = start.after(fine_tuning.node(training, start, arm=BASELINE, seed=seed))
        return start

    def _fine_tuning(self, rows: TrainingSet, objective: Choice | None) -> Training:
        return fine_tuning.training(with_neighbours(rows, self.start), self.start.family, objective=objective)

    def _with_shots(
        self, target: PlannedTarget, plain: list[Training], seed: int, objective: Choice | None
    ) -> list[Training]:
        """The trainings of a target under a seed, which draws the few-shot examples of the last one."""
        if not target.shots:
            return plain
        rows = with_shots(target.trainings[-1], target.shots, seed=seed)
        return [*plain[:-1], self._fine_tuning(rows, objective)]

    def _after_arm(self, arm: str, seed: int) -> tuple[StartingPoint, bool]:
        """What fine-tuning starts from, and whether that depends on the seed."""
        if arm == BASELINE:
            return self.start, False
        if (arm, seed) not in self._after:
            planned = self.arms[arm]
            chooses = planned.selector
            start, _ = self._after_arm(planned.given.after or BASELINE, seed)
            plan = ArmPlan(
                arm=planned.given,
                start=start,
                sets=tuple(with_neighbours(rows, self.start) for rows in planned.sets),
                text=planned.text,
                seed=seed,
                file=planned.file,
                selector=Selector(start=chooses.start or start, rows=chooses.rows) if chooses else None,
                reference=self.reference,
                of_run=self.experiment.recipe,
            )
            self._after[arm, seed] = self.start.after(method_of(planned.given).nodes(planned.given, plan))
        return self._after[arm, seed], self._seeded(arm)

    def _seeded(self, arm: str) -> bool:
        """Whether an arm, or one that it starts from, is trained anew for every seed."""
        given = self.arms[arm].given
        return given.seeded or (given.after is not None and self._seeded(given.after))

    def _tests(self, target: PlannedTarget) -> list[EvaluatedRows]:
        """The test rows that each of a target's checkpoints is evaluated on: by language, or all in one pool."""
        pooled = target.source.task.pooled
        return [
            self._rows(target, parts, "all" if pooled else parts[0].language)
            for parts in ([target.parts] if pooled else [[part] for part in target.parts])
        ]

    def _varied(self, target: PlannedTarget) -> list[tuple[Variant, EvaluatedRows]]:
        """The same rows perturbed, as people typed them, or with the second sentence in another language."""
        found = []
        for one in target.robustness.variants:
            rows = self._rows(target, [one.part], one.part.language)
            changed = replace(rows, target=one.source or rows.target, transform=one.transform, second=one.second_part)
            found.append((one, changed))
        return found

    def _rows(self, target: PlannedTarget, parts: list[Part], language: str) -> EvaluatedRows:
        """The rows of some files, as this target evaluates them."""
        own = target.given.recipe.settings()
        return EvaluatedRows(
            target=target.source,
            family=self.start.family,
            parts=parts,
            language=language,
            limit=target.given.budget.max_eval_examples or self.experiment.budget.max_eval_examples,
            recipe=recipe_for(target.source, self.reference, self.experiment.recipe.settings(), own),
            layer=target.given.layer,
            tuning=target.tuning.get(parts[0].language),
        )


def _cells(
    target: str,
    tests: Iterable[EvaluatedRows],
    arm: str,
    seed: int | None,
    start: StartingPoint,
    *,
    of: Variant | None = None,
) -> Iterator[Evaluation]:
    """The cells that one checkpoint fills."""
    form = (f" {of.perturbation}" if of.perturbation else f" × {of.second}") if of else ""
    ending = f"{form} ← {arm}" + (f" · seed {seed}" if seed is not None else "")
    for test in tests:
        language = "all languages" if test.target.task.pooled else test.language
        node = test.node(start, label=f"zero_shot {target} {language}{ending}")
        for part in test.parts:
            yield Evaluation(arm=arm, target=target, language=part.language, seed=seed, node=node)
