"""A tag for every word, from its last sub-word: the first one that has read the whole word.

What follows the word is not known to it, which an encoder's states know: tags that hang on the right context (a verb
that closes its clause, a name's second part) are harder here. Of a word longer than a row, no sub-word is the last
one, and it gets the tag of words outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from xstilts.heads.encoder.tagging import NO_WORD, Tagging


class DecoderTagging(Tagging):
    """One tag per word, read at its end."""

    def marks(self, words: Sequence[int | None]) -> list[int]:
        """The word that ends at each token, NO_WORD on its earlier sub-words."""
        return [NO_WORD if word is None or word == then else word for word, then in pairwise([*words, None])]


HEAD = DecoderTagging()
