"""Unlabeled text: a folder of ``xx.txt`` (one sentence or paragraph a line) or of aligned ``name.xx.txt``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.bitext import aligned
from xstilts.reading.examples import Text
from xstilts.reading.text import read_lines


def read(file: Path, language: str) -> Iterator[Text]:
    """The lines of a file that are not blank.

    Raises:
        DataError: not UTF-8.
    """
    for number, line in enumerate(read_lines(file)):
        if line.strip():
            yield Text(example_id=str(number), cluster_id=str(number), text=line.strip(), language=language)


def read_parallel(files: Mapping[str, Path], *, pivot: str = "eng-Latn") -> Iterator[Text]:
    """Aligned pairs of ``pivot`` and every other language, for translation LM; blank lines are skipped.

    Pairs come line by line and, within a line, in the order of the languages' ids.

    Raises:
        DataError: files of different length, or none in ``pivot``.
    """
    if pivot not in files:
        some = next(iter(files.values()))
        raise DataError(f"aligned text in {', '.join(sorted(files))}, but not in {pivot}", file=some.parent)
    lines = aligned(files)
    others = sorted(set(files) - {pivot})
    for number, text in enumerate(lines[pivot]):
        for language in others:
            translation = lines[language][number].strip()
            if text.strip() and translation:
                yield Text(
                    example_id=f"{number}-{language}",
                    cluster_id=str(number),
                    text=text.strip(),
                    language=pivot,
                    translation=translation,
                    translation_language=language,
                )
