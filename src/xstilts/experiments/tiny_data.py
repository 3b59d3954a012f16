"""``profile: tiny`` on the data that is here: what has none is left out or gets a stand-in, and every case is reported.

A real run does neither: it refuses, and names all that is missing. Both ask the same question of every arm and target.
Here, rules look at what the answer lacks and change the question, until it lacks nothing or no rule applies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.gaps import Gap, TextGap
from xstilts.experiments.arms import Target
from xstilts.experiments.planned import Planned
from xstilts.experiments.planned_arms import Earlier, PlannedArm, arm_set, arm_text, named_file, planned_selector
from xstilts.experiments.planned_targets import PlannedTarget, planned_target
from xstilts.experiments.schema import Experiment
from xstilts.experiments.training_sets import TrainingSets
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.requests import RowRequest
from xstilts.phases.training_set import TrainingSet
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task

Gaps = Iterable[Gap | TextGap]


def planned_on_data_here(sets: TrainingSets) -> Finding[Planned]:
    """The experiment without the arms and targets that lack data; its notes name them, and it has no gaps.

    Raises:
        ConfigError: no target is left; names everything that is missing.
    """
    book = Notebook()
    gaps: list[Gap | TextGap] = []
    arms: dict[str, PlannedArm] = {}
    for index, arm in enumerate(sets.experiment.intermediate):
        gone = {one.name for one in sets.experiment.intermediate[:index]} - arms.keys()
        answer = _arm(sets, arm, f"intermediate.{index}", arms, gone)
        kept = answer.value
        left = _asked(kept.given) if kept else None
        book.notes += [*answer.notes, *_left_out(sets, f"arm {arm.name}", _asked(arm), left, answer.gaps)]
        book.stand_ins += answer.stand_ins if kept else ()
        arms |= {arm.name: kept} if kept else {}
        gaps += answer.gaps
    targets: list[PlannedTarget] = []
    for index, target in enumerate(sets.experiment.targets):
        found = _target(sets, target, f"targets.{index}")
        spoken = _languages_missing(found)
        whole = spoken is not None
        book.notes += found.notes
        book.notes += _left_out(sets, f"target {target.name}", spoken or (), () if whole else None, found.gaps)
        book.stand_ins += found.stand_ins if whole else ()
        targets += [found.value] if whole else []
        gaps += found.gaps
    if not targets:
        sets.inventory.refuse_missing(gaps)
    kept_arms = tuple(arm.given for arm in arms.values())
    experiment = _with(sets.experiment, kept_arms, tuple(target.given for target in targets))
    return book.finding(Planned(experiment=experiment, arms=arms, targets=tuple(targets)))


def _left_out(
    sets: TrainingSets, what: str, given: tuple[str, ...], kept: tuple[str, ...] | None, gaps: Gaps
) -> list[str]:
    """Reports what was left out: all of it (``kept`` is None), or some of its parts."""
    if kept == given:
        return []
    part = "" if kept is None else f" ({', '.join(name for name in given if name not in kept)})"
    lines = "; ".join(sets.inventory.described(gaps))
    return [f"profile tiny: {what}{part} is left out: {lines or 'what it needs was left out'}"]


def _with(experiment: Experiment, arms: tuple[Arm, ...], targets: tuple[Target, ...]) -> Experiment:
    chosen = experiment.model_copy(update={"intermediate": arms, "targets": targets})
    return chosen.beside(experiment.folder) if experiment.folder is not None else chosen


# Arms.


def _arm(
    sets: TrainingSets, arm: Arm, where: str, earlier: Earlier, gone: Collection[str]
) -> Finding[PlannedArm | None]:
    """The arm as far as its training sets are here, and what is missing; none without its text or its earlier arm.

    Args:
        gone: the arms before it that were left out.
    """
    arm.check_model(sets.reference, where=where)
    book = Notebook()
    requests, kept = arm.rows(), dict[int, TrainingSet]()
    for position, request in enumerate(requests):
        if request.of_arm and request.task in gone:
            continue
        answer = _arm_set(sets, arm, request, where, earlier)
        training = book.take(answer)
        if not answer.gaps:
            kept[position] = training
    text = arm_text(sets, arm, where)
    files = book.take(text)
    given = arm.without(frozenset(range(len(requests))) - kept.keys())
    if given is None or text.gaps or given.after in gone:
        return book.finding(None)
    found = tuple(kept.values())
    given.check_kinds([training.source.task.kind for training in found], where=where)
    given.check_sets(found, where=where)
    chooses = planned_selector(sets, given, found, where)
    file = named_file(sets, given, where)
    return book.finding(PlannedArm(given=given, sets=found, text=files, selector=chooses, file=file))


def _arm_set(sets: TrainingSets, arm: Arm, request: RowRequest, where: str, earlier: Earlier) -> Finding[TrainingSet]:
    """One of an arm's training sets, dev rows where it is not here."""
    answer = arm_set(sets, arm, request, where, earlier)
    if answer.value.here or request.languages:
        return answer
    other = _with_training_set(sets, answer.value.source.name)
    return answer if other is None else arm_set(other, arm, request, where, earlier)


def _asked(arm: Arm) -> tuple[str, ...]:
    """The training sets that an arm asks for, by name."""
    return tuple(request.task if isinstance(request.task, str) else request.budget for request in arm.rows())


# Targets.


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a target instead.

    Attributes:
        stand_ins: what the change replaces, where the answer does not tell.
    """

    sets: TrainingSets
    target: Target
    stand_ins: tuple[str, ...] = ()


def _target(sets: TrainingSets, target: Target, where: str) -> Finding[PlannedTarget]:
    """The target on data that is here, and what is missing all the same."""
    answer = planned_target(sets, target, where)
    if not isinstance(target.task, str):
        return answer
    for rule in (_evaluate_dev, _train_on_what_is_here, _do_without_the_first):
        question = rule(sets, target, answer.value)
        if question is not None:
            other = _target(question.sets, question.target, where)
            return replace(other, stand_ins=(*question.stand_ins, *other.stand_ins))
    return answer


def _languages_missing(answer: Finding[PlannedTarget]) -> tuple[str, ...] | None:
    """The test languages that alone are missing from a target: none where it lacks nothing; None: it lacks more."""
    target, languages = answer.value, []
    if not target.parts and isinstance(target.given.task, str):
        return None
    for gap in answer.gaps:
        if isinstance(gap, TextGap) or gap.split != target.source.task.test_split:
            return None
        languages.append(gap.language)
    return tuple(dict.fromkeys(languages))


def _evaluate_dev(sets: TrainingSets, target: Target, lacking: PlannedTarget) -> Question | None:
    """Dev is evaluated where test is not here, unless it tunes decoding."""
    source = lacking.source
    if lacking.parts or not source.splits.get("dev") or source.task.test_split == "dev":
        return None
    tuning = kind_of(source.task.kind).tuning
    if tuning is not None and tuning.split == "dev":
        return None
    return Question(sets=sets, target=target.model_copy(update={"split": "dev"}))


def _train_on_what_is_here(sets: TrainingSets, target: Target, lacking: PlannedTarget) -> Question | None:
    """Dev rows stand in for a training set that is not here, or that of another task of the experiment does."""
    if lacking.training is None or lacking.training.here:
        return None
    if isinstance(target.train_on, InlineTask) or target.source:
        return None  # files of a user's own, rows in a language of choice: nothing else has them
    trained = lacking.training.source.name
    for name in (trained, *_others(sets.experiment, trained)):
        other = _with_training_set(sets, name)
        if other is not None:
            same = name == trained
            return Question(sets=other, target=target if same else target.model_copy(update={"train_on": name}))
    return None


def _do_without_the_first(sets: TrainingSets, target: Target, lacking: PlannedTarget) -> Question | None:
    """Fine-tuning leaves out the task that it would train on first, if that is not here."""
    first = next((training.source.name for training in lacking.before if not training.here), None)
    if first is None or lacking.training is None:
        return None
    other = _with_training_set(sets, first)
    if other is not None:
        return Question(sets=other, target=target)
    return Question(
        sets=sets,
        target=target.model_copy(update={"train_on": lacking.training.source.name}),
        stand_ins=(f"target {target.name}: not trained on {first} first",),
    )


# Training sets.


def _others(experiment: Experiment, trained: str) -> Iterator[str]:
    """Tasks of the experiment on which a target could train as well: their rows are of the same form."""
    wanted: Task = registry.find("tasks", trained)
    named = [target.task for target in experiment.targets if isinstance(target.task, str)]
    named = [registry.find("tasks", name).train_on or name for name in named]
    asked = [request for arm in experiment.intermediate for request in arm.rows() if not request.of_arm]
    named += [request.task for request in asked if isinstance(request.task, str)]
    for name in dict.fromkeys(named):
        task: Task = registry.find("tasks", name)
        if name != trained and (task.kind, task.labels) == (wanted.kind, wanted.labels):
            yield name


def _with_training_set(sets: TrainingSets, name: str) -> TrainingSets | None:
    """The sets under which a task's training set is here: as they are, or with its dev rows; None: neither."""
    source = sets.inventory.registered(name).value
    language = source.task.source_language
    if sets.inventory.read(source, "train", language).value is not None:
        return sets
    if source.part("dev", language) is None:
        return None
    line = f"profile tiny: dev rows of {source.task.title} replace its training set"
    return replace(sets, inventory=sets.inventory.training_on_dev(name, line))
