"""Whether a tokenizer would lower-case text for a vocabulary of capitals.

BERT's tokenizer lower-cases unless tokenizer_config.json tells it not to, whatever tokenizer.json says. Vocabularies
were published without that file: of a cased one, every word with a capital would then be unknown.
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
    if not lowers(settings, described) or _of_backend(vocabulary.backend) is True:
        return False, ()
    with_letters = [piece for piece in vocabulary.numbers if _word(piece)]
    capitals = [piece for piece in with_letters if piece != piece.lower()]
    if len(capitals) <= SHARE * len(with_letters):
        return False, ()
    where = problems.folder / vocabulary.file
    text = (
        f"{where}: {len(capitals):,} of its {len(with_letters):,} pieces have capitals, and no tokenizer_config.json "
        f"says whether text is lower-cased, which {name} would do unasked: text is read as it is "
        f'({{"{SETTING}": false}} or true decides it)'
    )
    return True, (text,)


def _of_backend(backend: Mapping[str, Any] | None) -> bool | None:
    """Whether a tokenizer.json lower-cases text; None where it does not say.

    The class that transformers makes of it does not look.
    """
    normalizer = backend.get("normalizer") if backend else None
    if not isinstance(normalizer, Mapping):
        return None
    parts = normalizer.get("normalizers") if normalizer.get("type") == "Sequence" else [normalizer]
    tables = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    if any(part.get("type") == "Lowercase" or part.get("lowercase") is True for part in tables):
        return True
    return False if any(part.get("lowercase") is False for part in tables) else None


def lowers(settings: Mapping[str, Any], described: TokenizerClass | None) -> bool:
    """Whether a tokenizer's class lower-cases text, and nothing tells it whether to."""
    return described is not None and described.defaults.get(SETTING) is True and SETTING not in settings


def _word(piece: str) -> bool:
    """Whether a piece has letters, and is not a special token (``[CLS]``, ``<s>``)."""
    special = len(piece) > 2 and (piece[0], piece[-1]) in {("[", "]"), ("<", ">")}
    return not special and any(character.isalpha() for character in piece)
