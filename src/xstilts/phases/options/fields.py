"""The types of what users write: names, counts, shares, files, languages."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic import Strict as StrictType

from xstilts import languages
from xstilts.phases.options.validation import Path, refuse, refuse_repeated, refuse_unknown, shown

LARGEST = 2**53 - 1
"""The largest whole number that canonical JSON writes without loss."""


def language_id(code: str, *, at: Path = ()) -> str:
    """The id of a language given by id, code or BCP 47 tag; ends a validator where there is none."""
    found = languages.understood(code)
    if found is None:
        known = [name for one in languages.all_languages() for name in (one.id, *one.codes.values())]
        refuse_unknown("language", code, known, at=at, hint="`xstilts list languages` lists them")
    return found.id


def _language_ids(codes: tuple[str, ...]) -> tuple[str, ...]:
    ids = tuple(language_id(code, at=(i,)) for i, code in enumerate(codes))
    refuse_repeated(ids, "language")
    return ids


def _plain(value: str) -> str:
    if not value.strip():
        refuse("expected text, not nothing")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        refuse(f"{shown(value)} has a control character")
    return value


def _whole(value: object) -> object:
    """``3e6`` is a float in YAML and a whole number to people."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _named(value: str) -> str:
    if len(value) > 80 or not re.fullmatch(r"\w[\w.+-]*", value):
        refuse(f"{shown(value)} cannot be a name; expected at most 80 letters, digits, '_', '.', '+', '-'")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _label(value: object) -> object:
    if isinstance(value, bool | float):
        quoted = f'"{shown(value)}"'
        refuse(f"{shown(value)} is not text; labels are compared as they are in the file: write {quoted}")
    return str(value) if isinstance(value, int) else value


def _columns(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_columns(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, AfterValidator(_plain)]
Name = Annotated[str, AfterValidator(_named)]
Label = Annotated[Text, BeforeValidator(_label)]
Count = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(_whole)]
Whole = Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_whole)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Files = Annotated[tuple[Text, ...], StrictType(False), BeforeValidator(_listed)]
"""One path or several, relative to ``--data`` or to the experiment file."""
Columns = Annotated[
    Text | Annotated[tuple[Text, ...], StrictType(False), Field(min_length=1)], BeforeValidator(_columns)
]
"""A column by its name, or by its number where columns have no names; or several."""
Languages = Annotated[tuple[Text, ...], StrictType(False), AfterValidator(_language_ids)]
"""Ids of languages; a file may also use the benchmarks' codes."""
