"""The arms of an experiment as a search tries them: what trials cost, and their dev scores once they have run.

A trial is part of the graph of the experiment on a share of its training data, up to fine-tuning: no evaluation, so no
test row, has a part in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.rungs import Trial
from xstilts.errors import ConfigError, StoreFull, UserError, XstiltsError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.pipeline.executor import Outcome
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import FINE_TUNING
from xstilts.runs.planning import expected_flops, flops_of

Tunings = dict[tuple[str, str, int], Node]
"""Arm, target and seed → the training on the target."""
UNCOUNTED = 1.5
"""What tokens that nobody counted yet are taken to cost, over what the plan expects: texts were cut into 1.1 to 1.8
times as many as it does (docs/planning.md)."""
SEED = " · seed "
"""Ends the label of a node, before its seed."""


@dataclass(kw_only=True)
class ArmTrials:
    """Trials of the arms that an experiment names.

    What was in the store before counts as if it had to be computed: the same search, taken up again, decides alike.

    Args:
        named: the arms to choose among.
        built: share → the experiment's graph on such a share of its training data.
        execute: brings a graph into the store.
        store: where it is.
    """

    named: Sequence[str]
    built: Callable[[float], ExperimentGraph]
    execute: Callable[[Graph], Outcome]
    store: Store
    outcomes: list[Outcome] = field(default_factory=list)
    _studies: dict[float, ExperimentGraph] = field(default_factory=dict, repr=False)
    _tunings: dict[float, Tunings] = field(default_factory=dict, repr=False)
    _above: dict[Trial, frozenset[str]] = field(default_factory=dict, repr=False)
    _expected: dict[str, float] = field(default_factory=dict, repr=False)
    _measured: dict[str, float] = field(default_factory=dict, repr=False)
    _nodes: dict[str, Node] = field(default_factory=dict, repr=False)
    _dearer: dict[str, float] = field(default_factory=dict, repr=False)

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """Those that the graph has: a tiny profile may leave some out."""
        here = {one.arm for one in self.whole.evaluations}
        return tuple(name for name in self.named if name in here)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of the experiment."""
        return self.whole.experiment.seeds

    @property
    def whole(self) -> ExperimentGraph:
        """The experiment itself."""
        return self.study(1.0)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The targets whose fine-tuning has dev scores: arms are chosen by them.

        Raises:
            ConfigError: none has.
        """
        tuned = self._tunings_on(1.0)
        found = {target for (_, target, _), node in tuned.items() if _selects(node)}
        if not found:
            raise ConfigError(
                "arms are searched by their dev scores, and no target has any: a training that keeps its last weights "
                "asks for none",
                where="recipe.selection.every",
                hint="fewer epochs than recipe.epochs, e.g. --set recipe.selection.every=0.5",
            )
        return tuple(target for target in self.whole.metrics if target in found)

    def study(self, share: float) -> ExperimentGraph:
        """The experiment on a share of its training data."""
        if share not in self._studies:
            study = self._studies[share] = self.built(share)
            self._expected |= expected_flops(study)
            self._nodes |= {node.key: node for node in study.nodes}
        return self._studies[share]

    def cost(self, trials: Iterable[Trial], final: str | None = None) -> float:
        """FLOPs of trials and of the whole run of one arm; what they share counts once."""
        keys = frozenset[str]().union(*(self._keys(trial) for trial in trials))
        if final is not None:
            keys |= self._keys_of_run(final)
        return sum(map(self._price, keys))

    @property
    def grid(self) -> float:
        """FLOPs of the whole experiment by what is known now."""
        return sum(self._price(node.key) for node in self.whole.nodes)

    @cached_property
    def grid_planned(self) -> float:
        """The same as `xstilts plan` says."""
        study = self.whole
        return sum(self._expected[node.key] for node in study.nodes)

    def scores(self, trials: Sequence[Trial]) -> Mapping[Trial, float]:
        """Runs them: the mean dev score over the targets; without those that failed.

        Raises:
            StoreFull: no space was left.
        """
        wanted = {trial: self._tuned(trial) for trial in trials}
        outcome = self.execute(Graph([node for nodes in wanted.values() for node in nodes]))
        if full := next((one for one in outcome.failed.values() if one.store_full), None):
            # Arms that were not trained for want of space did not lose: the same command goes on from here.
            raise StoreFull(f"{full.message}; finished trainings are kept, the same command goes on from there")
        self.outcomes.append(outcome)
        self.measure(key for trial in trials for key in self._keys(trial))
        found = {trial: [self._dev_score(node) for node in nodes] for trial, nodes in wanted.items()}
        return {
            trial: sum(scores) / len(scores)
            for trial, scores in found.items()
            if scores and not any(map(math.isnan, scores))
        }

    def measure(self, keys: Iterable[str]) -> None:
        """From now on nodes cost what they took, and others of their name as much more or less than expected."""
        nodes = [self._nodes[key] for key in dict.fromkeys(keys) if self.store.has(key)]
        counted = flops_of(nodes, self.store, self.whole.reference)
        self._measured |= {key: flops or 0.0 for key, flops in counted.items()}
        sums: dict[str, tuple[float, float]] = {}
        for key, took in self._measured.items():
            name = _name(self._nodes[key])
            before = sums.get(name, (0.0, 0.0))
            sums[name] = before[0] + took, before[1] + self._expected[key]
        self._dearer = {name: took / expected for name, (took, expected) in sums.items() if expected > 0}

    def final(self, arm: str) -> tuple[Node, ...]:
        """The evaluations of an arm in full and of direct fine-tuning, in every form of the test rows."""
        of_both = [one for one in (*self.whole.evaluations, *self.whole.varied) if one.arm in (arm, BASELINE)]
        return tuple(dict.fromkeys(one.node for one in of_both))

    def _keys_of_run(self, arm: str) -> frozenset[str]:
        place = Trial(arm, -1, 1.0)
        if place not in self._above:
            self._above[place] = frozenset(node.key for node in Graph(self.final(arm)))
        return self._above[place]

    def _keys(self, trial: Trial) -> frozenset[str]:
        if trial not in self._above:
            self._above[trial] = frozenset(node.key for node in Graph(self._tuned(trial)))
        return self._above[trial]

    def _tuned(self, trial: Trial) -> list[Node]:
        found = self._tunings_on(trial.share)
        return [found[place] for target in self.targets if (place := (trial.arm, target, trial.seed)) in found]

    def _tunings_on(self, share: float) -> Tunings:
        if share not in self._tunings:
            self._tunings[share] = _fine_tunings(self.study(share))
        return self._tunings[share]

    def _price(self, key: str) -> float:
        if key in self._measured:
            return self._measured[key]
        node = self._nodes[key]
        # Of what nothing was counted yet the tokens may be as many more as those that were, at worst.
        known = 1.0 if "tokens" in node.estimate else max(self._dearer.values(), default=UNCOUNTED)
        return self._expected[key] * self._dearer.get(_name(node), known)

    def _dev_score(self, node: Node) -> float:
        """Of the weights that were kept; NaN where the training failed."""
        try:
            record = json.loads(self.store.read(node.key, "training.json"))
        except (XstiltsError, OSError):
            return math.nan
        score = dict(map(tuple, record["dev"])).get(record["selected_step"])
        if score is None and not record["dev"]:
            raise UserError(f"{node.label} has no dev score on so few examples: a larger --budget gives it more")
        return math.nan if score is None else float(score)


def _fine_tunings(study: ExperimentGraph) -> Tunings:
    found: Tunings = {}
    for one in study.evaluations:
        node = one.node.parents.get("model")
        if one.seed is not None and node is not None and node.kind == FINE_TUNING:
            found.setdefault((one.arm, one.target, one.seed), node)
    return found


def _selects(node: Node) -> bool:
    tasks = node.params["tasks"]
    return len(tasks) == 1 and tasks[0].get("dev") is not None


def _name(node: Node) -> str:
    """What a node trains or evaluates, whatever its seed and its share."""
    return node.label.split(SEED)[0]
