"""``xstilts data overlap``: which texts of a test set a training text has as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import DataOption, JsonOption, existing_folder
from xstilts.cli.printing import note, print_json, print_table

if TYPE_CHECKING:
    from xstilts.data.overlap.verdicts import Item, Verdicts

COLUMNS = {
    "test": "test set",
    "examples": "examples",
    "share": "characters shared",
    "whole": "whole",
    "part": "in part",
    "parallel": "parallel",
    "too_short": "too short",
    "fields": "found alone",
}
FOUND = {"test": "test set", "example": "example", "share": "shared", "fields": "fields", "text": "text"}
WIDTH = 60
"""Characters of a text that are shown."""


def overlap(
    training: Annotated[
        str, typer.Argument(metavar="TRAINING", help="A task, TASK:SPLIT, a file, or a folder of xx.txt.")
    ],
    test: Annotated[str, typer.Argument(metavar="TEST", help="The same: its examples are looked for.")],
    data: DataOption = None,
    found: Annotated[int, typer.Option("--found", metavar="N", help="Also print N examples that were found.")] = 0,
    json: JsonOption = False,
) -> None:
    """How much of a test set a training text has as well.

    Shared: the share of the characters that lie in n-grams of both; n depends on the script. Whole: examples found with
    every field, in part: with some of them, parallel: only in another language of the test set. Too short: not looked
    for.
    """
    from xstilts.data.overlap.named import named_text
    from xstilts.data.overlap.verdicts import linked, verdicts

    root = existing_folder(data)
    read = named_text(training, root, training=True, where="TRAINING")
    tested = named_text(test, root, training=False, where="TEST")
    items = {place: list(of_part()) for place, of_part in tested.parts.items()}
    judged, characters = verdicts(items, read.texts)
    parallel = linked({place: (ids(items[place]), one) for place, one in judged.items()}, parallel=tested.parallel)
    rows: list[dict[str, Any]] = [
        {
            "test": place,
            "examples": one.examples,
            "share": one.share,
            "whole": len(one.whole),
            "part": len(one.part),
            "parallel": len(parallel[place]),
            "too_short": one.too_short,
            "by_field": one.by_field,
        }
        for place, one in judged.items()
    ]
    shown = _found(items, judged, found)
    if json:
        print_json({"training": training, "characters": characters, "test": rows, "found": shown})
        return
    print_table(
        [{**row, "fields": ", ".join(f"{name} {n:,}" for name, n in row["by_field"].items())} for row in rows], COLUMNS
    )
    print_table(shown, FOUND)
    note(f"{training}: {characters:,} letters, marks and digits were looked through")


def ids(items: Sequence[Item]) -> frozenset[str]:
    """Of all examples."""
    return frozenset(item.example_id for item in items)


def _found(items: Mapping[str, Sequence[Item]], judged: Mapping[str, Verdicts], most: int) -> list[dict[str, object]]:
    """The first examples of each part that were found, with the beginning of what was."""
    rows: list[dict[str, object]] = []
    for place, one in judged.items():
        texts = {item.example_id: dict(item.texts) for item in items[place]}
        for hit in [hit for hit in one.found if hit.fields][:most]:
            begin = texts[hit.example_id][hit.fields[0]][:WIDTH]
            said = {"test": place, "example": hit.example_id, "share": hit.share, "text": " ".join(begin.split())}
            rows.append({**said, "fields": ", ".join(hit.fields)})
    return rows
