"""The constructed languages side by side, in Markdown: all forms of some words, and sentences with their glosses."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar, sheets
from xstilts.microworld.glosses import TERMS, interlinear
from xstilts.microworld.speaker import speaker

SEED, COUNT = 12, 14
"""Of the sentences that are shown."""
ISOLATING, AGGLUTINATIVE = "qis-Latn", "qag-Latn"
ORDER = (ISOLATING, AGGLUTINATIVE, "qfu-Latn", "qro-Latn")
"""From what is written apart to what cannot be taken apart."""
UNMARKED = {"sg", "nom", "pres"}
"""What the first two languages leave unsaid."""


def page() -> str:
    """The tables of forms, then the sentences."""
    return "\n\n".join((*_tables(), *_sentences()))


def _tables() -> Iterator[str]:
    for section, word, meaning in (("nouns", "pimof", "dog"), ("nouns", "zutuh", "horse"), ("verbs", "ditop", "buy")):
        forms = {language: grammar.paradigms(language).forms(section, word) for language in ORDER[2:]}
        pieces = grammar.paradigms(AGGLUTINATIVE).pieces(section, word)
        by_features = {frozenset(name.split()): form for name, form in pieces.items()}
        lines = ["| " + " | ".join((f"`{meaning}`", *ORDER)) + " |", "|---" * (1 + len(ORDER)) + "|"]
        for name in forms[ORDER[2]]:
            whole = by_features[frozenset(name.split()) - UNMARKED]
            cells = (
                whole.replace("+", " "),
                whole.replace("+", "-"),
                *(forms[language][name] for language in ORDER[2:]),
            )
            said = " ".join(TERMS.get(one, one.upper()) for one in name.split())
            lines.append("| " + " | ".join((said, *cells)) + " |")
        yield "\n".join(lines)


def _sentences() -> Iterator[str]:
    for meaning in sheets.sample(COUNT, seed=SEED):
        lines = []
        for language in ORDER:
            sentence = speaker(language).say(meaning)
            lines += [f"{language}  {sentence.text}", *(f"    {line}" for line in interlinear(language, sentence))]
        english = speaker(sheets.SOURCE).say(meaning).text
        yield f"**{english}**\n\n```text\n" + "\n".join(lines) + "\n```"
