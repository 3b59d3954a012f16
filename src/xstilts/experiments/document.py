"""A YAML 1.2 document as plain values, and the line of each of them.

The core schema of YAML 1.2: ``1e-5`` is a number, ``no`` and ``12:30`` are text. Tags, duplicated keys, merge keys
and documents that aliases blow up are refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from xstilts.errors import ConfigError
from xstilts.phases.options.validation import Path, dotted, shown

LARGEST_FILE = 1 << 20
"""Bytes of the largest experiment file that is read."""
LARGEST_TREE = 100_000
"""Values of the largest document, aliases written out."""
DEEPEST = 40

_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}
"""What ruamel finds by itself; a plain value is then read by the patterns below."""
_HALF = re.compile(r"[\ud800-\udfff]")
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass
class Document:
    """Values with their places; ``--set`` changes both."""

    values: dict[str, Any]
    name: str
    places: dict[Path, str] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """``file:line`` or the flag that set the value: of the path, or of the nearest one that holds it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.name)

    def set(self, path: Path, value: object, *, place: str) -> None:
        """Puts a value at a key path; keys on the way are made, positions in lists must exist."""
        holder: Any = self.values
        for depth, key in enumerate(path[:-1]):
            holder = _step(holder, key, path[: depth + 1], place)
        _put(holder, path, value, place)
        for known in [known for known in self.places if known[: len(path)] == path]:
            del self.places[known]
        self.places[path] = place


def read(file: FilePath, *, what: str = "experiment", keys: str = "name: …, model: …, targets: …") -> Document:
    """Reads an experiment file, or one that is written alike.

    Args:
        file: to read.
        what: it is.
        keys: that one has, for a message.

    Raises:
        ConfigError: not a file, too large, not UTF-8, not YAML, or not keys with values; names the line.
    """
    try:
        with file.open("rb") as handle:
            raw = handle.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"cannot read the {what}: {error.strerror}", where=file) from None
    if len(raw) > LARGEST_FILE:
        raise ConfigError(f"larger than {LARGEST_FILE >> 20} MiB: not one {what}", where=file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"invalid UTF-8 byte 0x{raw[error.start]:02x}", where=f"{file}:{line}") from None
    places: dict[Path, str] = {}
    values = parse(text, name=str(file), places=places)
    if not isinstance(values, dict):
        raise ConfigError(f"expected keys with values ({keys})", where=file)
    return Document(values=values, name=str(file), places=places)


def parse(text: str, *, name: str, places: dict[Path, str] | None = None) -> Any:  # noqa: ANN401 – any YAML value
    """The value of a YAML 1.2 text; ``places`` is filled with ``name:line`` of every key path.

    A flag (``--set …``) has no lines: there, ``name`` alone is the place.

    Raises:
        ConfigError: not YAML, or one of the refused constructs; names the line.
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _place(name, mark.line) if mark else name
        raise ConfigError(f"not YAML: {error.problem or error.context}", where=where) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError(f"not YAML: {str(error).splitlines()[0]}", where=name) from None
    except RecursionError:
        raise ConfigError("nested too deeply", where=name) from None
    return None if root is None else _Reader(name, {} if places is None else places).value(root, ())


def dump(values: Mapping[str, Any]) -> str:
    """Plain values as a YAML document that ``parse`` reads back."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel annotates the default only
    writer.width = 110
    stream = io.StringIO()
    writer.dump(dict(values), stream)
    return stream.getvalue()


class _Reader:
    def __init__(self, name: str, places: dict[Path, str]) -> None:
        self.name, self.places, self.count = name, places, 0

    def value(self, node: Node, path: Path) -> Any:  # noqa: ANN401 – any YAML value
        where = _place(self.name, node.start_mark.line)
        self.places.setdefault(path, where)
        self.count += 1
        if self.count > LARGEST_TREE or len(path) > DEEPEST:
            raise ConfigError("too many nested values (do aliases refer to each other?)", where=where)
        if str(node.tag) not in _TAGS:
            raise ConfigError(f"tags are not allowed: {node.tag}", where=where)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        text = _whole(str(node.value), where)
        return text if getattr(node, "style", None) else plain(text)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            where = _place(self.name, key_node.start_mark.line)
            if not isinstance(key_node, ScalarNode):
                raise ConfigError("a key must be text", where=where)
            key = _whole(str(key_node.value), where)
            if key == "<<" and key_node.style is None:
                raise ConfigError("merge keys (<<) are not YAML 1.2; write the keys out", where=where)
            if key in values:
                raise ConfigError(f"key {key!r} occurs twice here", where=where)
            self.places[(*path, key)] = where
            values[key] = self.value(value_node, (*path, key))
        return values


def _whole(text: str, where: str) -> str:
    """A text without half of a surrogate pair, which no file can hold."""
    if _HALF.search(text):
        raise ConfigError("half of a character: an escape such as \\ud83d is not text", where=where)
    return text


def _place(name: str, line: int) -> str:
    return name if name.startswith("--") else f"{name}:{line + 1}"


def plain(text: str) -> object:
    """The value of an unquoted scalar under the core schema of YAML 1.2 (section 10.3.2)."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base) if len(text) <= 300 else text
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _step(holder: Any, key: str | int, path: Path, place: str) -> Any:  # noqa: ANN401 – any YAML value
    if isinstance(holder, dict):
        key = str(key)
        if holder.get(key) is None:
            holder[key] = {}
    else:
        _check_position(holder, key, path, place)
    if isinstance(holder[key], str) and len(path) == 2 and path[0] in ("intermediate", "targets"):
        holder[key] = {"task": holder[key]}  # so that `targets.0.recipe.epochs=1` works on `targets: [xnli]`
    return holder[key]


def _put(holder: Any, path: Path, value: object, place: str) -> None:  # noqa: ANN401 – any YAML value
    if isinstance(holder, dict):
        holder[str(path[-1])] = value
    elif isinstance(holder, list) and path[-1] == len(holder):
        holder.append(value)
    else:
        _check_position(holder, path[-1], path, place)
        holder[path[-1]] = value


def _check_position(holder: object, key: str | int, path: Path, place: str) -> None:
    parent = dotted(path[:-1])
    if not isinstance(holder, list):
        raise ConfigError(f"{parent} is {shown(holder)}, which has no keys", where=place)
    if not isinstance(key, int) or key >= len(holder):
        known = f"0 to {len(holder) - 1}" if holder else "none yet"
        raise ConfigError(f"{parent} is a list (positions: {known}); {shown(key)} is not one of them", where=place)
