"""Whether a tokenizer would lower-case text for a vocabulary of capitals.

BERT's tokenizer lower-cases unless it is told not to. Vocabularies were published without the file that tells it so:
of a cased one, every word with a capital would then be unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xstilts.models.preflight.library import TokenizerClass
from xstilts.models.preflight.problems import Problems
from xstilts.models.preflight.vocabulary import Vocabulary

VERSION = 1
"""In the keys of what such a tokenizer makes; raised when it makes something else."""
SETTING = "do_lower_case"
SHARE = 0.01
"""Of the pieces with letters, those with capitals from which on a vocabulary counts as a cased one."""


def cased(
    problems: Problems,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    name: str,
    described: TokenizerClass | None,
) -> tuple[bool, tuple[str, ...]]:
    """Whether the tokenizer must be told to keep capitals, and what is said of that.

    It is told so where nothing else tells it, its class would lower-case, and its vocabulary has capitals.
    """
    if not lowers(settings, described):
        return False, ()
    with_letters = [piece for piece in vocabulary.numbers if _word(piece)]
    capitals = [piece for piece in with_letters if piece != piece.lower()]
    if len(capitals) <= SHARE * len(with_letters):
        return False, ()
    where = problems.folder / vocabulary.file
    text = (
        f"{where}: {len(capitals):,} of its {len(with_letters):,} pieces have capitals, and no file says whether text "
        f"is lower-cased, which {name} would do unasked: text is read as it is (a tokenizer_config.json with "
        f'{{"{SETTING}": false}} or true decides it)'
    )
    return True, (text,)


def lowers(settings: Mapping[str, Any], described: TokenizerClass | None) -> bool:
    """Whether a tokenizer's class lower-cases text, and nothing tells it whether to."""
    return described is not None and described.defaults.get(SETTING) is True and SETTING not in settings


def _word(piece: str) -> bool:
    """Whether a piece has letters, and is not a special token (``[CLS]``, ``<s>``)."""
    special = len(piece) > 2 and (piece[0], piece[-1]) in {("[", "]"), ("<", ">")}
    return not special and any(character.isalpha() for character in piece)
