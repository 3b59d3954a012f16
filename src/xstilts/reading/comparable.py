"""Two texts and which of their sentences are translations: BUCC's files, one sentence a line, ``id<TAB>sentence``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.examples import ComparableSentence
from xstilts.reading.text import check_ends, read_lines

ENGLISH, GOLD = ".en", ".gold"
ENDINGS = (ENGLISH, GOLD)
"""Endings of the files beside the one in the task's language, which replace its own ending."""


def read(file: Path, language: str, *, hidden: bool = False) -> Iterator[ComparableSentence]:
    """The sentences of a file, then those of the English text beside it; without a gold file theirs is hidden.

    Args:
        file: the text in the task's language.
        language: its language.
        hidden: whether the gold file may be missing.

    Raises:
        DataError: a text or the gold file is missing, a line without a tab, an id that is empty or stands
            twice, or a pair in the gold that does not name a sentence of each text.
    """
    own, english = _sentences(file), _sentences(_beside(file, ENGLISH))
    shared = own.keys() & english.keys()
    if shared:
        raise DataError(f"the id {min(shared)} also occurs in {file.with_suffix(ENGLISH).name}", file=file)
    gold = None if hidden and not file.with_suffix(GOLD).is_file() else _gold(_beside(file, GOLD), own, english)
    for sentences, spoken in ((own, language), (english, "eng-Latn")):
        for identity, text in sentences.items():
            yield ComparableSentence(
                example_id=identity,
                cluster_id="",
                text=text,
                language=spoken,
                translations=() if sentences is english else None if gold is None else tuple(gold.get(identity, ())),
            )


def _beside(file: Path, ending: str) -> Path:
    other = file.with_suffix(ending)
    if not other.is_file():
        raise DataError(f"{other.name} is missing next to it", file=file)
    return other


def _sentences(file: Path) -> dict[str, str]:
    """Id → sentence, in file order."""
    found: dict[str, str] = {}
    for number, (identity, text) in _cells(file):
        if not identity or identity in found:
            raise DataError(f"the id {identity!r} occurs twice" if identity else "no id", file=file, line=number)
        found[identity] = text
    return found


def _gold(file: Path, own: dict[str, str], english: dict[str, str]) -> dict[str, list[str]]:
    """Id → ids of its translations, in file order, each once."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for number, (left, right) in _cells(file):
        for identity, sentences in ((left, own), (right, english)):
            if identity not in sentences:
                raise DataError(f"no sentence has the id {identity!r}", file=file, line=number)
        found[left][right] = None
    return {left: list(rights) for left, rights in found.items()}


def _cells(file: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """The first two cells of each line (upstream cuts further ones off too), white space around them cut off."""
    lines = list(enumerate(read_lines(file), start=1))
    check_ends(lines, file)
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) < 2:
            raise DataError("expected two cells with a tab between them", file=file, line=number)
        yield number, (cells[0].strip(), cells[1].strip())
