"""Checks a model directory, and remembers what it found: a directory is resolved several times in a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.errors import CheckpointError
from xstilts.models.architecture import architecture_of
from xstilts.models.preflight.configuration import check_configuration, typed
from xstilts.models.preflight.problems import Problems, check_files
from xstilts.models.preflight.tokenizer import CheckedTokenizer, check_tokenizer
from xstilts.models.preflight.weights import check_weights

SHORTEST = 8
"""Positions below which no text fits beside the special tokens."""
_READ = (".safetensors", ".json", ".model", ".bin")
_ALSO = ("vocab.txt", "merges.txt")
_KEPT = 8
_Signature = tuple[tuple[str, int, int], ...]
_KNOWN: dict[tuple[Path, bool, _Signature], CheckedModel] = {}


@dataclass(frozen=True, kw_only=True)
class CheckedModel:
    """A model directory in which nothing was found that is wrong.

    Attributes:
        config: its config.json.
        tokenizer: what the check of its tokenizer found.
    """

    config: Mapping[str, Any]
    tokenizer: CheckedTokenizer

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know."""
        return self.tokenizer.notes


def check_directory(folder: Path, *, name: str, complete: bool = True) -> CheckedModel:
    """Checks a model directory before anything is done with it, in milliseconds and without torch.

    Args:
        folder: the directory.
        name: as it was given, for what is to be typed.
        complete: whether all files are expected to be here; the hub's cache may hold some of them.

    Raises:
        CheckpointError: what is wrong with it, all at once.
    """
    problems = Problems(folder)
    try:
        entries = sorted((entry.name, *_stamp(entry)) for entry in folder.iterdir())
    except OSError as error:
        raise CheckpointError(f"cannot be read: {error.strerror}", where=folder) from None
    key = (folder.resolve(), complete, tuple(entries))
    if key not in _KNOWN:
        read = [file for file, *_ in entries if Path(file).suffix in _READ or file in _ALSO]
        found = _checked(problems, read, name=name, complete=complete)
        while len(_KNOWN) >= _KEPT:
            _KNOWN.pop(next(iter(_KNOWN)))
        _KNOWN[key] = found
    return _KNOWN[key]


def _checked(problems: Problems, read: list[str], *, name: str, complete: bool) -> CheckedModel:
    check_files(problems, read)
    config = check_configuration(problems)
    if config is None and not any(file.endswith((".safetensors", ".bin")) for file in read):
        problems.refuse()  # not a model's: what else it lacks says nothing
    rows = check_weights(problems, config, name=name, complete=complete)
    architecture = architecture_of(config) if config is not None and typed(config) else None
    shown = architecture.name if architecture else ""
    tokenizer = check_tokenizer(problems, config, rows, architecture=shown, complete=complete)
    shape = architecture.shape(config) if architecture is not None and config is not None else None
    if shape is not None and shape.positions < SHORTEST:
        problems.add(f"takes in {max(shape.positions, 0)} tokens: too few for any text", file="config.json")
    problems.refuse()
    assert config is not None
    return CheckedModel(config=config, tokenizer=tokenizer)


def _stamp(entry: Path) -> tuple[int, int]:
    """Size and time of a file, by which a change is noticed; of a link to nowhere, its own."""
    try:
        told = entry.stat()
    except OSError:
        told = entry.lstat()
    return told.st_size, told.st_mtime_ns
