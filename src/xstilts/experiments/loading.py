"""An experiment by name or from a file, with the settings of ``--set``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from xstilts.errors import ConfigError, UnknownName, beginning, nearest
from xstilts.experiments import document
from xstilts.experiments.ready import ready_experiments
from xstilts.experiments.schema import Experiment
from xstilts.phases.options.validation import ExperimentError
from xstilts.phases.options.validation import Path as KeyPath


def load_experiment(name_or_path: str | Path, sets: Sequence[str] = ()) -> Experiment:
    """Reads a ready experiment or a YAML file and applies ``key.path=value`` settings in order.

    Raises:
        UserError: no such experiment, unreadable YAML, or a mistake in it: file, line, key path, what is expected.
    """
    file = experiment_file(name_or_path)
    read = document.read(file)
    for setting in sets:
        path, value = parse_setting(setting)
        read.set(path, value, place=_flag(setting))
    try:
        experiment = Experiment(**read.values)
    except ExperimentError as error:
        raise ExperimentError(error.problems, read.where) from None
    return experiment.beside(file.resolve().parent)


def experiment_file(name_or_path: str | Path) -> Path:
    """The file of an experiment given by name or path.

    Raises:
        UserError: neither; names the nearest.
    """
    ready, given = ready_experiments(), str(name_or_path)
    if given in ready:
        return ready[given]
    path = Path(given)
    if path.is_file():
        return path
    looks_like_path = isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or len(path.parts) != 1
    if not looks_like_path and not path.exists():
        raise UnknownName("experiment", given, ready, hint="a ready experiment's name, or a path to a YAML file")
    if path.is_dir():
        raise ConfigError("this is a folder; expected an experiment file", where=path)
    if path.is_symlink():
        raise ConfigError("this is a link that leads nowhere or to itself", where=path)
    beside = [file.name for file in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
    close = nearest(path.name, beside)
    hint = f"did you mean {str(path.parent / close)!r}?" if close else ""
    raise ConfigError("no such experiment file", where=path, hint=hint)


def parse_setting(setting: str) -> tuple[KeyPath, object]:
    """``targets.0.recipe.epochs=2`` → (``("targets", 0, "recipe", "epochs")``, 2); the value is YAML.

    Raises:
        ConfigError: no ``=``, an empty key, or a value that is not YAML.
    """
    keys, equals, value = setting.partition("=")
    if not equals or not keys.strip() or not all(part for part in keys.strip().split(".")):
        raise ConfigError("expected key.path=value", where=_flag(setting), hint="e.g. recipe.epochs=2")
    path = tuple(int(part) if _POSITION.fullmatch(part) else part for part in keys.strip().split("."))
    return path, document.parse(value, name=_flag(setting))


_POSITION = re.compile(r"[0-9]{1,9}")
"""The position of an entry in a list."""


def _flag(setting: str) -> str:
    """A setting as the place of a mistake, cut to a line."""
    return f"--set {beginning(setting, 200)}"
