"""The example types: what a row of a dataset is, regardless of its file format.

Every example has an ``example_id`` (unique within task, split and language; equal across the languages of a
parallel test set) and a ``cluster_id`` (premise, paragraph, document, sentence): the unit that the bootstrap
draws. Offsets are in Unicode code points of the original text.

A kind of task may bring a type of its own: a subclass of ``Example`` whose fields are texts, numbers or tuples of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What all examples share.

    Attributes:
        unread: the fields of text that a model does not read: ids, languages, gold.
    """

    example_id: str
    cluster_id: str
    unread: ClassVar[frozenset[str]] = frozenset({"example_id", "cluster_id"})

    @property
    def repeated(self) -> tuple[str, ...] | None:
        """The texts by which repetitions fall into one cluster (premise, paragraph …); None: it has no cluster."""
        return None

    def language_of(self, field: str, language: str) -> str:
        """The language of a field's text; ``language`` is that of the file."""
        return str(getattr(self, "language", language))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(Example):
    """One text or a pair with a label (None where the gold is hidden)."""

    first: str
    second: str | None = None
    label: str | None = None
    unread: ClassVar[frozenset[str]] = Example.unread | {"label"}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The first text."""
        return (self.first,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(Example):
    """Tokens, each with a tag (None where the gold is hidden)."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    unread: ClassVar[frozenset[str]] = Example.unread | {"tags"}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The tokens."""
        return self.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: ``context[start:start + len(text)] == text``, or ``start == -1``.

    At -1 the text does not occur in the context (a few rows of crowd-sourced sets): it counts in evaluation and is
    never trained on.
    """

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Example):
    """A question on a context. ``answers`` is None where hidden, empty where there is no answer."""

    question: str
    context: str
    answers: tuple[Answer, ...] | None = None
    unread: ClassVar[frozenset[str]] = Example.unread | {"answers"}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The context."""
        return (self.context,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Example):
    """A prompt with alternatives; ``label`` is the index of the right one (None where hidden)."""

    prompt: str
    choices: tuple[str, ...]
    label: int | None = None

    @property
    def repeated(self) -> tuple[str, ...]:
        """The prompt."""
        return (self.prompt,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bitext(Example):
    """A sentence and its translation: ``source`` in the task's language, ``target`` in English."""

    source: str
    target: str

    def language_of(self, field: str, language: str) -> str:
        """``target`` is in English."""
        return "eng-Latn" if field == "target" else language


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence(Example):
    """A question and the candidate sentences of its paragraph; ``correct`` is an index into them (LAReQA).

    Candidates of all languages form one pool, in which ``candidate_ids`` are unique; the examples of one paragraph
    repeat them. A question has the same ``example_id`` in every language: its right answers are the ``correct``
    candidates of all examples with that id.
    """

    question: str
    language: str
    candidates: tuple[str, ...]
    candidate_ids: tuple[str, ...]
    correct: int
    unread: ClassVar[frozenset[str]] = Example.unread | {"language", "candidate_ids"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInContext(AnswerSentence):
    """The same, with the paragraph of the candidates: each may be read together with it."""

    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparableSentence(Example):
    """A sentence of one of two texts of which some sentences are translations of each other (BUCC).

    The sentences of both texts are one list: those in the task's language, and the English ones. ``translations`` are
    the ids of the English sentences that say the same: empty where there is none, None where the gold is hidden, and
    always empty of an English sentence. Ids are unique over both texts.
    """

    text: str
    language: str
    translations: tuple[str, ...] | None = ()
    unread: ClassVar[frozenset[str]] = Example.unread | {"language", "translations"}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The sentence."""
        return (self.text,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Example):
    """Unlabeled text; with ``translation`` an aligned pair (translation LM)."""

    text: str
    language: str
    translation: str | None = None
    translation_language: str | None = None
    unread: ClassVar[frozenset[str]] = Example.unread | {"language", "translation_language"}

    def language_of(self, field: str, language: str) -> str:
        """``translation`` has a language of its own."""
        return self.translation_language or language if field == "translation" else self.language


def texts(example: Example) -> Iterator[str]:
    """What a model reads of an example, field by field: no ids, languages, gold labels or answers.

    Tokens, choices and candidate sentences are one text each, joined by spaces.
    """
    for _, text, _ in spoken(example, ""):
        yield text


def spoken(example: Example, language: str) -> Iterator[tuple[str, str, str]]:
    """The same, each with the name of its field and its language.

    Args:
        example: of a file.
        language: of the file, which most fields are in.
    """
    for field in dataclasses.fields(example):
        value = getattr(example, field.name)
        if field.name in example.unread:
            continue
        if isinstance(value, str):
            yield field.name, value, example.language_of(field.name, language)
        elif isinstance(value, tuple):
            yield field.name, " ".join(value), example.language_of(field.name, language)
