"""What the trainings of a run read that its test sets hold as well: looked for once the run is over, and read again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts import registry
from xstilts.data import made
from xstilts.errors import XstiltsError
from xstilts.experiments.experiment_graph import Evaluation, ExperimentGraph
from xstilts.phases import overlap
from xstilts.phases.datasets import Dataset
from xstilts.phases.methods import phase_of
from xstilts.phases.overlap import TestSet, TrainingText
from xstilts.phases.phase import PretrainingMethod
from xstilts.phases.taken_over import taken_over
from xstilts.phases.zero_shot import EvaluationParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import FINE_TUNING, lineage

if TYPE_CHECKING:
    from xstilts.analysis.cells import Counts
    from xstilts.analysis.contamination import Contamination
    from xstilts.analysis.overlaps import Shared

_LOG = logging.getLogger("xstilts")
TEXT = ("text/", "parallel/")
"""How the roles of plain text begin."""


@dataclass(kw_only=True)
class _Read:
    """A text that trainings read, with the cells that have it behind them.

    Attributes:
        phase: ``i``, ``ii`` or ``iii``.
        name: for people.
        arms: target → arms.
    """

    phase: str
    name: str
    text: TrainingText
    arms: dict[str, dict[str, None]] = field(default_factory=dict)


def overlap_record(study: ExperimentGraph, store: Store) -> dict[str, Any]:
    """For the record: the entry of every training text and target; what is not in the store is looked for now.

    A text that cannot be looked through is named in the report: a run is not lost by it.
    """
    if not study.experiment.contamination:
        return {}
    tests = _tests(study.evaluations)
    entries, told = [], []
    is_made = _Made(store)
    for read in _read(study.evaluations):
        # Sentences of the built-in world resemble each other by design, and its sets are drawn apart.
        targets = [
            t for t, test in tests.items() if t in read.arms and not (is_made(test.paths) and is_made(read.text.paths))
        ]
        try:
            keys = overlap.derive(read.text, [tests[target] for target in targets], store)
        except (XstiltsError, OSError) as error:
            told.append(f"{read.name} could not be compared with the test sets: {error}")
            continue
        said = {"text": read.name, "phase": read.phase}
        entries += [
            {**said, "target": target, "arms": list(read.arms[target]), "node": key}
            for target, key in zip(targets, keys, strict=True)
        ]
    parallel = [target for target, test in tests.items() if _parallel(test.datasets[0])]
    return {"overlap": {"entries": entries, "parallel": parallel, "told": told}}


def contaminated(record: Mapping[str, Any], counts: Sequence[Counts], store: Store) -> Contamination | None:
    """The gains on the clean part; None where nothing was looked for."""
    from xstilts.analysis.clean_part import contamination

    if (said := record.get("overlap")) is None:
        return None
    sources, shared = record["source_languages"], _shared(record, store)
    return contamination(
        counts,
        shared,
        source_languages=sources,
        few_shot=record.get("few_shot", {}),
        parallel=said["parallel"],
        told=said["told"],
    )


def _shared(record: Mapping[str, Any], store: Store) -> list[Shared]:
    """What a run's record and the store hold of them; what the store no longer holds is passed over."""
    from xstilts.analysis.overlaps import Shared

    found: list[Shared] = []
    for one in record.get("overlap", {}).get("entries", ()):
        said = {name: one[name] for name in ("text", "phase", "target")}
        try:
            by_language = overlap.read(one["node"], store)
        except (XstiltsError, OSError, KeyError) as error:
            _LOG.warning("what %s shares with %s cannot be read: %s", one["text"], one["target"], error)
            continue
        found += [
            Shared(**said, arms=tuple(one["arms"]), language=language, verdicts=verdicts)
            for language, verdicts in by_language.items()
        ]
    return found


class _Made:
    """Whether files are those that the package makes itself."""

    def __init__(self, store: Store) -> None:
        self._folders = (store.root / made.FOLDER, made.default_folder())

    def __call__(self, paths: Mapping[str, str]) -> bool:
        """Of all of them."""
        return all(any(Path(file).is_relative_to(one) for one in self._folders) for file in paths.values())


def _tests(evaluations: Sequence[Evaluation]) -> dict[str, TestSet]:
    """Target → its test rows: every arm and seed is evaluated on the same."""
    nodes: dict[str, dict[str, Node]] = {}
    for one in evaluations:
        nodes.setdefault(one.target, {}).setdefault(one.language, one.node)
    found = {}
    for target, of_languages in nodes.items():
        distinct = {node.key: node for node in of_languages.values()}  # a pool is one node for all of its languages
        taken = [
            taken_over(EvaluationParams.read(node.params).dataset, node, files=f"test/{place}/")
            for place, node in enumerate(distinct.values())
        ]
        found[target] = TestSet(
            datasets=tuple(one.dataset for one in taken),
            data={role: mark for one in taken for role, mark in one.data.items()},
            paths={role: file for one in taken for role, file in one.paths.items()},
        )
    return found


def _parallel(dataset: Dataset) -> bool:
    return not dataset.spec and bool(registry.find("tasks", dataset.task).parallel)


def _read(evaluations: Sequence[Evaluation]) -> list[_Read]:
    """Every text that a training behind an evaluation read; equal texts in one phase are one."""
    found: dict[tuple[str, str], _Read] = {}
    of_nodes: dict[str, list[_Read]] = {}
    for one in evaluations:
        for node in lineage(one.node.parents.get("model")):
            if node.key not in of_nodes:
                whose = one.target if node.kind == FINE_TUNING else one.arm
                of_nodes[node.key] = [
                    found.setdefault((read.phase, read.text.key), read) for read in _of_training(node, whose)
                ]
            for read in of_nodes[node.key]:
                read.arms.setdefault(one.target, {})[one.arm] = None
    return list(found.values())


def _of_training(node: Node, whose: str) -> Iterator[_Read]:
    """What one training read: the rows of its tasks, and plain text."""
    phase = "iii" if node.kind == FINE_TUNING else "ii"
    if isinstance(phase_of(node.kind), PretrainingMethod):
        phase = "i"
    for task in (one for one in node.params.get("tasks", ()) if isinstance(one, Mapping) and "train" in one):
        taken = taken_over(Dataset.read(task["train"]), node, files="train/")
        text = TrainingText(dataset=taken.dataset, data=taken.data, paths=taken.paths, parents=taken.parents)
        yield _Read(phase=phase, name=_name(taken.dataset, whose), text=text)
    roles = {
        role: role.split("/")[-1 if role.startswith(TEXT[1]) else 1] for role in node.data if role.startswith(TEXT)
    }
    if roles:
        text = TrainingText(
            languages=roles,
            data={role: node.data[role] for role in roles},
            paths={role: node.paths[role] for role in roles},
        )
        folders = sorted({Path(node.paths[role]).parent.name for role in roles})
        yield _Read(phase=phase, name=f"plain text of {', '.join(folders)}", text=text)


def _name(dataset: Dataset, whose: str) -> str:
    """``mnli``; the arm's or target's name where it is a task of the user's own; of joined rows every part."""
    if dataset.joined:
        return " and ".join(dict.fromkeys(_name(one, whose) for one in dataset.joined))
    name = whose if dataset.task == "user" else dataset.task
    chosen = "chosen rows of " if dataset.subset else ""
    return f"{chosen}{name}" + ("" if dataset.split == "train" else f" {dataset.split}")
