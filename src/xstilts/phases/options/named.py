"""Keys that name one of several things and give its options: ``fgm``, or ``{name: fgm, epsilon: 0.5}``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from xstilts.phases.options.validation import problems, refuse, refuse_unknown, shown


def checked_name(
    given: object, what: str, known: Collection[str], options_of: Callable[[str], type[BaseModel]]
) -> dict[str, Any]:
    """The name and the options that are given; ends a validator where they cannot be meant.

    Args:
        given: the name alone, or keys with it.
        what: a noun for what is named; it begins with a vowel.
        known: the names that there are.
        options_of: the options of one of them.
    """
    keys = {"name": given} if isinstance(given, str) else given
    if not isinstance(keys, Mapping):
        refuse(f"expected the name of an {what}, or {{name: …}} with its options, not {shown(given)}")
    if "name" not in keys:
        refuse(f"key 'name' is missing: which {what}")
    name = keys["name"]
    if not isinstance(name, str):
        refuse(f"expected text, not {shown(name)}", at=("name",))
    if name not in known:
        refuse_unknown(what, name, known, at=("name",))
    model = options_of(name)
    options = {key: value for key, value in keys.items() if key != "name" and value is not None}
    for key in options:
        if key not in model.model_fields:
            refuse_unknown("key", str(key), ("name", *model.model_fields), at=(str(key),))
    try:
        model(**options)
    except ValidationError as error:
        first = problems(error, options)[0]
        refuse(first.message, at=first.path)
    return {"name": name, **options}


def recorded_name(keys: object) -> Mapping[str, Any] | None:
    """The same keys in the record of a finished run; None where it names nothing."""
    if isinstance(keys, str):
        return {"name": keys}
    return keys if isinstance(keys, Mapping) and isinstance(keys.get("name"), str) else None
