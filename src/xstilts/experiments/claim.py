"""A claim as its file writes it: what it says in words, where it stands, and what it says in terms of a run.

This is the schema of a claim file. Arms are named, or described by what they train on, so that one claim can be judged
by runs whose arms are called otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.experiments.ready import ready_experiments
from xstilts.phases.methods import methods
from xstilts.phases.options.arm import BASELINE, DEFAULT_METHOD
from xstilts.phases.options.fields import Count, Languages, Name, NotNegative, Positive, Text
from xstilts.phases.options.validation import (
    ExperimentError,
    Options,
    problems,
    refuse,
    refuse_repeated,
    refuse_unknown,
)

OTHERS = "others"
"""Of the targets of ``less``: all that the first difference does not count."""


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


Names = Annotated[tuple[Name, ...], StrictType(False), BeforeValidator(_listed)]
"""One name or several."""
Texts = Annotated[tuple[Text, ...], StrictType(False), BeforeValidator(_listed)]
Each = Literal["arms", "against", "targets", "languages"]


def _by_name(given: object) -> object:
    return {"name": given} if isinstance(given, str) else given


def _known(given: tuple[str, ...], known: Mapping[str, Any] | tuple[str, ...], what: str, at: tuple[str, ...]) -> None:
    for index, name in enumerate(given):
        if name not in known:
            refuse_unknown(what, name, known, at=(*at, index) if len(given) > 1 else at)


class ArmWanted(Options):
    """Arms by what they train on; a plain string is the name of one.

    Only plain arms are described: what starts from another arm, has an objective of its own or augments its rows is
    meant where it is named.
    """

    name: Name | None = None
    task: Names = ()
    """Trains on one of these tasks."""
    tasks: Names = ()
    """Trains on all of these tasks at once."""
    method: Names = ()
    """Of one of these methods; by default ``multi_task`` with ``tasks``, otherwise ``single_task``."""
    trained_in: Languages = ()
    """All rows are in these languages; by default in any."""
    masked_lm: bool = False
    """Trains with masked LM beside its task."""
    exact: bool = False
    """Nothing stands in for it, whatever the claim allows."""

    @model_validator(mode="after")
    def _named_or_described(self) -> Self:
        if self.name is not None and self.model_fields_set != {"name"}:
            refuse("an arm is named, or described by what it trains on: not both", at=("name",))
        if self.task and self.tasks:
            refuse("task is one of several, tasks are all at once: write one of the two", at=("tasks",))
        for key in ("task", "tasks"):
            _known(getattr(self, key), registry.names("tasks"), "task", (key,))
        _known(self.method, tuple(methods()), "method", ("method",))
        return self

    @property
    def of_methods(self) -> tuple[str, ...]:
        """The methods that count."""
        return self.method or (("multi_task",) if self.tasks else (DEFAULT_METHOD,))


ArmKey = Annotated[ArmWanted, BeforeValidator(_by_name)]


class LessWanted(Options):
    """The difference that another one is reduced by; what is left out is as it is there."""

    arm: ArmKey | None = None
    against: ArmKey | None = None
    targets: Names | None = None
    """``others``: all that the first difference does not count."""
    languages: Languages | None = None


class Statement(Options):
    """A mean gain of arms over others, and what is said of it."""

    arm: ArmKey
    """One arm or several; of several the mean gain, unless ``each`` or ``choose`` says otherwise."""
    against: ArmKey = ArmWanted(name=BASELINE)
    """What it is compared with; by default direct fine-tuning."""
    targets: Names = ()
    """Targets by their names or by their tasks; by default all."""
    languages: Languages = ()
    """The target languages that count; by default all."""
    under: Text | None = None
    """The form of the test rows: a perturbation, ``minimum`` or ``pairs``; by default the rows as they are."""
    less: LessWanted | None = None
    """A second difference, which is taken off the first."""
    choose: Literal["best"] | None = None
    """Of every target the arm with the largest mean gain, corrected for having been chosen."""
    each: Annotated[tuple[Each, ...], StrictType(False), BeforeValidator(_listed)] = ()
    """What is tested one by one, as a family of tests, instead of on average."""
    holds: Literal["all", "most", "any"] = "all"
    """How many tests of a family have to hold; ``most`` is more than half."""
    correction: Literal["none", "bonferroni", "max_t"] = "none"
    """Of the intervals of a family: for the number of its tests, or for how far they rise and fall together."""
    least_arms: Count = 1
    """How many arms there have to be: with fewer it is not tested."""
    expects: Literal["gain", "loss", "equal", "no_gain"] = "gain"
    """Above zero, below zero, within ± ``margin``, or below ``margin``."""
    margin: Positive | None = None
    """What is smaller does not matter, in points."""
    size: Positive | None = None
    """The gain that is claimed, in points: the verdict adds whether the interval contains it."""
    says: Text | None = None
    """What it means, in words."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        refuse_repeated(self.each, "value", at=("each",))
        if self.margin is None and self.expects in ("equal", "no_gain"):
            refuse(f"expects: {self.expects} needs a margin: below which a difference does not matter", at=("expects",))
        if self.size is not None and self.expects != "gain":
            refuse("only a gain has a size", at=("size",))
        if self.less is not None and {"targets", "languages"} & set(self.each):
            refuse("a difference of differences is tested per arm alone", at=("each",))
        if self.choose and "arms" in self.each:
            refuse("the best of several arms is not tested arm by arm", at=("each",))
        if OTHERS in self.targets:
            refuse("others are the targets of less that targets does not name", at=("targets",))
        return self


class DocumentVerdict(Options):
    """What a document says of the claim."""

    title: Text
    date: Text | None = None
    verified: bool | None = None
    """Whether the document ticks it; a question has no tick."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """As printed there."""
    papers: Count | None = None
    """How many the document says that it rests on."""
    review: NotNegative | None = None
    """The score, out of ten, that it says it was given."""


class About(Options):
    """The model and scale that the claim is about; a run of another says so in its verdict."""

    models: Texts = ()
    """As an experiment names them; one of them."""
    families: Names = ()
    """Model families; one of them."""
    whole_sets: bool = False
    """Every training set as a whole: no limit on examples, no tiny profile."""

    @model_validator(mode="after")
    def _known_models(self) -> Self:
        _known(self.families, registry.names("models"), "model family", ("families",))
        for index, name in enumerate(self.models):
            family, colon, checkpoint = name.partition(":")
            if colon:
                _known((family,), registry.names("models"), "model family", ("models", str(index)))
                _known((checkpoint,), registry.find("models", family).checkpoints, "checkpoint", ("models",))
        return self


class Claim(Options):
    """A claim."""

    name: Name
    text: Text
    source: Text | None = None
    """Where it comes from: a paper's address."""
    documents: Annotated[tuple[DocumentVerdict, ...], StrictType(False)] = ()
    about: About = About()
    reading: Text | None = None
    """How the text was turned into statements."""
    stand_ins: bool = False
    """Whether arms and targets of the same kind of task and the same labels may stand in for those that are named."""
    statements: Annotated[tuple[Statement, ...], StrictType(False)] = ()
    """What it says of a run; all of them have to hold."""
    question: Names = ()
    """Instead: ready experiments whose question it is; judged by runs that ask it."""
    untested: Text | None = None
    """Instead: why no run can test it."""

    def __init__(self, **keys: Any) -> None:  # noqa: ANN401 – any, because it is what gets checked
        try:
            super().__init__(**keys)
        except ValidationError as error:
            raise ExperimentError(problems(error, keys)) from None

    @field_validator("question")
    @classmethod
    def _known_experiments(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        _known(given, ready_experiments(), "experiment", ())
        return given

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = [key for key in ("statements", "question", "untested") if getattr(self, key)]
        if len(given) != 1:
            said = "none of them is here" if not given else f"here are {' and '.join(given)}"
            refuse(f"a claim has statements, or a question, or says why it is untested; {said}")
        return self
