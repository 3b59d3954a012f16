"""The right one of several choices that follow a prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xstilts.reading.columns import LABEL, Gold, Header, Roles, first_of
from xstilts.reading.examples import Choice
from xstilts.reading.labels import whole_number
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Kind

PROMPT = ("prompt", "context", "ctx", "premise", "passage", "question", "stem")
_LISTS = first_of("choices", "endings", "options", "alternatives")
_NUMBERED = re.compile(r"(choice|answer|ending|option|alternative)_?([0-9]+|[a-z])", re.IGNORECASE)


def _prompt(header: Header) -> list[str]:
    """A question on a text reads as the text, then the question."""
    names = header.free(*PROMPT)
    if names[:1] == ["prompt"]:
        return names[:1]
    return names[:1] + [name for name in names[1:] if name.lower() == "question"]


def _choices(header: Header) -> list[str]:
    """A column of lists; else ``choice0``, ``choice1`` …: the columns of the word that has most of them, in order."""
    if lists := _LISTS(header):
        return lists
    groups: dict[str, list[tuple[tuple[int, str], str]]] = {}
    for name in header.columns:
        if match := _NUMBERED.fullmatch(name):
            mark = match[2].lower()
            number = whole_number(mark)
            order = (number, "") if number is not None else (0, mark)
            groups.setdefault(match[1].lower(), []).append((order, name))
    best = max(groups.values(), key=len, default=[])
    return [name for _, name in sorted(best)] if len(best) > 1 else []


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Choice:
    columns = places["choices"]
    choices = row.cells.get(columns[0]) if len(columns) == 1 else [row.cells.get(column) for column in columns]
    if isinstance(choices, Mapping):  # CommonsenseQA on the hub: texts, and a name for each
        choices = choices.get("text")
    if not isinstance(choices, list) or len(choices) < 2 or not all(isinstance(c, str) and c for c in choices):
        raise row.error(f"at least two choices, all texts, are expected in {', '.join(columns)}")
    label = gold(row, row.cells.get(places["label"][0]))
    number = whole_number(label)
    if label is not None and number not in range(len(choices)):
        raise row.error(
            f"label {label!r} is not a choice: they count from 0 to {len(choices) - 1}",
            hint="with `labels: [A, B, …]` any other names can represent the choices in order",
        )
    return Choice(
        example_id="",
        cluster_id="",
        prompt=" ".join(text(row, column) for column in places["prompt"]),
        choices=tuple(choices),
        label=number,
    )


KIND = Kind(
    title="The right one of several choices",
    example=Choice,
    gold=lambda example: example.label,
    parts=lambda label: (label,),
    metric="accuracy",
    metrics=("accuracy",),
    roles=Roles(
        find={"prompt": _prompt, "choices": _choices, "label": LABEL},
        build=_read,
        written=("choices",),
        labels_are_choices=True,
    ),
    characters=400,
    repeated=600,  # half of the characters of an example, before each of three further choices
    written=5,
)
