"""How answers are scored, and whether a model may answer nothing: by the labels, the metric, or the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from xstilts.errors import ConfigError, DataError
from xstilts.reading.examples import Question
from xstilts.tasks.kind import Decision

NO_ANSWER = "no_answer"
"""The only label that a task of this kind may have: some of its questions have no answer."""
ABSTAINING, ANSWERED = "squad_v2", ("squad_v1", "mlqa", "checklist")
"""The metric that takes questions without an answer, and those that do not."""
METRICS = (ABSTAINING, *ANSWERED)


def metric_of(labels: Sequence[str]) -> str:
    """SQuAD 2.0's where the labels say that a question may have no answer."""
    return ABSTAINING if NO_ANSWER in labels else "squad_v1"


def decide(labels: tuple[str, ...], metric: str | None, examples: Callable[[], Iterable[Question]]) -> Decision:
    """Whether the model may answer nothing, by the labels, the metric, or the questions that have no answer."""
    if strange := [label for label in labels if label != NO_ANSWER]:
        raise ConfigError(
            f"labels: {', '.join(strange)}: answers are spans of their context",
            hint=f"the one label that it may have, {NO_ANSWER}, lets the model answer nothing",
        )
    if metric == ABSTAINING:
        notes = () if labels else (f"metric {metric}: the model may answer nothing (labels: [{NO_ANSWER}])",)
        return Decision(labels=(NO_ANSWER,), metric=metric, notes=notes)
    if metric is not None:
        if labels and metric in ANSWERED:
            raise ConfigError(
                f"labels: [{NO_ANSWER}] and metric {metric} contradict each other: {metric} scores questions that have "
                "an answer",
                hint=f"leave one of them out, or take metric: {ABSTAINING}",
            )
        return Decision(labels=labels, metric=metric)
    if labels:
        return Decision(labels=labels, metric=ABSTAINING)
    known = [bool(one.answers) for one in examples() if one.answers is not None]
    without = known.count(False)
    if not without:
        return Decision(labels=(), metric="squad_v1")
    if without == len(known):
        raise ConfigError(f"none of the {without:,} questions has an answer", hint="are the answers hidden?")
    note = (
        f"{without:,} of {len(known):,} questions have no answer: metric {ABSTAINING}, and the model may answer nothing"
    )
    return Decision(labels=(NO_ANSWER,), metric=ABSTAINING, notes=(note,))


def review(examples: Sequence[Question], metric: str, file: Path) -> None:
    """Refuses a question without an answer where the metric scores only others.

    Raises:
        DataError: names the first.
    """
    for number, example in enumerate(examples, start=1):
        if example.answers == () and metric in ANSWERED:
            raise DataError(
                f"example {example.example_id or number}: the question {example.question!r} has no answer, and metric "
                f"{metric} scores only those that have one",
                file=file,
                hint=f"with `metric: {ABSTAINING}` the model may answer nothing; or leave such questions out",
            )
