"""What is wrong with a model directory, all of it said at once, and how its files are read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from xstilts.errors import CheckpointError

POINTER = b"version https://git-lfs.github.com/spec"
_PAGE = re.compile(rb"\s*<(!doctype\s+html|html)", re.IGNORECASE)
_HEAD = 200
_NOUNS = {".safetensors": "a safetensors file", ".json": "JSON", ".model": "a sentencepiece model"}


class Unreadable(Exception):
    """A file that cannot be read as what its name says."""


class Problem(NamedTuple):
    """One mistake: where, what, and the way out."""

    file: Path
    text: str
    hint: str = ""

    @property
    def line(self) -> str:
        """As a line of a list."""
        return f"{self.file}: {self.text}" + f" ({self.hint})" * bool(self.hint)


@dataclass
class Problems:
    """Collects what is wrong with a directory.

    Attributes:
        folder: the model directory.
        found: mistakes, in the order in which they were met.
        unusable: names of files that are not what they should be, so that nothing further is said of them.
    """

    folder: Path
    found: list[Problem] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)

    def add(self, text: str, *, file: str = "", hint: str = "") -> None:
        """Notes a mistake, of a file or of the directory; the same one only once."""
        problem = Problem(self.folder / file if file else self.folder, text, hint)
        if problem not in self.found:
            self.found.append(problem)

    def refuse(self) -> None:
        """Says all that was found.

        Raises:
            CheckpointError: something was.
        """
        if len(self.found) == 1:
            file, text, hint = self.found[0]
            raise CheckpointError(text, where=file, hint=hint)
        if self.found:
            lines = "\n  ".join(problem.line for problem in self.found)
            raise CheckpointError(f"cannot be used, for {len(self.found)} reasons:\n  {lines}", where=self.folder)

    def has(self, name: str) -> bool:
        """Whether there is a file of that name that is what its name says."""
        return name not in self.unusable and (self.folder / name).is_file()

    def table(self, name: str) -> dict[str, Any] | None:
        """The object in a JSON file; None where there is none, which is noted unless the file is not there."""
        if not self.has(name):
            return None
        try:
            found = read_json(self.folder / name)
        except Unreadable as error:
            self.add(f"{name} {error}", file=name)
        else:
            if isinstance(found, dict):
                return found
            self.add(f"{name} is not a table of settings", file=name)
        self.unusable.add(name)
        return None


def read_json(file: Path) -> Any:  # noqa: ANN401
    """What a JSON file holds.

    Raises:
        Unreadable: it is none; says why.
    """
    try:
        text = file.read_bytes().decode("utf-8")
        return json.loads(text)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Unreadable("is empty" if not file.stat().st_size else f"is not JSON: {error}") from None
    except ValueError:  # Python reads integers of up to 4,300 digits
        raise Unreadable("is not JSON that can be read: a number in it has too many digits") from None
    except RecursionError:
        raise Unreadable("is not JSON that can be read: it is nested too deeply") from None


def check_files(problems: Problems, names: list[str]) -> None:
    """Notes files that are only stand-ins for themselves: pointers, links to nowhere, web pages.

    Args:
        problems: gets what is found.
        names: those that a model is read from.
    """
    for name in names:
        file = problems.folder / name
        if file.is_dir():
            continue
        noun = _NOUNS.get(file.suffix, "the file itself")
        try:
            with file.open("rb") as stream:
                head = stream.read(_HEAD)
        except OSError as error:
            problems.unusable.add(name)
            problems.add(_why_not(file, error), file=name, hint=_way_out(file))
            continue
        if head.startswith(POINTER):
            problems.unusable.add(name)
            hint = "run `git lfs pull` in the clone, or get the repository with `hf download`"
            problems.add(f"a Git LFS pointer, not {noun}: only its address was downloaded", file=name, hint=hint)
        elif _PAGE.match(head):
            problems.unusable.add(name)
            hint = "get the repository with `hf download`, or the file by its address with /resolve/ in it"
            problems.add(f"a web page, not {noun}", file=name, hint=hint)


def _why_not(file: Path, error: OSError) -> str:
    """Why a file that is listed cannot be opened."""
    if not file.is_symlink():
        return f"cannot be read: {error.strerror}"
    state = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
    return f"a link to {file.readlink()}, which {state}"


def _way_out(file: Path) -> str:
    return "copy the directory with what its links point to: `cp -rL`" if file.is_symlink() else ""
