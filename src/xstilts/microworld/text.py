"""Unlabeled text of the microworld, in every language at once: for masked LM and, line by line, translation LM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from xstilts.microworld import parts, scenes, sheets, stories
from xstilts.microworld.meaning import ASKED, PASSIVE, Clause, Text
from xstilts.microworld.speaker import speaker

Meaning = Clause | Text
STORIES = 0.6
"""The share of lines that are stories."""


def sentence(random: Random) -> Meaning:
    """A sentence such as the world's texts have them: stated, negated, reversed, asked, combined."""
    first = parts.draw(random, scenes.any_clause, "train")
    chance = random.random()
    if chance < 0.47:
        return first
    if chance < 0.55:
        return stories.in_other_words(random, first)
    if chance < 0.65:
        return first.mark("neg") if first.kind in ASKED else first
    if chance < 0.72:
        return first.mark("passive") if first.kind in PASSIVE else first
    if chance < 0.82 and first.kind in ASKED:
        asked = [question for question in ("polar", *ASKED[first.kind]) if _asks(first, question)]
        return sheets.ask(first, scenes.pick(random, asked))
    return parts.joined(random, "train")


def _asks(clause: Clause, question: str) -> bool:
    """Whether what the question asks for is mentioned."""
    return question == "polar" or clause.role(ASKED[clause.kind][question]) is not None


def lines(count: int, *, seed: int) -> Iterator[list[Meaning]]:
    """Lines of one to four sentences that have nothing to do with each other, or of a story that tells things twice.

    Without the stories a masked word can never be found elsewhere in its line, and a model learns to look at no other
    sentence at all: inference and questions were at chance after it.
    """
    random = Random(seed)
    for _ in range(count):
        if random.random() < STORIES:
            yield stories.story(random, "train")
        else:
            yield [sentence(random) for _ in range(1 + int(random.random() * 4))]


def write(folder: Path, language: str, name: str, count: int, *, seed: int, aligned: bool = False) -> None:
    """One file of text: of whole lines, or (``aligned``) of one sentence a line, line n the same in every language."""
    speaks = speaker(language)
    with (folder / name).open("w", encoding="utf-8", newline="\n") as stream:
        if aligned:
            random = Random(seed)
            for _ in range(count):
                stream.write(speaks.say(sentence(random)).text + "\n")
            return
        for line in lines(count, seed=seed):
            stream.write(speaks.grammar.gap.join(speaks.say(meaning).text for meaning in line) + "\n")
