"""How long each node of a plan takes: what it costs, at the speed of this machine, corrected by nodes that ran."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from xstilts.models.family import Shape
from xstilts.pipeline.node import Node
from xstilts.runs.speed import Speed, faster, processor

OF_TRAINING, OF_PRETRAINING, OF_EVALUATION, OF_OTHERS = 0.4, 8.0, 0.06, 0.2
"""Seconds of a node beside its steps: rows read and tokenised, results written and hashed."""
OF_TOKENIZER, TOKENIZER_BYTE, MOST_TOKENIZER = 2.0, 1e-6, 45.0
"""Seconds that learning the pieces takes, those of a byte of text more, and the most: it reads a sample."""
SAVED, LOADED = 2.5e8, 6e8
"""Bytes a second of a checkpoint on its way to the store and back, with their SHA-256."""
START = 6.0
"""Seconds until the first worker has loaded its libraries."""
BESIDE = 1.6
"""How much longer steps take in a run than measured: other nodes compute beside them, and share memory and caches.
Between 1.4 and 2.5 over the kinds of node of two runs (docs/planning.md), texts that are cut into more tokens than
estimated included."""
STEP_TOKENS = 1024
"""Of a step whose number of examples nobody said."""


class Range(NamedTuple):
    """What a time is multiplied with: its lower and its upper end."""

    low: float
    high: float


RAN, MEASURED, ROUGH = Range(0.85, 1.2), Range(0.7, 1.4), Range(0.4, 2.5)
"""Where nodes of the kind have run here; where the engine was measured here; where neither is known."""


class Cost(NamedTuple):
    """What a node puts through the model."""

    tokens: int
    flops: float | None


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """The seconds of nodes.

    Attributes:
        shape: of the model.
        speed: of this machine.
        passes: group → nodes of it that wait: they share one loading of the model.
        ran: kind → what its nodes took, over what was expected of them.
    """

    shape: Shape
    speed: Speed
    passes: Mapping[str, int]
    ran: Mapping[str, float]

    def of(self, node: Node, cost: Cost) -> tuple[float, Range]:
        """What a node takes, and how sure that is."""
        expected = _expected(node, cost, self.shape, self.speed, self.passes.get(node.group, 1))
        if node.kind in self.ran:
            return expected * self.ran[node.kind], RAN
        sure = self.speed.measured and bool(node.estimate.get("measured", True))
        return expected, MEASURED if sure else ROUGH


def seconds_for(
    nodes: Sequence[Node],
    costs: Mapping[str, Cost],
    manifests: Mapping[str, Mapping[str, Any]],
    shape: Shape,
    speed: Speed,
) -> Seconds:
    """The seconds of an experiment's nodes; those that ran on this processor say what the others of their kind take."""
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    groups = Counter(node.group for node in nodes if node.group)
    here = processor()
    for node in nodes:
        facts = manifests.get(node.key, {}).get("facts", {})
        if facts.get("seconds") and here in str(facts.get("processor", here)):
            if facts.get("threads", node.threads) != node.threads:
                continue
            spent[node.kind][0] += float(facts["seconds"])
            spent[node.kind][1] += _expected(node, costs[node.key], shape, speed, groups.get(node.group, 1))
    waiting = Counter(node.group for node in nodes if node.group and node.key not in manifests)
    ran = {kind: took / expected for kind, (took, expected) in spent.items() if expected}
    return Seconds(shape=shape, speed=speed, passes=waiting, ran=ran)


def _expected(node: Node, cost: Cost, shape: Shape, speed: Speed, together: int) -> float:
    """Seconds of a node at a speed."""
    if node.kind == "tokenizer":
        return min(OF_TOKENIZER + TOKENIZER_BYTE * _bytes_read(node), MOST_TOKENIZER)
    if not cost.tokens:
        return OF_OTHERS
    passes = int(node.estimate.get("passes", 1))
    loading, saving = 4 * shape.parameters / LOADED, 4 * shape.parameters / SAVED
    if node.kind == "masked_lm":
        return OF_PRETRAINING + saving + cost.tokens * speed.pretraining_token / faster(node.threads)
    # Tokens that are written, and those whose whole vocabulary is scored, count by what they multiply.
    tokens = cost.flops / (2 * passes * max(shape.body, 1)) if cost.flops else float(cost.tokens)
    if passes == 1:
        return OF_EVALUATION + loading / max(together, 1) + BESIDE * tokens * speed.predicted_token
    steps = float(node.estimate.get("steps") or tokens / STEP_TOKENS)
    trained = (steps * speed.step + tokens * speed.token * passes / 3) / faster(node.threads)
    return OF_TRAINING + loading + saving + BESIDE * (trained + _selecting(node, cost, speed))


def _selecting(node: Node, cost: Cost, speed: Speed) -> float:
    """Seconds of the evaluations on dev rows that choose the weights to keep."""
    tasks, recipe = node.params.get("tasks"), node.params.get("recipe")
    if not isinstance(tasks, list) or not isinstance(recipe, Mapping) or not all("dev" in task for task in tasks):
        return 0.0
    candidates = int(float(recipe["epochs"]) / float(recipe["select_every"]))
    rows = float(node.estimate.get("steps") or 0) * int(recipe["batch_size"])
    if candidates < 2 or not rows:
        return 0.0
    examples = sum(int(task["dev"].get("limit") or recipe["select_examples"]) for task in tasks)
    return candidates * examples * cost.tokens / rows * speed.predicted_token


def _bytes_read(node: Node) -> int:
    return sum(Path(path).stat().st_size for path in set(node.paths.values()) if Path(path).is_file())
