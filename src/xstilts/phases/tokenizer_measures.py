"""What a tokenizer makes of a language: fertility, words that it splits, and the premium over a reference language.

The premium of a language is the number of its tokens over that of the reference language in the same text (Petrov et
al. 2023, arXiv 2305.15425), here of whole texts: the ratio of sums, not the mean of the ratios of sentences. Fertility
and the share of continued words are sub-words a word, and the share of words that become two or more (Rust et al. 2021,
arXiv 2012.15613). Scripts that are written without blanks have no words to count; tokens per character are defined for
all. A word is a run of letters, digits and marks, tokenised as it is alone; punctuation is not a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xstilts.errors import ConfigError
from xstilts.languages.scripts import WITHOUT_BLANKS
from xstilts.phases.parallel_text import ParallelText
from xstilts.phases.text_measures import words_as_written

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

REFERENCE = "eng-Latn"
TOGETHER = 2_048
"""Texts that are tokenised in one call."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One language of one text.

    Attributes:
        text: name of the text.
        segments: lines, or texts of examples, that the language shares with the reference language.
        tokens: of all segments, without special ones.
        premium: ``tokens`` over those of the reference language in the same segments.
        tokens_per_character: without blanks.
        words: counted; None in a script without blanks, as are the next two.
        fertility: sub-words a word.
        continued: the share of words that are split, a fraction.
    """

    text: str
    language: str
    segments: int
    tokens: int
    premium: float
    tokens_per_character: float
    words: int | None = None
    fertility: float | None = None
    continued: float | None = None


def measures(
    tokenizer: PreTrainedTokenizerBase, text: ParallelText, *, reference: str = REFERENCE, where: str = ""
) -> list[Measures]:
    """What a tokenizer makes of every language of a text.

    Raises:
        ConfigError: the text does not have the reference language.
    """
    check_reference(text, reference, where)
    segments = text.read()
    sizes = dict(zip(segments[reference], _sizes(tokenizer, segments[reference].values()), strict=True))
    found = []
    for language, own in segments.items():
        shared = [place for place in own if place in sizes]
        if shared:
            others = sum(sizes[place] for place in shared)
            found.append(_measured(tokenizer, text.name, language, [own[place] for place in shared], others))
    return found


def check_reference(text: ParallelText, reference: str, where: str) -> None:
    """Refuses a text that does not have the reference language.

    Raises:
        ConfigError: it does not.
    """
    if reference not in text.languages:
        raise ConfigError(
            f"{text.name} is not in {reference}, to which the premium is relative",
            where=where,
            hint=f"it is in {', '.join(text.languages)}",
        )


def _measured(
    tokenizer: PreTrainedTokenizerBase, name: str, language: str, texts: Sequence[str], others: int
) -> Measures:
    tokens = sum(_sizes(tokenizer, texts))
    characters = sum(not letter.isspace() for text in texts for letter in text)
    counted = None if language.rpartition("-")[2] in WITHOUT_BLANKS else _words(tokenizer, texts)
    return Measures(
        text=name,
        language=language,
        segments=len(texts),
        tokens=tokens,
        premium=tokens / others,
        tokens_per_character=tokens / characters,
        words=counted and counted[0],
        fertility=counted and counted[1] / counted[0],
        continued=counted and counted[2] / counted[0],
    )


def _words(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> tuple[int, int, int] | None:
    """Words, their sub-words, and how many words have two or more; None of a text without a word."""
    counts = Counter(word for text in texts for word in words_as_written(text))
    if not counts:
        return None
    sizes = list(zip(counts.values(), _sizes(tokenizer, counts), strict=True))
    pieces = sum(count * size for count, size in sizes)
    return counts.total(), pieces, sum(count for count, size in sizes if size > 1)


def _sizes(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> Iterator[int]:
    """Tokens of each text, without special ones."""
    backend = tokenizer.backend_tokenizer  # every tokenizer of the house is a fast one
    backend.no_truncation()
    backend.no_padding()
    waiting = list(texts)
    for start in range(0, len(waiting), TOGETHER):
        encoded = backend.encode_batch_fast(waiting[start : start + TOGETHER], add_special_tokens=False)
        yield from map(len, encoded)
