"""Which arms and targets of an experiment are those that a claim means, and which only stand in for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xstilts import registry
from xstilts.experiments.arms import Arm, Target
from xstilts.experiments.claim import ArmWanted
from xstilts.experiments.schema import Experiment
from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.requests import RowRequest


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A training or test set, as claims see it: two are alike where kind and labels are the same.

    Attributes:
        task: registered; "" of a task on the user's own files.
        languages: of the rows.
    """

    task: str
    kind: str
    labels: tuple[str, ...]
    languages: frozenset[str] = frozenset()

    def like(self, task: str) -> bool:
        """Whether the set could stand in for that of a registered task."""
        if task not in registry.names("tasks"):
            return False
        other = registry.find("tasks", task)
        unlabelled = other.kind == "tagging" and not other.labels  # tags that are found, not listed: unknown here
        return self.kind == other.kind and sorted(self.labels) == sorted(other.labels) and not unlabelled


@dataclass(frozen=True, kw_only=True)
class Trained:
    """An arm, as claims see it.

    Attributes:
        plain: whether it starts from the model, with the head's own loss, on its rows as they are.
    """

    name: str
    method: str
    rows: tuple[Rows, ...]
    masked_lm: bool
    plain: bool


class Matched(NamedTuple):
    """Names in an experiment; ``stand_ins`` says in words what stands in for what."""

    names: tuple[str, ...]
    stand_ins: tuple[str, ...] = ()


def trained(experiment: Experiment) -> tuple[Trained, ...]:
    """The arms of an experiment, with those that accompany them."""
    named: dict[str, Arm] = {}
    for arm in experiment.intermediate:
        named[arm.name] = arm
        named |= {one.name: one for one in arm.companions() if one.name not in named}
    return tuple(_seen(arm, named) for arm in named.values())


def _seen(arm: Arm, named: Mapping[str, Arm]) -> Trained:
    own = [request for request in arm.rows() if request.key[0] != "match"]
    plain = arm.after is None and arm.objective is None and arm.augment is None
    rows = tuple(one for request in own for one in _rows(request, named))
    return Trained(
        name=arm.name,
        method=arm.method,
        rows=rows,
        masked_lm=getattr(arm, "masked_lm", None) is not None,
        plain=plain,
    )


def _rows(request: RowRequest, named: Mapping[str, Arm]) -> Iterable[Rows]:
    if request.of_arm and isinstance(request.task, str) and request.task in named:
        for one in named[request.task].rows():
            yield from _rows(one, named)
        return
    found = _set(request.task)
    spoken = frozenset(request.languages) or found.languages
    yield Rows(task=found.task, kind=found.kind, labels=found.labels, languages=spoken)


def _set(task: str | InlineTask) -> Rows:
    if isinstance(task, InlineTask):
        return Rows(task="", kind=task.kind, labels=tuple(task.labels), languages=frozenset({task.language}))
    found = registry.find("tasks", task)
    return Rows(task=task, kind=found.kind, labels=found.labels, languages=frozenset({found.source_language}))


def arms_meant(wanted: ArmWanted, arms: Sequence[Trained], *, stand_ins: bool) -> Matched:
    """The arms that fit a description; where none does and claims allow it, those that are alike."""
    if wanted.name is not None:
        return Matched((wanted.name,))
    fitting = [arm for arm in arms if _fits(wanted, arm)]
    exact = tuple(arm.name for arm in fitting if _trains_on(wanted, arm))
    if exact or wanted.exact or not stand_ins:
        return Matched(exact)
    alike = [arm for arm in fitting if _alike(wanted, arm)]
    meant = " or ".join(wanted.task) or ", ".join(wanted.tasks)
    return Matched(tuple(arm.name for arm in alike), tuple(f"{_sets(arm)} for {meant}" for arm in alike))


def _fits(wanted: ArmWanted, arm: Trained) -> bool:
    spoken = frozenset[str]().union(*(one.languages for one in arm.rows))
    return (
        arm.plain
        and arm.method in wanted.of_methods
        and arm.masked_lm == wanted.masked_lm
        and (not wanted.trained_in or spoken <= set(wanted.trained_in))
    )


def _trains_on(wanted: ArmWanted, arm: Trained) -> bool:
    tasks = {one.task for one in arm.rows}
    if wanted.tasks:
        return tasks == set(wanted.tasks)
    return not wanted.task or tasks <= set(wanted.task)


def _alike(wanted: ArmWanted, arm: Trained) -> bool:
    """A mixture of any tasks stands in for another mixture; a set for one of the same kind and labels."""
    return bool(wanted.tasks) or all(any(one.like(task) for task in wanted.task) for one in arm.rows)


def _sets(arm: Trained) -> str:
    tasks = [one.task or f"files of kind {one.kind}" for one in arm.rows]
    return f"{arm.name} (on {', '.join(dict.fromkeys(tasks))})"


def targets_meant(wanted: Sequence[str], targets: Sequence[Target], *, stand_ins: bool) -> Matched:
    """The targets of some names or tasks; empty where the experiment lacks one.

    Where others may stand in, those that are alike do; then it is enough that there is one of all, and ``stand_ins``
    names the rest.
    """
    names: dict[str, None] = {}
    said: list[str] = []
    for name in wanted:
        found = [one.name for one in targets if name in (one.name, one.task)]
        if not found and stand_ins:
            found = [one.name for one in targets if _set(one.task).like(name)]
            said += [f"target {one} for {name}" for one in found] or [f"without target {name}"]
        if not found and not stand_ins:
            return Matched(())
        names |= dict.fromkeys(found)
    return Matched(tuple(names), tuple(said))
