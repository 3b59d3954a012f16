"""The keys of an arm over several languages: where its rows come from, in which balance, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic import Strict as StrictType

from xstilts.phases.balances import NAMES, TEMPERATURE, Balance
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.fields import Count, Label, Languages, Name, Positive, language_id
from xstilts.phases.options.inline_task import InlineTask, TaskReference
from xstilts.phases.options.requests import RowRequest
from xstilts.phases.options.validation import Options, refuse, refuse_repeated, refuse_unknown, shown
from xstilts.phases.options.wording import counted, listed

if TYPE_CHECKING:
    from xstilts.phases.training_set import TrainingSet

ENGLISH = "english"
"""The arm on the task's own training set: an earlier arm of that name, or the task under the same budget."""


def _short(given: object) -> object:
    """A source may be written as the name of a task."""
    if isinstance(given, list | tuple):
        return [{"task": one} if isinstance(one, str) else one for one in given]
    return given


def _shares(given: object) -> object:
    if isinstance(given, str) and given not in NAMES:
        refuse_unknown("balance", given, NAMES, hint="or the share of every language: {de: 1, sw: 2}")
    if isinstance(given, Mapping):
        if not given:
            refuse("no language has a share")
        ids = [language_id(str(code), at=(str(code),)) for code in given]
        refuse_repeated(ids, "language")
        return dict(zip(ids, map(_number, given.values()), strict=True))
    return given


def _number(value: object) -> object:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RowsFrom(Options):
    """One source of an arm's rows."""

    task: TaskReference
    """A registered task, or a task on your own files."""
    languages: Languages = ()
    """Of its rows; by default the task's own language."""
    labels: dict[Label, Label] = Field(default_factory=dict)
    """What the arm's task calls each of its labels, where the two differ."""

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        if isinstance(self.task, InlineTask) and self.languages:
            refuse("the language of your own files is task.language", at=("languages",))
        if isinstance(self.task, InlineTask) and not self.task.files:
            refuse("an arm needs files to train on", at=("task", "files"))
        return self


class MultilingualKeys(Arm):
    """Where the rows of an arm over several languages come from, and how many there are of each."""

    task: TaskReference | None = None
    """What is trained: it gives the labels, the recipe and the rows that select. By default the first source's."""
    languages: Languages = ()
    """The languages of the task's training sets that are drawn from, where there are no ``sources``."""
    sources: Annotated[tuple[RowsFrom, ...], StrictType(False), BeforeValidator(_short)] = ()
    """What is drawn from instead: tasks with training sets in other languages, or of your own files."""
    balance: Annotated[
        Literal["proportional", "temperature", "uniform"] | dict[str, Positive], BeforeValidator(_shares)
    ] = "proportional"
    """How many examples a language has: p ∝ min(n, cap), p ∝ min(n, cap)^(1/temperature), all languages alike, or the
    share of every language (``{de: 1, sw: 2}``)."""
    temperature: Annotated[Positive, Field(ge=1)] | None = None
    """For a balance by temperature: above 1, small languages have more than their share."""
    cap: Count | None = None
    """The largest number of examples that a language has."""
    match: Name | None = None
    """``english``: exactly as many examples as the arm on the task's own training set has under the same budget; or
    the name of an earlier arm or of a task. By default as many as the balance allows without repeating one, within the
    budget."""

    def rows(self) -> tuple[RowRequest, ...]:
        """Those of the sources, then those of the task, then those whose number is matched."""
        requests = [
            RowRequest(task=one.task, key=("sources", place, "task"), budget=self.name, languages=one.languages)
            for place, one in enumerate(self.sources)
        ] or [RowRequest(task=self._task, key=("task",), budget=self.name, languages=self.languages)]
        if self._has_base:
            requests.append(RowRequest(task=self._task, key=("task",), budget=self.name))
        if self.match == ENGLISH:
            named = self._task if isinstance(self._task, str) else self.name
            requests.append(RowRequest(task=self._task, key=("match",), budget=named, like=ENGLISH))
        elif self.match:
            requests.append(RowRequest(task=self.match, key=("match",), budget=self.match, of_arm=True))
        return tuple(requests)

    def split(self, sets: Sequence[TrainingSet]) -> tuple[Sequence[TrainingSet], TrainingSet, TrainingSet | None]:
        """The sets of `rows`: those of the sources, that of the task, and the one whose size is matched."""
        number = len(self.sources) or 1
        own, others = sets[:number], list(sets[number:])
        base = others.pop(0) if self._has_base else own[0]
        return own, base, others.pop(0) if self.match else None

    def balanced(self) -> Balance:
        """The balance that the keys mean."""
        if isinstance(self.balance, str):
            return Balance(name=self.balance, temperature=self.temperature, cap=self.cap)
        return Balance(shares=self.balance, cap=self.cap)

    def without(self, missing: frozenset[int]) -> Self | None:
        """The arm with the sources that are left; none without the task, or the set whose size is matched."""
        number = len(self.sources)
        if not missing:
            return self
        if any(place >= number for place in missing) or len(missing) == number:
            return None
        kept = tuple(one for place, one in enumerate(self.sources) if place not in missing)
        return self.model_copy(update={"sources": kept})

    @property
    def not_lent(self) -> str:
        """It has several sources, or a draw of them."""
        return "an arm over several languages: name its task and languages"

    def sentences(self) -> tuple[str, ...]:
        """``xnli_translated in 14 languages; balance uniform; as many examples as english``."""
        if self.sources:
            drawn = f"rows of {listed([_named(one) for one in self.sources])}"
        else:
            drawn = f"{_called(self._task)} in {counted(len(self.languages), 'language')}"
        how = self.balance if isinstance(self.balance, str) else "by given shares"
        details = [f"temperature {self.temperature:g}"] if self.temperature else []
        details += [f"at most {counted(self.cap, 'example')} a language"] if self.cap else []
        size = f"as many examples as {self.match}" if self.match else ""
        return tuple(filter(None, (drawn, ", ".join([f"balance {how}", *details]), size, *super().sentences())))

    @property
    def _task(self) -> Any:  # noqa: ANN401 – a name, or a task on files
        return self.task if self.task is not None else self.sources[0].task

    @property
    def _has_base(self) -> bool:
        return bool(self.sources) and self.task is not None

    @model_validator(mode="after")
    def _says_what_to_draw_from(self) -> Self:
        if not self.sources and self.task is None:
            refuse("key 'task' is missing, or 'sources': what is drawn from")
        if not self.sources and not self.languages:
            refuse("key 'languages' is missing, or 'sources': which languages are drawn from")
        if self.sources and self.languages:
            refuse("each of the sources has its own languages", at=("languages",))
        if isinstance(self.task, InlineTask) and not self.sources:
            refuse("your own files are one language each: name each under sources", at=("task",))
        if (self.temperature is not None) != (self.balance == TEMPERATURE):
            at = ("balance",) if self.temperature is None else ("temperature",)
            refuse("balance: temperature and the key temperature belong together", at=at)
        if self.match == self.name:
            refuse(f"{shown(self.name)} is compared with itself", at=("match",))
        return self


def _called(task: str | InlineTask) -> str:
    return listed(task.files) if isinstance(task, InlineTask) else task


def _named(source: RowsFrom) -> str:
    spoken = f" ({counted(len(source.languages), 'language')})" if source.languages else ""
    return f"{_called(source.task)}{spoken}"
