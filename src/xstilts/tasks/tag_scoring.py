"""How tags are scored: as spans by their scheme, or word by word; and what of a file does not fit its scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from xstilts.errors import ConfigError, DataError
from xstilts.metrics import schemes
from xstilts.reading.examples import Tagged
from xstilts.reading.notes import note
from xstilts.tasks.kind import Decision

TOKENS = "token_accuracy"
METRICS = ("span_f1", *(scheme.metric for scheme in schemes.SCHEMES if scheme.closed), "pos", TOKENS)


def metric_of(labels: Sequence[str]) -> str:
    """Span F1 by the scheme of the tags, or where they are not spans the share of right tags."""
    scheme = schemes.recognised(labels)
    return scheme.metric if scheme else TOKENS


def decide(labels: tuple[str, ...], metric: str | None, examples: Callable[[], Iterable[Tagged]]) -> Decision:
    """The metric by the scheme that the training set shows; it is always said."""
    scheme = schemes.recognised(labels)
    if metric is not None:
        chosen = _of_scheme(metric, scheme)
        changed = (
            f"metric {metric}: the tags are {scheme.name}, so it is {chosen}" if scheme and chosen != metric else ""
        )
        notes = (changed,) if changed else ()
        return Decision(labels=labels, metric=chosen, notes=notes)
    if scheme is None:
        return Decision(labels=labels, metric=TOKENS, notes=(_tokens(labels),))
    sentences = [example.tags for example in examples() if example.tags is not None]
    scheme = schemes.refined(scheme, sentences)
    spelt = f"scheme {scheme.name} ({scheme.meaning})" + ("" if schemes.typed(labels) else ", spans without types")
    said = f"metric: span F1, {spelt}; `metric: {TOKENS}` scores words instead"
    return Decision(labels=labels, metric=scheme.metric, notes=(said,))


def review(examples: Sequence[Tagged], metric: str, file: Path) -> None:
    """Says where the gold does not follow a scheme that closes its spans; a file that never does is of another scheme.

    Raises:
        DataError: there are tags of spans, and no span.
    """
    scheme = next((one for one in schemes.SCHEMES if one.closed and one.metric == metric), None)
    if scheme is None:
        return
    sentences = [example.tags for example in examples if example.tags is not None]
    open_words = sum(schemes.open_words(sentence, scheme) for sentence in sentences)
    if open_words and not any(schemes.closed_spans(sentence, scheme) for sentence in sentences):
        raise DataError(
            f"no span is closed as {scheme.name} closes it ({scheme.meaning}): its tags are of another scheme",
            file=file,
            hint="all files of a task need tags of one scheme",
        )
    if open_words:
        note(
            f"{open_words:,} words have tags that {scheme.name} does not allow where they are: no span of the gold",
            file=file,
        )


def _of_scheme(metric: str, scheme: schemes.Scheme | None) -> str:
    """The metric that was asked for; ``span_f1`` is that of the scheme where conlleval does not know its letters.

    Raises:
        ConfigError: span F1 of another scheme.
    """
    if scheme is None or not metric.startswith("span_f1") or metric == scheme.metric:
        return metric
    if metric == "span_f1":
        return metric if set("".join(scheme.letters)) <= set("BIES") else scheme.metric
    raise ConfigError(f"metric {metric}: the tags are {scheme.name}", hint=f"metric: {scheme.metric}")


def _tokens(labels: Sequence[str]) -> str:
    """Says why words are scored, and how spans would be."""
    if labels and all(label.lstrip("-").isdecimal() for label in labels):
        return (
            "metric: token accuracy; the tags are numbers: name them with `labels: […]`, in their order from 0, and "
            "names such as B-PER and I-PER are scored as spans"
        )
    if any(label[-2:-1] in tuple(schemes.SEPARATORS) and label[-1:] in tuple("BIESLU") for label in labels):
        return "metric: token accuracy; tags are scored as spans if their letter comes first, as in B-PER"
    return "metric: token accuracy; the tags are not those of spans (B-PER, I-PER, O), so each word is scored"
