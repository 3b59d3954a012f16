"""The keys of an arm: those that all arms share, and those of arms that train on one task.

A method adds its own keys by a subclass, and says there what the arm reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from xstilts.models.reference import ModelReference
from xstilts.phases.options.augment import AugmentKeys, augment_sentence
from xstilts.phases.options.fields import Files, Languages, Name, Text
from xstilts.phases.options.inline_task import InlineTask, TaskReference
from xstilts.phases.options.objective import ObjectiveKeys, objective_sentence
from xstilts.phases.options.recipe import OwnBudget, RecipeSettings
from xstilts.phases.options.requests import FileRequest, RowRequest, SelectorRequest, TextRequest
from xstilts.phases.options.validation import Options, refuse
from xstilts.phases.options.wording import listed

if TYPE_CHECKING:
    from xstilts.phases.text_files import TextFiles
    from xstilts.phases.training_set import TrainingSet

BASELINE = "none"
"""The arm without intermediate training: always run, so never listed."""
DEFAULT_METHOD = "single_task"
"""Of an arm that names none."""
_FIRST = ("name", "method")


class Arm(Options):
    """One intermediate training: the keys that every arm has, whatever its method."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: Name
    method: Text = DEFAULT_METHOD
    after: Name | None = None
    """An earlier arm, from whose checkpoint this one starts; by default the experiment's model."""
    objective: ObjectiveKeys | None = None
    """The objective, if it is not the head's own loss: a name, or ``{name: …}`` with options."""
    augment: AugmentKeys | None = None
    """What makes more rows of those that train: a name, or ``{name: …}`` with options."""
    recipe: RecipeSettings = RecipeSettings()
    """Over the experiment's."""
    budget: OwnBudget = OwnBudget()
    """Over the experiment's."""

    def rows(self) -> tuple[RowRequest, ...]:
        """The training sets that it reads; its nodes are handed them in this order."""
        return ()

    def plain_text(self) -> TextRequest | None:
        """The plain text that it reads."""
        return None

    def without(self, missing: frozenset[int]) -> Self | None:
        """The arm without some of its training sets, by their position in `rows`; None: it needs all of them."""
        return None if missing else self

    def check_model(self, model: ModelReference, *, where: str) -> None:
        """Refuses a model that the method cannot train.

        Raises:
            ConfigError: it cannot; ``where`` is the arm's key path.
        """

    def text_notes(self, text: TextFiles, model: ModelReference) -> tuple[str, ...]:
        """What people should know of the plain text that it reads."""
        return ()

    def check_kinds(self, kinds: Sequence[str], *, where: str) -> None:
        """Refuses training sets of kinds that the method cannot use, in the order of `rows`.

        Raises:
            ConfigError: it cannot; ``where`` is the arm's key path.
        """

    def check_sets(self, sets: Sequence[TrainingSet], *, where: str) -> None:
        """Refuses training sets that do not fit together, or are too small, in the order of `rows`.

        Raises:
            ConfigError: they cannot be used; ``where`` is the arm's key path.
        """

    def selector(self) -> SelectorRequest | None:
        """The model that chooses among its rows."""
        return None

    def named_file(self) -> FileRequest | None:
        """A file that it reads beside its rows."""
        return None

    def companions(self) -> tuple[Arm, ...]:
        """Arms that are run with it, for comparison."""
        return ()

    def tiny(self) -> Self:
        """The arm under ``profile: tiny``, beside what recipe and budget say."""
        return self

    @property
    def not_lent(self) -> str:
        """Why a later arm cannot take its training set, as what the arm is: ``an arm with …``; empty: it can."""
        return ""

    @property
    def seeded(self) -> bool:
        """Whether the experiment's seeds make different trainings of it."""
        return True

    def sentences(self) -> tuple[str, ...]:
        """What it trains on, in words for a report: how that is augmented, under which objective, after which arm."""
        after = f"after {self.after}" if self.after else ""
        return tuple(filter(None, (augment_sentence(self.augment), objective_sentence(self.objective), after)))

    @field_validator("name")
    @classmethod
    def _not_the_baseline(cls, name: str) -> str:
        if name == BASELINE:
            refuse(f"{BASELINE!r} is the baseline, which is always run; leave it out")
        return name

    @model_serializer(mode="wrap")
    def _own_keys_first(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        keys = handler(self)
        return {key: keys[key] for key in self.key_order() if key in keys}

    @classmethod
    def key_order(cls) -> tuple[str, ...]:
        """Its keys as they are written: the name, what is its own, then what other arms have as well."""
        own = [name for one in cls.__mro__ for name in vars(one).get("__annotations__", ()) if name in cls.model_fields]
        return tuple(dict.fromkeys((*_FIRST, *own)))


class TaskArm(Arm):
    """An arm that trains on one task."""

    task: TaskReference
    """A registered task, or a task on your own files."""
    train_file: Files = ()
    """A stand-in for the task's own training set; reports print it."""
    languages: Languages = ()
    """Train on the task's rows in these languages, all together (translated training sets); by default in English."""

    def rows(self) -> tuple[RowRequest, ...]:
        """The task's training set."""
        return (
            RowRequest(
                task=self.task, key=("task",), budget=self.name, files=self.train_file, languages=self.languages
            ),
        )

    def sentences(self) -> tuple[str, ...]:
        """``hellaswag on val.jsonl``."""
        if isinstance(self.task, InlineTask):
            trained = f"{self.task.kind} on {listed(self.task.files)}"
        else:
            trained = f"{self.task} on {listed(self.train_file)}" if self.train_file else self.task
        return (trained, *super().sentences())

    @model_validator(mode="after")
    def _has_rows_to_train_on(self) -> Self:
        own = isinstance(self.task, InlineTask)
        if own and self.train_file:
            refuse("name the files under task.files", at=("train_file",))
        if self.languages and (self.train_file or own):
            refuse("only a registered task's own training sets are chosen by language", at=("languages",))
        if isinstance(self.task, InlineTask) and not self.task.files:
            refuse("an arm needs files to train on", at=("task", "files"))
        return self
