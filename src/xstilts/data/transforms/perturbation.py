"""A perturbation: edits of characters, carried through to every field of an example that a model reads.

Labels, tags, ids and clusters stay. An answer is the span of the new context between the same characters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

from xstilts import languages
from xstilts.data.transforms.edits import Propose, edited, moved, source_of_chance
from xstilts.data.transforms.transform import Transform
from xstilts.errors import ConfigError, UnknownName
from xstilts.reading.examples import Answer, Choice, Classified, Example, Question, Tagged

WORDS = ("pair_classification", "single_classification", "extractive_qa", "multiple_choice")
"""The kinds whose examples are running text."""
KINDS = (*WORDS, "tagging")
"""The kinds whose examples a perturbation can change."""


def perturbation(
    *,
    title: str,
    propose: Propose,
    why_not: Callable[[str], str],
    kinds: tuple[str, ...] = KINDS,
    needs: Callable[[], Mapping[str, str]] = dict,
    paper: str | None = None,
    version: int = 1,
) -> Transform:
    """A transform that makes the edits which ``propose`` offers, at the character error rate of its option ``rate``."""

    def apply(examples: Sequence[Example], language: str, options: Mapping[str, Any], seed: int) -> list[Example]:
        if reason := why_not(language):
            raise ConfigError(f"{title} is not defined for {language}: {reason}")
        rate = float(options["rate"])

        def write(text: str, example: Example, field: str, cuts: Iterable[int] = ()) -> list[str]:
            random = source_of_chance(title, seed, example.example_id, field)
            return edited(text, language, propose, rate=rate, random=random, cuts=set(cuts))

        return [_changed(example, write) for example in examples]

    return Transform(title=title, apply=apply, kinds=kinds, why_not=why_not, needs=needs, paper=paper, version=version)


Write = Callable[..., list[str]]
"""``write(text, example, field, cuts)``: what is written in place of each character."""


def _changed(example: Example, write: Write) -> Example:
    if isinstance(example, Classified):
        second = None if example.second is None else "".join(write(example.second, example, "second"))
        return dataclasses.replace(example, first="".join(write(example.first, example, "first")), second=second)
    if isinstance(example, Tagged):
        return _tagged(example, write)
    if isinstance(example, Question):
        return _question(example, write)
    if isinstance(example, Choice):
        choices = tuple("".join(write(one, example, f"choice {i}")) for i, one in enumerate(example.choices))
        return dataclasses.replace(example, prompt="".join(write(example.prompt, example, "prompt")), choices=choices)
    raise ConfigError(f"{type(example).__name__} has no fields that a perturbation knows")


def _tagged(example: Tagged, write: Write) -> Tagged:
    """Words stay words: none becomes empty, and none reaches into the next."""
    starts, place = [], 0
    for token in example.tokens:
        starts.append(place)
        place += len(token) + 1
    spans = [(start, start + len(token)) for start, token in zip(starts, example.tokens, strict=True)]
    written = write(" ".join(example.tokens), example, "tokens", (end for span in spans for end in span))
    return dataclasses.replace(example, tokens=tuple("".join(written[start:end]) for start, end in spans))


def _question(example: Question, write: Write) -> Question:
    answers = example.answers or ()
    spans = [(one.start, one.start + len(one.text)) for one in answers if one.start >= 0]
    written = write(example.context, example, "context", (end for span in spans for end in span))
    places, context = moved(written), "".join(written)

    def carried(answer: Answer) -> Answer:
        if answer.start < 0:
            return answer
        start, end = places[answer.start], places[answer.start + len(answer.text)]
        return Answer(text=context[start:end], start=start)

    return dataclasses.replace(
        example,
        question="".join(write(example.question, example, "question")),
        context=context,
        answers=None if example.answers is None else tuple(map(carried, answers)),
    )


def script_of(language: str) -> str:
    """The script of a language id, known or not."""
    try:
        return languages.get(language).script
    except UnknownName:
        return language.partition("-")[2]


def everywhere(language: str) -> str:
    """Of a perturbation that is defined for every language."""
    return ""


def drawn_from(options: Sequence[str], random: Random) -> str:
    """One of several, each with the same probability."""
    return options[random.randrange(len(options))]
