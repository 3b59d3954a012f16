"""The two ways to a student's vocabulary: the model's pieces restricted, or a new Unigram learnt from the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from xstilts.errors import ConfigError
from xstilts.models import unigram
from xstilts.models.vocabulary.letters import most_useful
from xstilts.models.vocabulary.restriction import Frequencies, restrict
from xstilts.models.vocabulary.start import KEY, SPACE, StartVocabulary, refuse_unless_unigram
from xstilts.models.vocabulary.writing import Piece

BLOCK = 512
"""Lines that are encoded together."""
SPELLING_SHARE = 0.5
"""Of the pieces, those that single characters may take up."""


def restricted(
    start: StartVocabulary,
    used: Frequencies,
    characters: Mapping[str, float],
    *,
    size: int,
) -> list[Piece]:
    """The model's pieces, restricted to ``size``: scores, marks and every character of the text's alphabets are kept.

    Args:
        start: the model's vocabulary.
        used: how often the text uses each piece (`frequencies`).
        characters: of the text → how often; where they do not fit into half of the pieces, the rarest are left out.
        size: pieces of the new vocabulary, marks among them.

    Raises:
        ConfigError: the model's tokenizer is not a Unigram one, or its marks alone do not fit.
    """
    refuse_unless_unigram(start.kind)
    pieces, scores = start.pieces, start.scores
    numbers = {piece: number for number, piece in enumerate(pieces)}
    own = {number for mark in start.marks if (number := numbers.get(mark)) is not None}
    room = size - (len(start.marks) - len(own))
    _check_room(room, len(own))
    spelled = Counter[str]()
    for character, count in characters.items():
        for one in start.normalised(character):
            spelled[one] += count  # type: ignore[assignment]
    single = most_useful(spelled, (one for one in pieces if len(one) == 1), most=int(SPELLING_SHARE * room))
    needed = own | {numbers[one] for one in (*single, SPACE) if one in numbers}
    kept = restrict(pieces, scores, used, size=room, needed=needed, unknown=start.unknown)
    ordinary = [pieces[number] for number in kept if number not in own]
    # Marks that the list of pieces does not hold are numbered behind it.
    return [(piece, scores[numbers[piece]] if piece in numbers else 0.0) for piece in start.around(ordinary)]


def learned(start: StartVocabulary, sentences: Sequence[str], *, size: int) -> list[Piece]:
    """A new Unigram of ``size`` pieces, learnt from sentences as the model's tokenizer normalises them.

    Raises:
        ConfigError: too little text, or marks that do not fit.
    """
    _check_room(size, len(start.marks))
    start.unknown  # noqa: B018 – refuses what has none
    normalised = [start.normalised(sentence) for sentence in sentences]
    found = [one for one in unigram.learn(normalised, pieces=size - len(start.marks)) if one[0] not in start.marks]
    scores = dict(found)
    return [(piece, scores.get(piece, 0.0)) for piece in start.around([piece for piece, _ in found])]


def frequencies(start: StartVocabulary, lines: Iterable[str]) -> Frequencies:
    """How often lines use each of the model's pieces."""
    counts = np.zeros(len(start.tokenizer), dtype=np.int64)
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == BLOCK:
            counts += _counted(start, block, len(counts))
            block = []
    return (counts + _counted(start, block, len(counts))).astype(np.float64)


def _counted(start: StartVocabulary, block: Sequence[str], size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    encoded = start.tokenizer.backend_tokenizer.encode_batch_fast(list(block), add_special_tokens=False)
    ids = [np.asarray(one.ids, dtype=np.int64) for one in encoded]
    return np.bincount(np.concatenate([np.zeros(0, dtype=np.int64), *ids]), minlength=size)


def _check_room(size: int, marks: Collection[str] | int) -> None:
    count = marks if isinstance(marks, int) else len(marks)
    if size < 2 * count + 2:
        raise ConfigError(f"{size} pieces have no room for text beside {count} special tokens", where=f"{KEY}.pieces")
