"""The question that an experiment asks, and the contrasts between its arms that answer it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.phases.options.arm import BASELINE
from xstilts.phases.options.fields import Languages, Name, Positive, Text
from xstilts.phases.options.validation import Options, Path, refuse, refuse_repeated, refuse_unknown

Names = Annotated[tuple[Name, ...], StrictType(False)]


class LessKeys(Options):
    """The difference that another one is reduced by; what is left out is as it is there."""

    arm: Name | None = None
    against: Name | None = None
    targets: Names | None = None
    languages: Languages | None = None


class ContrastKeys(Options):
    """The difference between two arms, paired as every gain is: on average over the target languages.

    With ``less`` it is a difference of differences. With two other arms there it is their interaction: whether one
    training adds more beside another than alone. With other languages it is what the languages differ by.
    """

    arm: Name
    against: Name = BASELINE
    """The arm that it is compared with; by default direct fine-tuning."""
    targets: Names = ()
    """The targets that count; by default all."""
    languages: Languages = ()
    """The target languages that count; by default all."""
    less: LessKeys | None = None
    """A second difference, which is taken off the first: other arms, targets or languages."""
    under: Text | None = None
    """The form of the test rows: a perturbation that every target names, ``minimum`` (each example where it scores
    lowest), or ``pairs`` of two languages; by default the rows as they are."""
    claim: Text | None = None
    """What a difference above zero means, as the end of a sentence that begins with "The answer is that"."""

    @property
    def subtracted(self) -> ContrastKeys | None:
        """The second difference, in full."""
        if self.less is None:
            return None
        changed = self.less.model_dump(exclude_none=True)
        return self.model_copy(update={**changed, "less": None, "claim": None})


class Question(Options):
    """What an experiment is run to find out: the report opens with it, and with its answer in one sentence.

    The answer is *supported* where the 95 % interval of every contrast is above zero, *contradicted* where that of one
    is below zero, or below ``matters``, and that the run had *too little power* otherwise.
    """

    text: Text
    """The question itself."""
    contrasts: Annotated[tuple[ContrastKeys, ...], StrictType(False), Field(min_length=1)]
    """All of them have to hold."""
    about: Names = ()
    """The model families that it is about: a run of another model cannot settle it, and its report says so."""
    matters: Positive | None = None
    """The smallest gain that would matter, in points: where an interval excludes it, the answer is no."""

    @field_validator("about")
    @classmethod
    def _known_families(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = registry.names("models")
        for index, name in enumerate(given):
            if name not in known:
                refuse_unknown("model family", name, known, at=(index,))
        refuse_repeated(given, "model family")
        return given

    def check(
        self,
        arms: Collection[str],
        forms: Mapping[str, Collection[str]],
        languages: Collection[str] | None,
        at: Path,
        *,
        few_shot: Collection[str] = (),
    ) -> None:
        """Ends a validator where a contrast names an arm, a target, a language or a form of rows that there is not.

        Args:
            arms: by name.
            forms: target → the forms of its test rows beside those as they are.
            languages: those of the experiment; None: whatever a target has.
            at: of the question.
            few_shot: the targets that train on examples of the target languages.
        """
        for index, one in enumerate(self.contrasts):
            here = (*at, "contrasts", index)
            self._check_one(one, {BASELINE, *arms}, forms, languages, here)
            other = one.subtracted
            named = (*one.targets, *(other.targets if other else ()))
            if len({target in few_shot for target in named}) > 1:
                refuse(
                    "zero-shot and few-shot targets are never averaged: one contrast for each", at=(*here, "targets")
                )
            if other is not None:
                self._check_one(other, {BASELINE, *arms}, forms, languages, (*here, "less"))
                if other == one.model_copy(update={"less": None, "claim": None}):
                    refuse("a difference less itself: name another arm, target or language", at=(*here, "less"))

    @staticmethod
    def _check_one(
        one: ContrastKeys,
        arms: Collection[str],
        forms: Mapping[str, Collection[str]],
        languages: Collection[str] | None,
        at: Path,
    ) -> None:
        targets = tuple(forms)
        for key in ("arm", "against"):
            if getattr(one, key) not in arms:
                refuse_unknown("arm", getattr(one, key), arms, at=(*at, key))
        if one.arm == one.against:
            refuse(f"{one.arm!r} is compared with itself", at=(*at, "against"))
        for place, target in enumerate(one.targets):
            if target not in targets:
                refuse_unknown("target", target, targets, at=(*at, "targets", place))
        for place, language in enumerate(one.languages if languages is not None else ()):
            if language not in (languages or ()):
                refuse_unknown("language of the experiment", language, languages or (), at=(*at, "languages", place))
        for target in one.targets or targets if one.under else ():
            if one.under not in forms[target]:
                hint = f"robustness of target {target} names the perturbations"
                refuse_unknown("form of test rows", str(one.under), forms[target], at=(*at, "under"), hint=hint)

    def asked(self, family: str) -> dict[str, Any]:
        """For the record of a run whose model is of a family."""
        said = self.model_dump(mode="json")
        for keys, one in zip(said["contrasts"], self.contrasts, strict=True):
            if one.subtracted is not None:
                keys["less"] = one.subtracted.model_dump(mode="json")
        titles = [registry.find("models", name).title for name in self.about]
        return {**said, "about": titles, "settles": not self.about or family in self.about}
