"""A claim as one run judges it: verdict, confidence, what was tested, and what qualifies the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.analysis.claims.measured import Side
from xstilts.analysis.claims.verdicts import NOT_TESTED, Stated, Tested

BEFORE, AFTER, CHANGED, UNREGISTERED = "before", "after", "changed", "unregistered"
"""A claim was registered before the results that judge it, or after; it was changed since; it was not registered."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """When a claim was registered, against when the results came.

    Attributes:
        status: one of the four above.
        when: it was registered, ISO 8601.
        late: how many results were there before.
        results: how many there are.
        file_changed: whether its file says something else by now.
    """

    status: str
    when: str = ""
    late: int = 0
    results: int = 0
    file_changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim and what one run says of it.

    Attributes:
        name: of the claim.
        text: of the claim.
        sha256: of what its file says.
        source: where it was read; "": its file names none.
        documents: title, tick and confidence of each document that states it.
        run: by name; "": no run was given.
        directory: the run's output folder.
        model: of the run.
        confidence: share of the replicates in which all of it holds.
        about: whether the claim is about a certain model or scale.
        departures: in what the run's model and scale are not those of the claim; empty: they are.
        degenerate: trainings behind it that came out near nothing, by name.
        why: it was not tested.
    """

    name: str
    text: str
    sha256: str
    source: str = ""
    documents: tuple[Mapping[str, Any], ...] = ()
    run: str = ""
    directory: str = ""
    model: str = ""
    verdict: str = NOT_TESTED
    confidence: float | None = None
    statements: tuple[Stated, ...] = ()
    about: bool = False
    departures: tuple[str, ...] = ()
    degenerate: tuple[str, ...] = ()
    registration: Registration = Registration(status=UNREGISTERED)
    why: str = ""

    @property
    def of_its_model_and_scale(self) -> bool | None:
        """Whether the run has the model and scale of the claim; None where it is about none, or was not tested."""
        return None if self.verdict == NOT_TESTED or not self.about else not self.departures

    def as_object(self) -> dict[str, Any]:
        """For JSON: fractions, null where there is no number."""
        return {
            "claim": self.name,
            "text": self.text,
            "sha256": self.sha256,
            "documents": [dict(one) for one in self.documents],
            "run": self.run or None,
            "directory": self.directory or None,
            "model": self.model or None,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "why": self.why or None,
            "of_its_model_and_scale": self.of_its_model_and_scale,
            "departures": list(self.departures),
            "degenerate": list(self.degenerate),
            "registration": vars(self.registration) if self.run else None,
            "statements": [_stated(one) for one in self.statements],
        }


def _stated(one: Stated) -> Mapping[str, Any]:
    expected = one.expectation
    return {
        "says": one.says or None,
        "expects": expected.expects,
        "margin": expected.margin,
        "size": expected.size,
        "holds": expected.holds,
        "correction": expected.correction,
        "verdict": one.verdict,
        "confidence": one.confidence,
        "why": one.why or None,
        "stand_ins": list(one.stand_ins),
        "tests": [tested_object(test) for test in one.tests],
    }


def tested_object(test: Tested) -> dict[str, Any]:
    """One test: what was compared, and its numbers."""
    less = test.quantity.less
    return {
        **_side(test.quantity.side),
        "less": _side(less) if less else None,
        "verdict": test.verdict,
        "effect": test.effect,
        "low": test.low,
        "high": test.high,
        "level": test.level,
        "confidence": test.confidence,
        "smallest": test.smallest,
        "holds_size": test.holds_size,
        "seeds": list(test.seeds),
        "nodes": list(test.nodes),
        "lacking": test.lacking,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "arms": list(side.arms),
        "against": list(side.against),
        "targets": list(side.targets),
        "languages": list(side.languages),
        "under": side.under or None,
        "best": side.best,
    }
