"""Line-aligned translations: Tatoeba's pairs of files, and sets of files aligned across many languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.examples import Bitext
from xstilts.reading.text import read_lines


def aligned(files: Mapping[str, Path]) -> dict[str, list[str]]:
    """The lines of files that are aligned line by line, by language.

    Raises:
        DataError: two files do not have the same number of lines; names both and their counts.
    """
    found = {language: read_lines(file) for language, file in files.items()}
    counts = {language: len(lines) for language, lines in found.items()}
    if len(set(counts.values())) > 1:
        # The odd one out is the one that differs from most.
        usual = max(sorted(counts), key=lambda language: list(counts.values()).count(counts[language]))
        odd = next(language for language in counts if counts[language] != counts[usual])
        raise DataError(f"not aligned: {counts[odd]} lines, but {files[usual]} has {counts[usual]}", file=files[odd])
    return found


def read_pairs(file: Path, companion: Path) -> Iterator[Bitext]:
    """Sentence pairs of a file and its English companion, in file order.

    Raises:
        DataError: the two are not aligned, or a line is blank.
    """
    both = aligned({"source": file, "target": companion})
    for number, (source, target) in enumerate(zip(both["source"], both["target"], strict=True), start=1):
        if not source.strip() or not target.strip():
            raise DataError("a blank line", file=companion if source.strip() else file, line=number)
        yield Bitext(example_id="", cluster_id="", source=source.strip(), target=target.strip())
