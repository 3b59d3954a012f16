"""One tag a line, a blank line between sentences: PAN-X and UD POS, scored by seqeval's span F1 over the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from xstilts import registry
from xstilts.errors import DataError, UnknownName
from xstilts.leaderboard.files import lines
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.span_f1 import METRIC, corpus_counts
from xstilts.metrics.token_accuracy import METRIC as TOKEN_ACCURACY


class Sentence(NamedTuple):
    """The tags of a sentence, and the line of the first."""

    line: int
    tags: list[str]


@dataclass(frozen=True)
class Tags:
    """The tags of a corpus: ``f1``, ``precision`` and ``recall`` of seqeval 1.2.2, which ``evaluate.py`` calls.

    ``token_accuracy`` is not upstream's: the share of right tags, which is the usual meaning of accuracy on UD POS.
    """

    task: str
    """The task whose tags they are."""
    token_accuracy: bool = False
    unspecified: str = ""
    """A tag of words that the task leaves out, where files of labels have them."""

    suffixes: ClassVar[tuple[str, ...]] = ("tsv",)
    official: ClassVar[tuple[str, ...]] = ("f1",)

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """The scores of a corpus; see ``Form.compare``.

        Raises:
            DataError: other numbers of sentences or tags; with its line.
            UnknownName: a tag that the task does not have.
        """
        gold, predicted = sentences(labels), sentences(predictions)
        _check(predicted, gold, predictions, labels)
        for file, corpus in ((labels, gold), (predictions, predicted)):
            self._known(corpus, file)
        sides = [[sentence.tags for sentence in side] for side in (gold, predicted)]
        scores = percent(METRIC, corpus_counts(*sides))
        if self.token_accuracy:
            counts = [TOKEN_ACCURACY.counts(*pair, language=language) for pair in zip(*sides, strict=True)]
            scores |= percent(TOKEN_ACCURACY, np.sum(counts, axis=0))
        return Compared(scores=scores, examples=len(gold))

    def _known(self, corpus: Sequence[Sentence], file: Path) -> None:
        """Refuses a tag that the task does not have: a number, ``LABEL_1``, another spelling.

        Raises:
            UnknownName: with its line.
        """
        known = registry.find("tasks", self.task).labels
        allowed = {*known, self.unspecified} - {""}
        for sentence in corpus:
            for line, tag in enumerate(sentence.tags, start=sentence.line):
                if tag not in allowed:
                    hint = f"the tags are {', '.join(known)}, written by name"
                    raise UnknownName(f"tag of {self.task}", tag, known, where=f"{file}:{line}", hint=hint)

    def predictions(self, rows: Sequence[Row]) -> str:
        """Sentences with a blank line between them."""
        return _written([row.prediction for row in rows])

    def labels(self, rows: Sequence[Row]) -> str:
        """Sentences with a blank line between them."""
        return _written([row.gold for row in rows])


def sentences(file: Path) -> list[Sentence]:
    """The sentences of a file, as ``read_tag`` of ``evaluate.py`` reads them, but none after the last tag.

    Raises:
        DataError: an empty file, or a line with more than a tag.
    """
    found: list[Sentence] = []
    start, tags = 1, list[str]()
    last = 0
    for number, line in enumerate([*lines(file), ""], start=1):
        if line:
            if len(line.split()) > 1:
                raise DataError(f"one tag a line is expected, not {line!r}", file=file, line=number)
            tags.append(line)
            continue
        found.append(Sentence(start, tags))
        last = len(found) if tags else last
        start, tags = number + 1, []
    return found[:last]


def _check(predicted: Sequence[Sentence], gold: Sequence[Sentence], predictions: Path, labels: Path) -> None:
    """Refuses corpora that do not have the same tokens; if a line is missing, it names the sentence, not the end."""
    for place, (one, other) in enumerate(zip(predicted, gold, strict=False), start=1):
        if len(one.tags) != len(other.tags):
            raise DataError(
                f"sentence {place} has {len(one.tags)} tags, but {len(other.tags)} in {labels}:{other.line}",
                file=predictions,
                line=one.line,
            )
    if len(predicted) != len(gold):
        raise DataError(f"{len(predicted)} sentences, but {labels} has {len(gold)}", file=predictions)


def _written(corpus: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(tags) for tags in corpus) + "\n"
