"""Recall and false alarms of the search for shared text, on planted leaks, by language: Markdown tables.

    python bench/contamination.py [--tests DIR --training DIR] [--sentences 400]
        [--languages eng-Latn,zho-Hani] [--grams 20,30,50]

``--tests`` is a folder of ``set.xx.txt``, ``--training`` one of ``xx.txt``; without them, both are of the built-in
world, whose sentences resemble each other by design: there, "false alarms" measure that.
Half of the sentences are leaked into the training text of their language in one way at a time:

- line: as a line of its own;
- inside: between two other sentences of one line;
- respelled: in capitals, with other blanks, without its punctuation;
- 2 %, 5 %: so many of its letters are replaced by others of the language.

The other half of the sentences measures false alarms: nobody put them there. Cells are per cent of the
sentences that are long enough to be looked for; how many are too short is in a column of its own.
``--grams`` compares lengths of the n-grams instead of taking each script's own.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from xstilts.data import made
from xstilts.data.overlap.index import Index
from xstilts.data.overlap.lengths import SCRIPTS
from xstilts.data.text_folders import discover_text

Leak = Callable[[str, random.Random, Sequence[str]], str]


def respelled(text: str, rng: random.Random, others: Sequence[str]) -> str:
    """Capitals, other blanks, no punctuation."""
    letters = (" " if unicodedata.category(one)[0] == "P" else one for one in text.upper())
    return "  ".join("".join(letters).split())


def edited(rate: float) -> Leak:
    """Characters replaced by others of the language."""

    def leak(text: str, rng: random.Random, others: Sequence[str]) -> str:
        letters = [one for one in others[rng.randrange(len(others))] if one.isalpha()] or ["x"]
        return "".join(rng.choice(letters) if one.isalpha() and rng.random() < rate else one for one in text)

    return leak


def inside(text: str, rng: random.Random, others: Sequence[str]) -> str:
    """Between two others."""
    return f"{rng.choice(others)} {text} {rng.choice(others)}"


LEAKS: dict[str, Leak] = {
    "line": lambda text, rng, others: text,
    "inside": inside,
    "respelled": respelled,
    "2 %": edited(0.02),
    "5 %": edited(0.05),
}


def matched(tests: Sequence[str], training: Iterator[str], gram: int | None) -> np.ndarray:
    """Of each text whether it is found; NaN of one that is too short."""
    lengths = [replace(one, gram=gram, shortest=min(one.shortest, gram)) if gram else one for one in SCRIPTS.values()]
    index = Index(tests, lengths=lengths)
    index.add(training)
    return np.where(index.long_enough, index.shares() >= index.needed, np.nan)


def row(tests: Sequence[str], training: Path, gram: int | None) -> list[str]:
    """Recall of every leak, then false alarms."""
    rng = random.Random(1)
    with training.open(encoding="utf-8") as file:
        others = [line.strip() for line in islice(file, 2000)]
    leaked, kept = tests[::2], tests[1::2]
    cells = []
    for leak in LEAKS.values():
        planted = [leak(text, rng, others) for text in leaked]
        cells.append(np.nanmean(matched(leaked, iter(planted), gram)))
    with training.open(encoding="utf-8") as file:
        alarms = matched(kept, file, gram)
    return [
        *(f"{100 * one:.0f}" for one in cells),
        f"{100 * np.nanmean(alarms):.1f}",
        f"{100 * np.isnan(alarms).mean():.0f}",
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=Path)
    parser.add_argument("--training", type=Path)
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--grams", default="")
    parser.add_argument("--languages", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = discover_text(given.tests or made.text_folder(Path(folder), aligned=True))
        training = dict(discover_text(given.training or made.text_folder(Path(folder), aligned=False)).files())
        print("| language | n | " + " | ".join([*LEAKS, "false alarms", "too short"]) + " |")
        print("|---|---|" + "---:|" * (len(LEAKS) + 2))
        for language, file in tests.files():
            if language not in training or (given.languages and language not in given.languages.split(",")):
                continue
            with file.open(encoding="utf-8") as lines:
                found = list(dict.fromkeys(line.strip() for line in lines if line.strip()))[: given.sentences]
            for gram in [int(one) for one in given.grams.split(",") if one] or [None]:
                print(
                    f"| {language} | {gram or 'own'} | " + " | ".join(row(found, training[language], gram)) + " |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
