"""Plain text and aligned lines as rows: each language's share of a number of tokens, drawn by seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xstilts.heads.head import Head, Row
from xstilts.phases.examples import file_of
from xstilts.pipeline.node import Node
from xstilts.reading import plain
from xstilts.reading.examples import Text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ALL = 1 << 62
"""As a number of tokens: no end."""
LINES = 512
"""Lines tokenised together while a language's share is being filled."""


def shares(sizes: Mapping[str, int], *, exponent: float) -> dict[str, float]:
    """Each language's share of the tokens: p ∝ n^exponent (Conneau et al. 2020, section 3.1; 0.3 there)."""
    weights = {language: float(n) ** exponent for language, n in sizes.items()}
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


def rows(
    head: Head,
    sets: Iterable[tuple[list[Text], int]],
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int,
    together: int = 1,
) -> Iterator[Row]:
    """The rows of one head: of each set of texts as many as its share of the tokens holds, numbered anew.

    Args:
        head: encodes the texts.
        sets: texts, and how many tokens of them are wanted.
        tokenizer: of the model.
        max_length: tokens of a row.
        together: rows that are of one example: all of them are taken, or none.
    """
    count = 0
    for texts, share in sets:
        used = 0
        encoded = head.encode(texts, tokenizer=tokenizer, labels=(), max_length=max_length, training=True)
        for group in zip(*[encoded] * together, strict=True):
            used += sum(len(row["input_ids"]) for row in group)
            if used > share:
                break
            yield from ({**row, "example": count} for row in group)
            count += 1


def plain_text(
    node: Node,
    tokenizer: PreTrainedTokenizerBase,
    budget: int,
    *,
    seed: int,
    exponent: float,
    row: int = 1,
    longest: int | None = None,
) -> Iterator[tuple[list[Text], int]]:
    """Each language's lines in a drawn order, just enough of them, and its share of ``budget`` tokens.

    Args:
        node: names the files.
        tokenizer: of the model.
        budget: tokens of all languages.
        seed: of the order.
        exponent: see `shares`.
        row: a share is rounded up to a multiple of so many tokens.
        longest: of a line no more tokens than this are read; None: all.
    """
    files = dict(_by_language(node))
    sizes = {language: sum(file.stat().st_size for file in found) for language, found in files.items()}
    share = shares(sizes, exponent=exponent)
    for language in sorted(files):
        lines = [line for file in files[language] for line in plain.read(file, language)]
        order = np.random.default_rng([seed, len(lines)]).permutation(len(lines))
        tokens = -(-round(share[language] * budget) // row) * row
        yield _enough([lines[int(i)] for i in order], tokenizer, tokens, longest), tokens


def some_lines(node: Node, lines: int, *, seed: int) -> Iterator[tuple[list[Text], int]]:
    """So many lines of each language in a drawn order, all of their tokens.

    Languages with equally many lines have the same ones: those of aligned files say the same.
    """
    for language, paths in _by_language(node):
        found = [line for file in paths for line in plain.read(file, language)]
        order = np.random.default_rng([seed, len(found)]).permutation(len(found))
        yield [found[int(i)] for i in order[:lines]], ALL


def measured(node: Node, tokenizer: PreTrainedTokenizerBase, *, lines: int, seed: int) -> str:
    """How many lines, words and tokens of each language are read: what languages differ by in segmentation."""
    said = []
    for found, _ in some_lines(node, lines, seed=seed):
        text = [one.text for one in found]
        tokens = sum(map(len, tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]))
        words = sum(len(one.split()) for one in text)
        said.append(f"{found[0].language} {len(text):,} lines, {words:,} words, {tokens:,} tokens")
    return f"text that is read: {'; '.join(said)}"


def aligned(node: Node, budget: int, *, seed: int, exponent: float) -> Iterator[tuple[list[Text], int]]:
    """Aligned pairs of English and every other language in a drawn order, and each set's share of the tokens."""
    sets: dict[str, dict[str, Path]] = defaultdict(dict)
    for role in node.paths:
        if role.startswith("parallel/"):
            _, name, language = role.split("/")
            sets[name][language] = file_of(node, role)
    pairs = {name: list(plain.read_parallel(sets[name])) for name in sorted(sets)}
    share = shares({name: len(found) for name, found in pairs.items()}, exponent=exponent)
    for name, found in pairs.items():
        order = np.random.default_rng([seed, len(found), 1]).permutation(len(found))
        yield [found[int(i)] for i in order], round(budget * share[name])


def _by_language(node: Node) -> list[tuple[str, list[Path]]]:
    """The files of plain text of each language, languages in order."""
    files: dict[str, list[Path]] = defaultdict(list)
    for role in sorted(role for role in node.paths if role.startswith("text/")):
        files[role.split("/")[1]].append(file_of(node, role))
    return sorted(files.items())


def _enough(texts: list[Text], tokenizer: PreTrainedTokenizerBase, tokens: int, longest: int | None) -> list[Text]:
    """The first texts that hold ``tokens`` tokens, of each ``longest`` at most."""
    used = 0
    for begin in range(0, len(texts), LINES):
        if used >= tokens:
            return texts[:begin]
        block = [text.text for text in texts[begin : begin + LINES]]
        lengths = map(len, tokenizer(block, add_special_tokens=False, verbose=False)["input_ids"])
        used += sum(lengths) if longest is None else sum(min(length, longest) for length in lengths)
    return texts
