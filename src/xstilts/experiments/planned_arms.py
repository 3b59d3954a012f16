"""What an arm reads: the files of each of its training sets and of its text, found, read and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.sources import Source
from xstilts.errors import ConfigError
from xstilts.experiments.augmented_sets import augmented
from xstilts.experiments.training_sets import TrainingSets, check_trained
from xstilts.heads.decisions import deciding
from xstilts.models.reference import resolve
from xstilts.phases import starting_point as starting
from xstilts.phases.arm_plan import FileOf
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.objective import check_objective, objective_note
from xstilts.phases.options.requests import RowRequest
from xstilts.phases.options.validation import dotted
from xstilts.phases.options.wording import listed
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.text_files import TextFiles, text_files
from xstilts.phases.training_set import TrainingSet, recipe_for


@dataclass(frozen=True, kw_only=True)
class PlannedSelector:
    """The model that chooses among an arm's rows.

    Attributes:
        start: None: what the experiment's model starts from.
        rows: what it is trained on, with its recipe.
    """

    start: StartingPoint | None
    rows: TrainingSet


@dataclass(frozen=True, kw_only=True)
class PlannedArm:
    """An arm with its files.

    Attributes:
        sets: the training sets that it asks for, in its order.
        text: the plain text that it asks for; None: none.
    """

    given: Arm
    sets: tuple[TrainingSet, ...]
    text: TextFiles | None = None
    selector: PlannedSelector | None = None
    file: FileOf | None = None


Earlier = Mapping[str, PlannedArm]
"""The arms before one, by name: an arm may train on what they train on."""


def planned_arm(sets: TrainingSets, arm: Arm, where: str, earlier: Earlier) -> Finding[PlannedArm]:
    """An arm with all of its files.

    Raises:
        ConfigError: a model that its method cannot train, or a choice that the data do not allow.
    """
    arm.check_model(sets.reference, where=where)
    book = Notebook()
    found = tuple(book.take(arm_set(sets, arm, request, where, earlier)) for request in arm.rows())
    found = augmented(found, arm.augment, sets, where=where, whose=f"arm {arm.name}")
    kinds = [training.source.task.kind for training in found]
    check_objective(arm.objective, sets.architecture, kinds, where=where, whose=f"arm {arm.name}")
    book.notes += objective_note(arm.objective, [one.recipe.precision for one in found], whose=f"arm {arm.name}")
    arm.check_kinds(kinds, where=where)
    arm.check_sets(found, where=where)
    chooses = planned_selector(sets, arm, found, where)
    file, text = named_file(sets, arm, where), book.take(arm_text(sets, arm, where))
    return book.finding(PlannedArm(given=arm, sets=found, text=text, selector=chooses, file=file))


def named_file(sets: TrainingSets, arm: Arm, where: str) -> FileOf | None:
    """The file that an arm names beside its rows.

    Raises:
        ConfigError: it is not there.
    """
    request = arm.named_file()
    if request is None:
        return None
    folders = [folder for folder in (sets.inventory.data, sets.inventory.beside) if folder is not None]
    file = next((folder / request.name for folder in folders if (folder / request.name).is_file()), None)
    if file is None:
        raise ConfigError(
            f"there is no file {request.name!r} below {listed([str(folder) for folder in folders])}",
            where=f"{where}.{dotted(request.key)}",
        )
    return FileOf(role=request.role, fingerprint=sets.inventory.store.fingerprint(file), path=str(file))


def planned_selector(sets: TrainingSets, arm: Arm, found: Sequence[TrainingSet], where: str) -> PlannedSelector | None:
    """The model that chooses among the rows of an arm's first training set.

    Raises:
        ConfigError: a model that makes no decisions between classes, or one from scratch that the experiment is not of.
    """
    request = arm.selector()
    if request is None:
        return None
    at, model, start = f"{where}.{dotted(request.key)}", sets.reference, None
    if request.model is not None:
        folder, inventory = sets.experiment.folder or Path(), sets.inventory
        model = starting.settled(resolve(request.model, beside=folder), inventory)
        if model.scratch:
            raise ConfigError(
                f"{request.model} starts from scratch and has no tokenizer of its own",
                where=at,
                hint="name a pretrained encoder, or leave the key out for the experiment's own model",
            )
        start = starting.starting_point(model, inventory)
    rows, architecture = found[0], model.described.architecture
    if not deciding(registry.find(f"heads.{architecture}", rows.source.task.kind)):
        raise ConfigError(
            f"{model.name} writes its answers as text ({architecture}): rows are chosen by a model that decides "
            "between classes",
            where=at,
            hint=f"{request.key[-1]}: an encoder, such as xlm_roberta:base",
        )
    own = {**arm.recipe.settings(), **request.recipe}
    recipe = recipe_for(rows.source, model, sets.experiment.recipe.settings(), own)
    # Nothing is selected by dev rows: the whole training counts.
    recipe = recipe.over({"select_every": max(recipe.epochs, recipe.select_every)})
    # It sees the rows that it chooses among: another sample of the set would leave most of them without a score.
    seen = replace(rows.originals, recipe=recipe, dev=None, without_held_out=rows.holds_out)
    return PlannedSelector(start=start, rows=seen)


def arm_set(sets: TrainingSets, arm: Arm, request: RowRequest, where: str, earlier: Earlier) -> Finding[TrainingSet]:
    """One of the training sets that an arm asks for.

    That of an earlier arm is taken with its limit and its augmentation, not with its recipe.
    """
    book = Notebook()
    if lent := lender(request, earlier):
        same = lent.sets[0]
        source, limit, languages = same.source, same.limit, same.languages
    else:
        source = book.take(_source(sets, arm, request, where))
        limit, languages = sets.limit(request.budget, source.name), request.languages
        check_trained(source, languages, f"{where}.{dotted((*request.key[:-1], 'languages'))}")
    recipe = sets.recipe(source, arm.recipe.settings())
    if lent and not arm.budget.max_train_examples:
        sets = replace(sets, share=1.0)  # the limit that it is lent is one of a share already
    limit = arm.budget.max_train_examples or limit
    found = book.take(sets.read(source, limit, recipe, dev_of=source, languages=languages))
    return book.finding(replace(found, augmentation=same.augmentation if lent else None))


def lender(request: RowRequest, earlier: Earlier) -> PlannedArm | None:
    """The earlier arm whose training set is asked for, if it is one's."""
    if request.like in earlier:
        return earlier[request.like]
    return earlier.get(request.task) if request.of_arm and isinstance(request.task, str) else None


def arm_text(sets: TrainingSets, arm: Arm, where: str) -> Finding[TextFiles | None]:
    """The text that an arm asks for; None where it asks for none."""
    request = arm.plain_text()
    if request is None:
        return Finding(value=None)
    book = Notebook()
    found = book.take(text_files(request, sets.inventory, arm=arm.name, where=where))
    book.notes += [f"arm {arm.name}: {note}" for note in arm.text_notes(found, sets.reference)]
    return book.finding(found)


def _source(sets: TrainingSets, arm: Arm, request: RowRequest, where: str) -> Finding[Source]:
    """The task whose rows train: the one that is asked for, or, if that has no training set here, the one it names."""
    book = Notebook()
    if isinstance(request.task, InlineTask):
        at = f"{where}.{dotted(request.key)}"
        source = book.take(sets.inventory.inline(request.budget, request.task.request(), where=at))
    else:
        source = book.take(sets.inventory.registered(request.task))
        if source.task.train_on and source.train is None:
            source = book.take(sets.inventory.registered(source.task.train_on))
    if request.files:
        source = book.take(sets.stand_in(source, request.files, f"arm {arm.name}", f"{where}.train_file"))
    return book.finding(source)
