"""A language file to change: English's, as data, with what a test puts in place of a part of it."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from xstilts.microworld import grammar
from xstilts.microworld.grammar import Grammar
from xstilts.microworld.speaker import Speaker

ENGLISH = Path(grammar.__file__).parent / "languages" / "eng-Latn.yaml"
GONE = object()
"""In place of a value: the key is left out."""


@functools.cache
def _english() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ENGLISH)
    return found


def file(folder: Path, **changes: Any) -> Path:
    """A language file: English with sections changed, ``{"nouns": {"dog": …}}`` one entry, a list the whole section."""
    raw = copy.deepcopy(_english())
    for section, value in changes.items():
        if isinstance(value, dict) and isinstance(raw.get(section), dict):
            raw[section] = {**raw[section], **value}
            raw[section] = {name: entry for name, entry in raw[section].items() if entry is not GONE}
        elif value is GONE:
            raw.pop(section, None)
        else:
            raw[section] = value
    path = folder / "own.yaml"
    path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return path


def read(folder: Path, **changes: Any) -> Grammar:
    """The changed language, read."""
    return grammar.read(file(folder, **changes))


def speaker(folder: Path, **changes: Any) -> Speaker:
    """A speaker of the changed language."""
    return Speaker(read(folder, **changes))
