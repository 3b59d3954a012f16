"""Where the answers of a file are in their contexts: at their offsets, in another unit, or at the only place there is.

Offsets count Unicode code points. Some files count bytes of UTF-8 (TyDiQA's primary files do), UTF-16 code units (as
JavaScript and Java do), every end of a line twice, or from 1. The file as a whole shows which: a unit is taken only if
it explains every answer that occurs in its context, and then all offsets are converted. Where none does, an answer that
occurs once in its context is taken there. One that occurs several times, but not at its offset, is ambiguous: like one
that does not occur at all it gets ``start == -1``, which counts in evaluation and is never trained on. No place is ever
chosen for being near. Every repair is counted in a note.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xstilts.reading import respelling
from xstilts.reading.examples import Answer, Question
from xstilts.reading.notes import note

WITHOUT = -2
"""The start of an answer whose file gives no offset; `settled` replaces it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What an offset may count.

    Attributes:
        name: for people.
        position: ``position(context, offset)``: the code point at which so many units have passed; None: there is none.
        first: the offset of the first character.
    """

    name: str
    position: Callable[[str, int], int | None]
    first: int = 0

    def place(self, answer: Answer, context: str) -> int | None:
        """Where an answer is by its offset in this unit; None where its text is not there."""
        offset = answer.start - self.first
        place = self.position(context, offset) if offset >= 0 else None
        return place if place is not None and context.startswith(answer.text, place) else None


def settled(questions: Sequence[Question], file: Path) -> list[Question]:
    """The questions of one file, with every answer at its place.

    Args:
        questions: as they are read: starts as the file gives them, ``WITHOUT`` where it gives none.
        file: named in the notes.
    """
    asked = [(answer, question.context) for question in questions for answer in question.answers or ()]
    if all(_stands(*one) for one in asked):
        return list(questions)
    told = [one for one in asked if one[0].start != WITHOUT and one[0].text in one[1]]
    log = _Log(file, doubted=2 * sum(_stands(*one) for one in told) < len(told))
    units = _explaining(told)
    found = []
    for number, question in enumerate(questions, start=1):
        if question.answers:
            name = question.example_id or str(number)
            places = tuple(_placed(answer, question.context, units, log, name) for answer in question.answers)
            question = dataclasses.replace(question, answers=places)
        found.append(question)
    log.write(units, len(asked))
    return found


def _stands(answer: Answer, context: str) -> bool:
    return answer.start >= 0 and context.startswith(answer.text, answer.start)


def _explaining(told: Sequence[tuple[Answer, str]]) -> tuple[Unit, ...]:
    """The units in which every answer is where its offset says, of those that have one and occur in their contexts.

    None where no answer is off: then there is nothing to explain.
    """
    if all(_stands(*one) for one in told):
        return ()
    return tuple(unit for unit in UNITS if all(unit.place(*one) is not None for one in told))


def _placed(answer: Answer, context: str, units: Sequence[Unit], log: _Log, question: str) -> Answer:
    """An answer at its place; what was done about it is counted."""
    if units and answer.start != WITHOUT and answer.text in context:
        by_unit = {unit.place(answer, context) for unit in units}
        if len(by_unit) == 1:
            (place,) = by_unit
            assert place is not None
            log.converted += place != answer.start
            return Answer(text=answer.text, start=place)
    elif _stands(answer, context) and not log.doubted:
        return answer
    places = list(_places(context, answer.text))
    if not places:
        return _respelt(answer, context, log, question)
    if len(places) == 1:
        if answer.start not in (WITHOUT, places[0]):
            log.add("repaired", answer, question)
        return Answer(text=answer.text, start=places[0])
    if answer.start == WITHOUT:
        log.add("first", answer, question)
        return Answer(text=answer.text, start=places[0])
    log.add("ambiguous", answer, question)
    return Answer(text=answer.text, start=-1)


def _respelt(answer: Answer, context: str, log: _Log, question: str) -> Answer:
    """An answer whose text differs from its context in white space or in how its characters are composed."""
    places = list(respelling.places(context, answer.text))
    at = [place for place in places if place[0] == answer.start] or places
    if len(at) == 1:
        log.add("respelt", answer, question)
        ((start, end),) = at
        return Answer(text=context[start:end], start=start)
    log.add("ambiguous" if at else "lost", answer, question)
    return Answer(text=answer.text, start=-1)


def _places(context: str, text: str) -> Iterator[int]:
    """Every place at which a text occurs, overlapping ones too."""
    place = context.find(text)
    while place >= 0:
        yield place
        place = context.find(text, place + 1)


@lru_cache(maxsize=16)
def _encoded(context: str, encoding: str) -> bytes:
    return context.encode(encoding, "surrogatepass")


def _in_bytes(context: str, offset: int) -> int | None:
    try:
        return len(_encoded(context, "utf-8")[:offset].decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _in_code_units(context: str, offset: int) -> int | None:
    try:
        return len(_encoded(context, "utf-16-le")[: 2 * offset].decode("utf-16-le"))
    except UnicodeDecodeError:
        return None


def _with_line_ends(context: str, offset: int) -> int | None:
    before = context.replace("\n", "\r\n")[:offset]
    return None if "\r" in context or before.endswith("\r") else len(before.replace("\r\n", "\n"))


UNITS = tuple(
    Unit(name + (" from 1" if first == 1 else " from -1" if first else ""), position, first)
    for first in (0, 1, -1)
    for name, position in (
        ("characters", lambda context, offset: offset),
        ("bytes of UTF-8", _in_bytes),
        ("UTF-16 code units", _in_code_units),
        ("characters with two for the end of a line", _with_line_ends),
    )
    if first or name != "characters"
)
"""All but the code points from 0 that offsets should count; the likelier before the others."""


class _Log:
    """What was done about the answers of a file.

    Attributes:
        doubted: whether most of its offsets are wrong, so that those that seem right may be so by chance.
        converted: how many were converted from another unit.
    """

    SAID = (
        ("repaired", "answers that are not at their offset but occur once in their context", "they are taken there"),
        (
            "respelt",
            "answers that their context spells otherwise (white space, composed characters)",
            "they are taken as it has them",
        ),
        ("first", "answers without an offset that occur several times in their context", "the first place is taken"),
        (
            "ambiguous",
            "answers without a right offset that occur several times in their context",
            "which place is meant is not known: they count in evaluation and are never trained on",
        ),
        (
            "lost",
            "answers that do not occur in their context",
            "they count in evaluation and are never trained on",
        ),
    )

    def __init__(self, file: Path, *, doubted: bool = False) -> None:
        self.file, self.doubted, self.converted = file, doubted, 0
        self._kept: dict[str, list[tuple[str, str]]] = {}

    def add(self, what: str, answer: Answer, question: str) -> None:
        self._kept.setdefault(what, []).append((answer.text, question))

    def write(self, units: Sequence[Unit], answers: int) -> None:
        """Says it."""
        if units:
            unit = units[0].name
            text = f"answer_start counts {unit}, which explains every answer that occurs in its context"
            note(f"{text}: {self.converted:,} of {answers:,} are converted to characters from 0", file=self.file)
        for what, meant, done in self.SAID:
            if kept := self._kept.get(what):
                text, question = kept[0]
                shown = text if len(text) <= 40 else text[:40] + "…"
                count = f"{len(kept):,} of {answers:,}, the first {shown!r} (question {question})"
                note(f"{meant}: {count}; {done}", file=self.file)
