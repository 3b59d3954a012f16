"""Tatoeba's lines on the leaderboard: English queries in the order of XTREME's copy, and indices into the files."""

from __future__ import annotations

from collections.abc import Sequence

from xstilts.leaderboard.forms.form import Row
from xstilts.reading.examples import Bitext
from xstilts.runs.results import Evaluated


def both_directions(found: Evaluated, sentences: Sequence[Bitext]) -> tuple[list[Row], list[Row]]:
    """The rows of en→xx and of xx→en, prediction and gold as indices from 0.

    XTREME's download sorts the English sentences (``tatoeba_preprocess`` of its ``utils_preprocess.py``), so that line
    i is no longer the translation of line i: a line of the leaderboard's file is an English sentence in that order, and
    its value the place of a foreign sentence in the file. Of the other direction, which is ours, a line is a foreign
    sentence in the order of the file, and its value the place of an English one in the sorted order.

    Args:
        found: of Tatoeba; its rows may be a sample.
        sentences: the whole set in the order of the file.
    """
    place = {one.example_id: position for position, one in enumerate(sentences)}
    ordered = sorted(range(len(sentences)), key=lambda position: sentences[position].target.strip())
    rank = {position: line for line, position in enumerate(ordered)}

    def row(one: Row, direction: str, number: dict[int, int]) -> Row:
        right, guess = place[one.gold], place[one.prediction[direction]]
        return Row(example_id=one.example_id, prediction=number[guess], gold=number[right])

    itself = {position: position for position in range(len(sentences))}
    by_rank = sorted(found.rows, key=lambda one: rank[place[one.example_id]])
    return (
        [row(one, "from_english", itself) for one in by_rank],
        [row(one, "to_english", rank) for one in found.rows],
    )
