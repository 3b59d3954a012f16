"""Where a run's numbers come from: the experiment, the machines, what ran, what was replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts.analysis.claims.judged import Judged
from xstilts.models.versions import TESTED


@dataclass(frozen=True, kw_only=True)
class Training:
    """Trainings that differ in the seed and in what they start from alone, as their manifests say.

    Attributes:
        kind: of the nodes.
        sets: task → its split, languages and the limit of its rows, of each set that they train on.
        recipe: what they were trained with.
        nodes: how many there are.
    """

    kind: str
    sets: tuple[tuple[str, str, tuple[str, ...], int | None], ...]
    recipe: Mapping[str, Any]
    nodes: int = 1


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """What a report prints beside the table.

    Args:
        name: the experiment's name.
        experiment: the resolved experiment, as YAML text.
        created: when the report was made, ISO 8601.
        command: the command line.
        model: the model, as the experiment names it.
        version: of xstilts.
        stand_ins: one sentence for each data set that replaces another.
        warnings: what the run warned of.
        machines: facts from the manifests, one mapping per node: threads, processor, versions (may nest), seconds,
            tokens.
        ran, cached, failed, not_run: nodes by how they ended.
        tokens: tokens trained on and read in evaluation by this call.
        seconds: wall-clock time of this call.
        trainings: with what the nodes were trained, and on what.
        claims: what the run says of claims, for the formats that print it.
    """

    name: str
    experiment: str = ""
    created: str = ""
    command: str = ""
    model: str = ""
    version: str = ""
    stand_ins: Sequence[str] = ()
    warnings: Sequence[str] = ()
    machines: Sequence[Mapping[str, Any]] = ()
    ran: int = 0
    cached: int = 0
    failed: int = 0
    not_run: int = 0
    tokens: int | None = None
    seconds: float | None = None
    trainings: Sequence[Training] = ()
    claims: Sequence[Judged] = ()

    @property
    def all_warnings(self) -> tuple[str, ...]:
        """The run's warnings, those of its nodes, and what is found in the manifests, each once.

        A node's warning is in its manifest: it is repeated however long ago, and by whichever run, it was computed.
        """
        of_nodes = node_warnings(self.machines)
        heard = [text for text in self.warnings if not any(text.endswith(f": {one}") for one in of_nodes)]
        told = [f"{count:,} node{'s' if count > 1 else ''}: {text}" for text, count in of_nodes.items()]
        return tuple(dict.fromkeys([*heard, *told, *untested(self.machines), *mixed(self.machines)]))


def machine_values(facts: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Fact → its distinct values, sorted; nested facts as ``versions.torch``.

    Facts are texts and ``threads``; other numbers in a manifest (seconds, tokens) measure the node, not the
    machine. A node that does not record a fact (no torch in a tokenizer's) says nothing about it.
    """
    found: dict[str, set[str]] = {}
    for one in facts:
        for key, value in _flat(one).items():
            found.setdefault(key, set()).add(value)
    return {key: tuple(sorted(values)) for key, values in found.items()}


def node_warnings(facts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What nodes warned of while they were computed → how many of them."""
    return dict(Counter(str(text) for one in facts for text in one.get("warnings", ())))


def untested(facts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A warning for each version of transformers among the nodes that xstilts was not tested with."""
    found = {str(one["transformers"]) for one in facts if one.get("transformers")}
    return [
        f"transformers {version} is a version that xstilts was not tested with (tested: {', '.join(TESTED)}). Every "
        "model was checked against transformers' own computation before it was used, forward and backward."
        for version in sorted(found.difference(TESTED))
    ]


def mixed(facts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A warning for each fact in which the nodes differ: bit-identity is promised only for equal manifests."""
    return [
        f"Nodes differ in {key}: {', '.join(values)}. Their numbers agree within the intervals, not bit by bit."
        for key, values in machine_values(facts).items()
        if len(values) > 1
    ]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the nodes of one kind took, whichever call ran them."""

    kind: str
    nodes: int = 0
    seconds: float = 0.0
    tokens: int = 0


def work(facts: Sequence[Mapping[str, Any]]) -> tuple[Work, ...]:
    """The nodes that record how long they took, by kind in the order met.

    The kind is read off ``threads of KIND``: that is how a run tells the threads of its kinds apart.
    """
    found: dict[str, Work] = {}
    for one in facts:
        kind = next((key.removeprefix(_THREADS) for key in one if key.startswith(_THREADS)), None)
        if kind is None or not isinstance(one.get("seconds"), int | float):
            continue
        before = found.get(kind, Work(kind=kind))
        found[kind] = Work(
            kind=kind,
            nodes=before.nodes + 1,
            seconds=before.seconds + one["seconds"],
            tokens=before.tokens + int(one.get("tokens") or 0),
        )
    return tuple(found.values())


def reached_rows(facts: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, int, int], ...]:
    """Of trainings, per size of the vocabulary: fewest and most of its rows that one trained, and the size."""
    found: dict[int, list[int]] = {}
    for one in facts:
        if isinstance(one.get("vocabulary"), int) and isinstance(one.get("vocabulary_rows"), int):
            found.setdefault(one["vocabulary"], []).append(one["vocabulary_rows"])
    return tuple((min(rows), max(rows), size) for size, rows in sorted(found.items()))


def augmented(facts: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, int], ...]:
    """What the augmentations of training sets counted, each once: seeds share them."""
    names = ("words", "with_neighbours", "words_of_copies", "changed")
    told = [one["augmented"] for one in facts if isinstance(one.get("augmented"), Mapping)]
    found = {tuple(int(one[name]) for name in names) for one in told if all(name in one for name in names)}
    return tuple(dict(zip(names, counts, strict=True)) for counts in sorted(found))


_THREADS = "threads of "


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in facts.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{prefix}{key}."))
        elif isinstance(value, str) or key == "threads":
            found[f"{prefix}{key}"] = str(value)
    return found
