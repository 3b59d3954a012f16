"""Datasets that the package makes itself, from the microworld: written once, beside the copies of datasets."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.data.when_asked import WhenAsked
from xstilts.errors import DataError, UnknownName
from xstilts.microworld import grammar, text
from xstilts.microworld.files import SUFFIX
from xstilts.pipeline.fingerprint import sha256
from xstilts.pipeline.sealed import keep, kept, made_once
from xstilts.reading import examples
from xstilts.reading.examples import Answer, Example
from xstilts.reading.jsonl import objects
from xstilts.tasks.task import Made

_LOG = logging.getLogger("xstilts")

FOLDER = "made"
MADE = ".made.jsonl"
"""How the files of datasets end that the package makes itself."""
TEXT_LINES = 20_000
PAIRS = 20_000
TEXT_SEED, PAIRS_SEED = 1, 2


def text_folder(root: Path, *, aligned: bool, constructed: bool = False) -> Path:
    """The folder of the microworld's text: ``xx.txt``, or aligned ``microworld.xx.txt``; made if it is not there.

    Args:
        root: where made datasets are kept.
        aligned: a sentence a line, the same in every language.
        constructed: of the constructed languages, line by line of the same scenes.
    """
    folder = root / _version() / (("constructed-" if constructed else "") + ("parallel" if aligned else "text"))
    sums = folder.with_name(f"{folder.name}.sums.json")
    damaged = _damaged(folder, sums)
    if folder.exists() and not damaged:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=_PARTIAL, dir=folder.parent))
    for language in grammar.constructed() if constructed else grammar.known():
        if aligned:
            text.write(partial, language, f"microworld.{_code(language)}.txt", PAIRS, seed=PAIRS_SEED, aligned=True)
        else:
            # every language its own lines, as text found in the world is; another language changes none of them.
            # Languages that are compared with each other have the same ones
            seed = TEXT_SEED + zlib.crc32(("" if constructed else language).encode())
            text.write(partial, language, f"{_code(language)}.txt", TEXT_LINES, seed=seed)
    partial.chmod(0o755)  # as other folders are; mkdtemp's are its owner's alone
    keep(sums, {file.name: sha256(file) for file in sorted(partial.iterdir())})
    if damaged:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        partial.rename(folder)
    except OSError:
        shutil.rmtree(partial)
        if not folder.exists():
            raise  # else another process was faster, with the same bytes
    return folder


def _damaged(folder: Path, sums: Path) -> bool:
    """Whether a file is not what was written, which is warned about; without sums nobody knows."""
    expected = (kept(sums) if folder.exists() else None) or {}
    for name, digest in expected.items():
        file = folder / name
        if not file.is_file() or sha256(file) != digest:
            _LOG.warning("%s is damaged: its SHA-256 is not the one that was kept; making it again", file)
            return True
    return False


def _remove_abandoned(folder: Path) -> None:
    """Removes what processes left behind that were killed while they wrote this folder."""
    for partial in folder.parent.glob(f".{folder.name}-*{_PARTIAL}"):
        with contextlib.suppress(OSError):
            if time.time() - partial.stat().st_mtime > _ABANDONED:
                shutil.rmtree(partial)


_PARTIAL = ".partial"
_ABANDONED = 3600.0
"""Seconds; the slowest machine writes all languages in a few minutes."""


def files(made: Made, root: Path) -> dict[str, Mapping[str, tuple[Path, ...]]]:
    """Split → language → file, each made when it is asked for and not there yet."""

    def of_split(split: str, spoken: Iterable[str]) -> WhenAsked[tuple[Path, ...]]:
        return WhenAsked(sorted(spoken), lambda language: (_file(made, root, split, language),))

    return {split: of_split(split, spoken) for split, spoken in made.splits.items()}


def default_folder() -> Path:
    """Where made datasets are kept outside a run's store: the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xstilts" / FOLDER


def _file(made: Made, root: Path, split: str, language: str) -> Path:
    file = root / _version() / made.name / f"{split}-{language}{MADE}"

    def make(partial: Path) -> None:
        rows = made.rows(split, language)
        lines = [json.dumps(_encoded(row), ensure_ascii=False, sort_keys=True) + "\n" for row in rows]
        partial.write_text("".join(lines), encoding="utf-8", newline="\n")

    return made_once(file, make)


def read(file: Path) -> Iterator[Example]:
    """The examples of a made file.

    Raises:
        DataError: not such a file.
    """
    for line, row in objects(file):
        try:
            yield _decoded(row)
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(f"not a row of a made dataset: {error!r}", file=file, line=line) from None


def _encoded(example: Example) -> dict[str, Any]:
    return {"type": type(example).__name__, **dataclasses.asdict(example)}


def _decoded(row: dict[str, Any]) -> Example:
    kind = getattr(examples, row.pop("type"))
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    if values.get("answers"):
        values["answers"] = tuple(Answer(**answer) for answer in values["answers"])
    example: Example = kind(**values)
    return example


def _code(language: str) -> str:
    known = languages.get(language)
    try:
        return known.code("xtreme")
    except UnknownName:
        return known.iso639_3


@functools.cache
def _version() -> str:
    """A hash of the files that rows come from: what other versions of them made is made anew."""
    total = hashlib.sha256()
    package = resources.files("xstilts")
    tasks = [file for file in package.joinpath("tasks").iterdir() if file.name.startswith(("micro", "constructed"))]
    shared = [package.joinpath("tasks", "series", "micro.py"), package.joinpath("reading", "copa.py")]
    own = [*_files(package.joinpath("microworld")), *tasks, *shared]
    for file in sorted(own, key=str):
        total.update(str(file).rpartition("xstilts")[2].encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]


def _files(folder: Any) -> Iterator[Any]:  # noqa: ANN401 – importlib's Traversable
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".py", SUFFIX)):
            yield entry
