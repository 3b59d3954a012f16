"""Texts to rows: big batches through the fast tokenizer, special tokens and truncation by the tokenizer's template.

Texts are tokenised without special tokens and rows put together here, from the special tokens that the tokenizer
itself adds around one text or a pair. The rows equal ``tokenizer(first, second, truncation="longest_first")``, but a
text used twice (a prompt, a context) is tokenised once, a long question cannot make truncation fail, and offsets
stay those of the original text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import CheckpointError, ConfigError, UnknownName
from xstilts.heads.head import Row
from xstilts.reading.examples import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

T = TypeVar("T")
R = TypeVar("R")
E = TypeVar("E", bound=Example)

BLOCK = 1024
"""Texts per call of the tokenizer: enough to keep its threads busy, few enough to hold in memory."""

_SHORTEST_BODY = 4
_FIRST_MARK = "\u0300"
_SPACES = np.array([code for code in range(0x3001) if chr(code).isspace()], dtype=np.uint32)


@dataclass(frozen=True)
class Template:
    """The special tokens around one text (``middle`` empty) or a pair, and the five parts' segment ids."""

    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    suffix: tuple[int, ...]
    segments: tuple[int, int, int, int, int]

    @property
    def length(self) -> int:
        """How many special tokens it adds."""
        return len(self.prefix) + len(self.middle) + len(self.suffix)


class Inputs:
    """Builds the rows of one head for one tokenizer.

    Args:
        tokenizer: a fast tokenizer; truncation and padding of its backend are switched off.
        max_length: tokens of a row, special tokens included.

    Raises:
        CheckpointError: the tokenizer is not a fast one.
        ConfigError: ``max_length`` leaves no room for text.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_length: int) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise CheckpointError(
                f"the tokenizer {type(tokenizer).__name__} has no fast version",
                where=str(getattr(tokenizer, "name_or_path", "")),
                hint="a tokenizer.json is needed: offsets come from it",
            )
        self.backend = tokenizer.backend_tokenizer
        self.backend.no_truncation()
        self.backend.no_padding()
        self.single = self._template("a")
        self.pair = self._template("a", "a")
        self.max_length = max_length
        self.typed = "token_type_ids" in tokenizer.model_input_names
        shortest = self.pair.length + _SHORTEST_BODY
        if max_length < shortest:
            raise ConfigError(f"max_length {max_length} is too short; the minimum is {shortest}")

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without special tokens and of any length; equal texts share one list."""
        distinct = list(dict.fromkeys(texts))
        found = self.backend.encode_batch_fast(distinct, add_special_tokens=False)
        ids = {text: encoding.ids for text, encoding in zip(distinct, found, strict=True)}
        return [ids[text] for text in texts]

    def words(self, sentences: Sequence[Sequence[str]]) -> list[tuple[list[int], list[int | None]]]:
        """Token ids of sentences given as words, and the index of the word that each token belongs to."""
        # Not encode_batch_fast, which leaves the words out.
        found = self.backend.encode_batch(
            [list(words) for words in sentences], is_pretokenized=True, add_special_tokens=False
        )
        return [(encoding.ids, encoding.word_ids) for encoding in found]

    def spans(self, texts: Sequence[str]) -> list[tuple[list[int], NDArray[np.int64]]]:
        """Token ids of each text and the characters ``[tokens, 2]`` that each covers, white space trimmed.

        A token that covers nothing but white space has -1, -1: an answer neither starts nor ends there.
        """
        found = self.backend.encode_batch(list(texts), add_special_tokens=False)
        return [(e.ids, trimmed(e.offsets, text)) for e, text in zip(found, texts, strict=True)]

    def row(self, first: Sequence[int], second: Sequence[int] | None = None) -> Row:
        """One row of one text or a pair; what is too long is cut from the end, of a pair the longer text first."""
        template = self.single if second is None else self.pair
        room = self.max_length - template.length
        a, b = longest_first(len(first), len(second or ()), room)
        first, second = first[:a], (second or ())[:b]
        row: Row = {"input_ids": [*template.prefix, *first, *template.middle, *second, *template.suffix]}
        if self.typed:
            parts = template.prefix, first, template.middle, second, template.suffix
            sizes = zip(template.segments, map(len, parts), strict=True)
            row["token_type_ids"] = [segment for segment, size in sizes for _ in range(size)]
        return row

    def _template(self, first: str, second: str | None = None) -> Template:
        """Reads the special tokens and segment ids off an encoded probe."""
        probe = self.backend.encode(first, second)
        owner: list[int | None] = probe.sequence_ids
        last = 0 if second is None else 1
        starts = owner.index(0), len(owner) - owner[::-1].index(0)
        second_starts = owner.index(last), len(owner) - owner[::-1].index(last)
        ids, types = probe.ids, probe.type_ids

        def segment(position: int, default: int) -> int:
            return types[position] if position < len(types) else default

        in_first, in_second = types[starts[0]], types[second_starts[0]]
        return Template(
            prefix=tuple(ids[: starts[0]]),
            middle=tuple(ids[starts[1] : second_starts[0]]) if last else (),
            suffix=tuple(ids[second_starts[1] :]),
            segments=(
                segment(0, in_first),
                in_first,
                segment(starts[1], in_first),
                in_second,
                segment(second_starts[1], in_second),
            ),
        )


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """Lengths of a pair after truncation to ``room`` tokens: the longer is cut until both are equal, then both.

    The rule of the tokenizers library (``truncation="longest_first"``).
    """
    if first + second <= room:
        return first, second
    if min(first, second) > room // 2:
        half, rest = room // 2, room - room // 2
        return (half, rest) if first <= second else (rest, half)
    return (first, room - first) if first <= second else (room - second, second)


def trimmed(offsets: Sequence[tuple[int, int]], text: str) -> NDArray[np.int64]:
    """Offsets ``[tokens, 2]`` into ``text`` that start and end with a character; -1, -1 where nothing is left.

    White space at either end goes. Marks that the normaliser dropped after a token (the vowel signs of Arabic, the
    accents of decomposed text) come back to it: an answer never loses the mark of its last letter.
    """
    spans = np.asarray(offsets, dtype=np.int64).reshape(-1, 2).clip(0, len(text))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    place = np.arange(len(text) + 1, dtype=np.int64)
    is_black = ~np.isin(codes, _SPACES)
    # From each place: the first character from there on, and the end of the last one before it.
    next_black = _next(is_black)
    after_black = np.maximum.accumulate(np.where(np.append(False, is_black), place, 0))
    start, end = next_black[spans[:, 0]], after_black[spans[:, 1]]
    marks = [ord(c) for c in set(text) if c >= _FIRST_MARK and unicodedata.category(c).startswith("M")]
    if marks:
        next_token = np.append(spans[1:, 0], len(text))[: len(spans)]
        after_marks = np.minimum(_next(~np.isin(codes, marks))[end], next_token)
        end = np.where(start < end, np.maximum(end, after_marks), end)
    return np.where((start < end)[:, None], np.stack([start, end], axis=1), -1)


def _next(wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The next place that is wanted, from each place on and from the end."""
    place = np.where(np.append(wanted, True), np.arange(len(wanted) + 1, dtype=np.int64), len(wanted))
    return np.minimum.accumulate(place[::-1])[::-1]


def blocks(items: Iterable[T], size: int = BLOCK) -> Iterator[list[T]]:
    """The items in lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block


def ahead(items: Iterable[T], work: Callable[[list[T]], R], size: int = BLOCK) -> Iterator[tuple[list[T], R]]:
    """The items in lists of ``size``, with what ``work`` makes of each: of the next one while this one is used.

    For tokenizers, which work without the interpreter's lock.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="tokens") as pool:
        submitted = ((block, pool.submit(work, block)) for block in blocks(items, size))
        # The second of each pair is submitted before the first is waited for; the last has none behind it.
        for current, _ in pairwise(chain(submitted, [None])):
            if current:
                block, made = current
                yield block, made.result()


def numbered(examples: Sequence[Example], kind: type[E]) -> Iterator[tuple[int, E]]:
    """The examples with their index.

    Raises:
        TypeError: an example of another type: the task names a kind that its reader does not read.
    """
    for number, example in enumerate(examples):
        if not isinstance(example, kind):
            raise TypeError(f"a {kind.__name__} was expected, not a {type(example).__name__}")
        yield number, example


def label_number(label: str, numbers: dict[str, int], example: Example) -> int:
    """The index of a label.

    Raises:
        UnknownName: the label is not in the task's set.
    """
    if label not in numbers:
        raise UnknownName("label", label, numbers, where=f"example {example.example_id}")
    return numbers[label]
