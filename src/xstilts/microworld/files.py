"""Language files: which there are, and what one holds together with the file that it extends."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError, UnknownName

SUFFIX = ".yaml"
SPOKEN, CONSTRUCTED = "languages", "constructed"
"""The folders of languages that people speak, and of those that were made to be compared."""


@functools.cache
def in_folder(folder: str) -> tuple[str, ...]:
    """The ids of the languages of a folder, in order; a file without a script in its name is only extended."""
    names = (file.name.removesuffix(SUFFIX) for file in _of(folder).iterdir() if file.name.endswith(SUFFIX))
    return tuple(sorted(name for name in names if "-" in name))


def file_of(language: str) -> Any:  # noqa: ANN401 – importlib's Traversable
    """The file of a language that one of the folders has."""
    folder = next(folder for folder in (SPOKEN, CONSTRUCTED) if language in in_folder(folder))
    return _of(folder) / f"{language}{SUFFIX}"


def contents(path: Path) -> dict[str, Any]:
    """What a file holds, over what the file beside it holds that it extends; all scalars as text.

    Sections are put together by their entries: an entry of the file replaces that of the extended one.

    Raises:
        ConfigError: not YAML, or not sections.
        UnknownName: it extends a file that there is not.
    """
    raw = _read(path)
    name = raw.pop("extends", None)
    if name is None:
        return raw
    beside = {file.stem: file for file in path.parent.glob(f"*{SUFFIX}") if file != path}
    if name not in beside:
        raise UnknownName("file to extend", name, beside, where=path)
    base = _read(beside[name])
    if "extends" in base:
        raise ConfigError(f"{name} extends a further file; only a language does", where=path)
    return {key: _over(base.get(key), raw[key]) if key in raw else base[key] for key in {**base, **raw}}


def _over(base: Any, own: Any) -> Any:  # noqa: ANN401 – any YAML value
    return {**base, **own} if isinstance(base, dict) and isinstance(own, dict) else own


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        raw = YAML(typ="safe").load(path)
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"not YAML: {error}", where=path) from None
    if not isinstance(raw, dict):
        raise ConfigError("not a language file: no sections", where=path)
    found: dict[str, Any] = _strings(raw)
    return found


def _strings(value: Any) -> Any:  # noqa: ANN401 – any YAML value
    """YAML's scalars as text: a form may look like a number or a truth value."""
    if isinstance(value, dict):
        return {_strings(key): _strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_strings(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _of(folder: str) -> Any:  # noqa: ANN401 – importlib's Traversable
    return resources.files("xstilts.microworld") / folder
