"""Labels and metric of a task on a user's own files: they agree with each other and with the data, or are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xstilts import registry
from xstilts.errors import ConfigError
from xstilts.reading.examples import Example
from xstilts.tasks.kind import Decision, Kind, kind_of, kinds


def decide(
    kind: str,
    labels: tuple[str, ...],
    metric: str | None,
    examples: Callable[[], Iterable[Example]],
) -> Decision:
    """What the kind decides, or what is given.

    Args:
        kind: of the task.
        labels: given, or found in the files.
        metric: that is given; None: it is decided.
        examples: reads all of them; called only where the decision depends on them.

    Raises:
        ConfigError: a metric that does not score this kind, or one that contradicts labels or data.
    """
    means = kind_of(kind)
    others = {name for other in kinds() for name in kind_of(other).metrics} - set(means.metrics)
    if means.metrics and metric in others:  # a kind that names none takes any
        raise ConfigError(f"the metric {metric} does not score {kind}", hint=f"it has {', '.join(means.metrics)}")
    if means.decide is None:
        return Decision(labels=labels, metric=metric or means.metric_for(labels))
    return means.decide(labels, metric, examples)


@contextmanager
def located(where: str) -> Iterator[None]:
    """Says of which task a contradiction is."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(str(error), where=where) from None


def scored(
    file: Path, language: str, *, reading: Callable[..., Iterable[Example]], kind: Kind, decided: Decision
) -> list[Example]:
    """The examples of a file, each of which the metric can score; what is odd in them is noted.

    Raises:
        DataError: one that it cannot.
        UnknownName: a language that it has no rules for.
    """
    if (check := getattr(registry.find("metrics", decided.metric), "check_language", None)) is not None:
        check(language)
    found = list(reading(file, labels=decided.labels))
    if kind.review is not None:
        kind.review(found, decided.metric, file)
    return found
