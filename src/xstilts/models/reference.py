"""The value of ``model:`` in an experiment: a family's checkpoint, a directory, or a hub id."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.errors import CheckpointError, UnknownName, beginning, nearest
from xstilts.models.architecture import Architecture, architecture_of
from xstilts.models.family import Family, Shape
from xstilts.models.preflight.configuration import read_configuration
from xstilts.models.preflight.directory import check_directory
from xstilts.models.preflight.problems import Problems
from xstilts.models.preflight.tokenizer import SETTINGS
from xstilts.models.preflight.tokenizer import reads_bytes as byte_settings

READ = ("*.safetensors", "*.safetensors.index.json", "*.json", "*.model", "vocab.txt", "merges.txt")
SCRATCH = "scratch"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, kw_only=True)
class ModelReference:
    """A model by name, before anything of it is loaded.

    Exactly one of ``scratch`` (a checkpoint of a family that starts from scratch), ``directory`` and ``repository`` is
    set.

    Attributes:
        cased: whether the tokenizer in the directory keeps capitals though no file of it says so.
        notes: what people should know of the directory.
    """

    name: str
    family: str
    scratch: str | None = None
    directory: Path | None = None
    repository: str | None = None
    revision: str | None = None
    shape: Shape | None = None
    cased: bool = False
    notes: tuple[str, ...] = ()

    @property
    def described(self) -> Family:
        """The family's module constant."""
        family: Family = registry.find("models", self.family)
        return family

    def files(self) -> tuple[Path, ...]:
        """The files of a local directory that decide its numbers, sorted by name."""
        assert self.directory is not None
        found = {path for pattern in READ for path in self.directory.glob(pattern)}
        return tuple(sorted(path for path in found if path.name != "xstilts.json"))


def resolve(name: str, *, beside: Path | None = None) -> ModelReference:
    """What ``name`` means: ``family:checkpoint``, an existing directory, or a hub id.

    Args:
        name: as written in the experiment or on the command line.
        beside: the experiment file's folder, in which relative paths are looked up second.

    Raises:
        UnknownName: a family or checkpoint that is not known.
        CheckpointError: a directory that holds no usable model.
    """
    if (shipped := _shipped(name)) is not None:  # a folder of that name is ./mini
        return shipped
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    for folder in (Path(), beside):
        if folder is not None and _is_folder(folder / path):
            return _directory(name, folder / path)
    if ":" in name and not name.startswith((".", "/")):
        family, _, checkpoint = name.partition(":")
        known = registry.find("models", family, where="model").checkpoints
        if checkpoint not in known:
            raise UnknownName(f"checkpoint of {family}", checkpoint, known, where="model")
        entry = known[checkpoint]
        if entry.directory is not None:
            return replace(_directory(name, entry.directory), family=family)
        return ModelReference(
            name=name,
            family=family,
            scratch=_scratch(family, checkpoint),
            repository=entry.repository,
            revision=entry.revision,
            shape=entry.shape,
        )
    if why := _not_a_folder(path, beside):
        raise CheckpointError(f"{name!r} is {why}", where="model")
    if name.startswith((".", "/", "~")):
        raise CheckpointError(f"no such directory: {name}", where="model")
    if _HUB_ID.fullmatch(name):
        return ModelReference(name=name, family=_family_on_hub(name), repository=name)
    families = registry.modules("models")
    known_names = [f"{f}:{c}" for f in families for c in registry.find("models", f).checkpoints]
    close = nearest(name, known_names)
    raise CheckpointError(
        f"{name!r} is neither a directory, nor a hub id (organisation/name), nor a family's checkpoint",
        where="model",
        hint=f"did you mean {close!r}?" if close else "known: " + ", ".join(known_names),
    )


def architecture_in(directory: Path) -> Architecture:
    """The architecture of a directory's model."""
    return architecture_of(_configuration(directory))


def shape_of(config: dict[str, Any]) -> Shape | None:
    """The sizes in a config.json, or None where it does not say all of them."""
    return architecture_of(config).shape(config)


def family_of(config: dict[str, Any], *, in_bytes: bool = False) -> str:
    """The family whose defaults fit a configuration; that of its architecture where none claims it.

    Args:
        config: a config.json.
        in_bytes: whether its tokenizer reads bytes, which the configuration does not say.
    """
    architecture = architecture_of(config)
    for name, module in registry.modules("models").items():
        family: Family = module.FAMILY
        claimed = family.in_bytes if in_bytes else config.get("model_type") in family.model_types
        if family.architecture == architecture.name and claimed:
            return name
    return architecture.family


def reads_bytes(directory: Path) -> bool:
    """Whether the tokenizer is ByT5's, which has no file of its own."""
    if (directory / "tokenizer.json").exists():
        return False
    return byte_settings(Problems(directory).table(SETTINGS) or {})


def scratch_family(scratch: str) -> str:
    """The family of a model from scratch, as a node's parameters name it; encoders by their checkpoint alone."""
    family, colon, _ = scratch.rpartition(":")
    return family if colon else SCRATCH


def scratch_shape(scratch: str) -> Shape:
    """The shape of a model from scratch."""
    family: Family = registry.find("models", scratch_family(scratch))
    shape = family.checkpoints[scratch.rpartition(":")[2]].shape
    assert shape is not None
    return shape


def _scratch(family: str, checkpoint: str) -> str | None:
    """How a node's parameters name a model from scratch; None for what is published."""
    if family == SCRATCH:
        return checkpoint
    return f"{family}:{checkpoint}" if family.startswith(f"{SCRATCH}_") else None


def _family_on_hub(repository: str) -> str:
    """The family of a hub id, as far as the hub's local cache tells; ``auto`` before anything of it is here."""
    from xstilts.models.cached import cached_configuration

    config = cached_configuration(repository)
    return "auto" if config is None else family_of(config)


def shipped_directory(name: str) -> Path | None:
    """The folder of a family that is one model, which the package holds: ``mini``."""
    if name not in registry.names("models"):
        return None
    known = registry.find("models", name).checkpoints
    directory: Path | None = known[name].directory if name in known else None
    return directory


def _shipped(name: str) -> ModelReference | None:
    directory = shipped_directory(name)
    return None if directory is None else replace(_directory(name, directory), family=name)


def _is_folder(path: Path) -> bool:
    """Whether there is a folder; where none can be looked for, the name says why.

    Raises:
        CheckpointError: the name is longer than a file's can be, or it may not be looked up.
    """
    try:
        return path.is_dir()
    except OSError as error:
        raise CheckpointError(
            f"{beginning(str(path), 80)!r} cannot be looked up: {error.strerror}", where="model"
        ) from None


def _not_a_folder(path: Path, beside: Path | None) -> str:
    """What there is under a name that is not a folder's; empty where there is nothing."""
    for folder in (Path(), beside):
        if folder is not None and (folder / path).is_symlink():
            return f"a link to {(folder / path).readlink()}, which leads nowhere"
        if folder is not None and (folder / path).is_file():
            return "a file, not a directory: give the one that it is in"
    return ""


def _directory(name: str, path: Path) -> ModelReference:
    checked = check_directory(path, name=name)
    config = dict(checked.config)
    family = family_of(config, in_bytes=reads_bytes(path))
    return ModelReference(
        name=name,
        family=family,
        directory=path.resolve(),
        shape=shape_of(config),
        cased=checked.tokenizer.cased,
        notes=checked.notes,
    )


def _configuration(path: Path) -> dict[str, Any]:
    """The config.json of a directory.

    Raises:
        CheckpointError: there is none, or none that can be read.
    """
    problems = Problems(path)
    config = read_configuration(problems)
    problems.refuse()
    assert config is not None
    return config
