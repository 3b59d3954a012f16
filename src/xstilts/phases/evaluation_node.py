"""Nodes that evaluate a checkpoint on one task in one language, or where languages share a pool in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from xstilts import registry
from xstilts.data.sources import Part, Source
from xstilts.phases.datasets import ChosenTransform, PlannedDataset, planned
from xstilts.phases.prices import PREDICTION, Load, Price, evaluated
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import versions_of
from xstilts.phases.zero_shot import EvaluationParams
from xstilts.pipeline.node import Node, Shared
from xstilts.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class EvaluatedRows:
    """The test rows of a target in one language, or in all that share a pool, with how they are evaluated.

    Every arm and seed is evaluated on them alike: what their nodes have in common is described once.

    Attributes:
        target: the task.
        family: of the model.
        parts: its test files, in one language or in all that share a pool.
        language: for the result: that of ``parts``, or ``all``.
        limit: examples of each language at most.
        recipe: gives the length of the rows, precision and micro-batches.
        layer: hidden layer whose mean represents a sentence.
        tuning: the split and files of the same language on which decoding is tuned (mining).
        transform: the perturbation of the rows.
        second: files of another language that give the second sentence of every pair.
    """

    target: Source
    family: str
    parts: Sequence[Part]
    language: str
    limit: int | None
    recipe: Recipe
    layer: int | None = None
    tuning: tuple[str, Part] | None = None
    transform: ChosenTransform | None = None
    second: Part | None = None

    def node(self, start: StartingPoint, *, label: str) -> Node:
        """The evaluation of a checkpoint, or of the model that a run starts from.

        Args:
            start: what is evaluated.
            label: for people.
        """
        group = "+".join(sorted(parent.key for parent in start.parents.values())) or "model"
        return Node(
            kind="zero_shot",
            label=label,
            params={**start.params, **self._params} if start.params else self._params,
            versions=self._versions,
            data={**start.data, **self._data} if start.data else self._data,
            paths={**start.paths, **self._paths} if start.paths else self._paths,
            parents=start.parents,
            group=f"zero_shot {group}",
            estimate=self._estimate,
        )

    @cached_property
    def _datasets(self) -> tuple[PlannedDataset, ...]:
        """The rows that are evaluated, and those on which decoding is tuned."""
        task = self.target.task
        test = planned(
            self.target,
            task.test_split,
            self.parts,
            limit=self.limit,
            prefix="test",
            transform=self.transform,
            second=self.second,
        )
        if self.tuning is None:
            return (test,)
        split, part = self.tuning
        return test, planned(self.target, split, [part], limit=None, prefix="tuning")

    @cached_property
    def _params(self) -> Shared:
        test, *tuning = (one.dataset for one in self._datasets)
        said = EvaluationParams(
            dataset=test,
            metric=self.target.task.metric,
            language=self.language,
            max_length=self.recipe.max_length,
            precision=self.recipe.precision,
            micro_batch_tokens=self.recipe.micro_batch_tokens,
            plain=self.recipe.plain,
            layer=self.layer,
            tuning=tuning[0] if tuning else None,
        )
        return Shared(said.params())

    @cached_property
    def _data(self) -> Shared:
        return Shared({role: mark for one in self._datasets for role, mark in one.data.items()})

    @cached_property
    def _paths(self) -> Shared:
        return Shared({role: file for one in self._datasets for role, file in one.paths.items()})

    @cached_property
    def _versions(self) -> Shared:
        metric = self.target.task.metric
        versions = versions_of("zero_shot", StartingPoint(family=self.family), [self.target])
        versions |= {f"metrics.{metric}": registry.find("metrics", metric).version}
        # Of what changes the rows or mixes their languages; rows as they are have the versions that they always had.
        return Shared(versions | (self._datasets[0].dataset.versions if self.transform or self.second else {}))

    @cached_property
    def _estimate(self) -> Shared:
        surveys = [part.survey for part in self.parts]
        architecture = StartingPoint(family=self.family).architecture
        load = evaluated(self.target.task, surveys, architecture, limit=self.limit)
        if self.tuning is not None:
            load = Load(load.read + self.tuning[1].survey.characters, load.written)
        measured = all(one.measured for one in surveys)
        tested = [min(one.examples - one.unlabelled, self.limit or one.examples) for one in surveys]
        price = Price(load=load, passes=PREDICTION, measured=measured).estimate()
        return Shared({**price, "tested": round(sum(tested) / len(tested))})  # examples of a language
