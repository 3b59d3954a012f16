"""The question that an experiment asks, and the contrasts between its arms that answer it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.phases.options.arm import BASELINE
from xstilts.phases.options.fields import Name, Positive, Text
from xstilts.phases.options.validation import Options, Path, refuse, refuse_repeated, refuse_unknown

Names = Annotated[tuple[Name, ...], StrictType(False)]


class ContrastKeys(Options):
    """The difference between two arms, paired as every gain is: on average over the target languages."""

    arm: Name
    against: Name = BASELINE
    """The arm that it is compared with; by default direct fine-tuning."""
    targets: Names = ()
    """The targets that count; by default all."""
    under: Text | None = None
    """The form of the test rows: a perturbation that every target names, ``minimum`` (each example where it scores
    lowest), or ``pairs`` of two languages; by default the rows as they are."""
    claim: Text | None = None
    """What a difference above zero means, as the end of a sentence that begins with "The answer is that"."""


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
        self, arms: Collection[str], forms: Mapping[str, Collection[str]], at: Path, *, few_shot: Collection[str] = ()
    ) -> None:
        """Ends a validator where a contrast names an arm, a target or a form of its rows that there is not.

        Args:
            arms: by name.
            forms: target → the forms of its test rows beside those as they are.
            at: of the question.
            few_shot: the targets that train on examples of the target languages.
        """
        targets = tuple(forms)
        known = {BASELINE, *arms}
        for index, one in enumerate(self.contrasts):
            here = (*at, "contrasts", index)
            for key in ("arm", "against"):
                if getattr(one, key) not in known:
                    refuse_unknown("arm", getattr(one, key), known, at=(*here, key))
            if one.arm == one.against:
                refuse(f"{one.arm!r} is compared with itself", at=(*here, "against"))
            for place, target in enumerate(one.targets):
                if target not in targets:
                    refuse_unknown("target", target, targets, at=(*here, "targets", place))
            if len({target in few_shot for target in one.targets}) > 1:
                refuse(
                    "zero-shot and few-shot targets are never averaged: one contrast for each", at=(*here, "targets")
                )
            for target in one.targets or targets if one.under else ():
                if one.under not in forms[target]:
                    hint = f"robustness of target {target} names the perturbations"
                    refuse_unknown("form of test rows", str(one.under), forms[target], at=(*here, "under"), hint=hint)

    def asked(self, family: str) -> dict[str, Any]:
        """For the record of a run whose model is of a family."""
        said = self.model_dump(mode="json")
        titles = [registry.find("models", name).title for name in self.about]
        return {**said, "about": titles, "settles": not self.about or family in self.about}
