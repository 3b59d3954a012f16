"""What each predictor says of each arm for each target and language, and what that cost: as a run's record holds it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One predictor's score of an arm as preparation for a target in one of its languages.

    Attributes:
        score: higher means that the arm is expected to help more; its unit is the predictor's own. None: it is not
            defined here.
        flops: of the passes that the predictor itself takes; None: the model's size is not known.
        training_flops: of the trainings whose checkpoints it needs (the arm's, or the target's own), pretraining left
            out.
        own: whether the arm trains on the target's own training set, which no predictor is judged by.
        why: why there is no score; empty where there is one.
    """

    arm: str
    target: str
    language: str
    predictor: str
    score: float | None
    flops: float | None
    training_flops: float | None
    own: bool = False
    why: str = ""

    def as_object(self) -> dict[str, Any]:
        """For a record; a score that is not a number is none."""
        said = asdict(self)
        return {**said, "score": None if self.score is None or not math.isfinite(self.score) else self.score}


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """All of one run, which is of one model.

    Attributes:
        used: the predictors, in their order.
        always: the arm that the run names as the choice for every target; "" if it names none.
        told: what could not be computed.
    """

    rows: Sequence[Prediction]
    used: tuple[str, ...]
    always: str = ""
    told: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """For a record."""
        scores = [one.as_object() for one in self.rows]
        return {"used": list(self.used), "always": self.always, "told": list(self.told), "scores": scores}


def predictions_in(record: Mapping[str, Any]) -> Predictions | None:
    """What the record of a run holds of them; None where the run computed none."""
    said = record.get("predictors")
    if said is None:
        return None
    return Predictions(
        rows=tuple(_read(said["scores"])),
        used=tuple(said["used"]),
        always=said["always"],
        told=tuple(said["told"]),
    )


def _read(scores: Iterable[Mapping[str, Any]]) -> Iterable[Prediction]:
    return (Prediction(**one) for one in scores)
