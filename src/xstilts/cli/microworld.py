"""``xstilts microworld``: the languages of the built-in world, and sample sheets to be read critically.

Of a word of a language that people speak its tag is shown; of one that was made up what its pieces mean.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import print_json, print_table, say

COLUMNS = {"id": "id", "name": "language", "morphology": "morphology", "word_order": "word order", "unsure": "unsure"}


def microworld(
    language: Annotated[
        str | None, typer.Argument(metavar="LANG", help="A language: fin-Latn, or fi.", show_default=False)
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the languages of the microworld.")] = False,
    sample: Annotated[int, typer.Option("--sample", min=1, help="Number of sentences.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sentences.")] = 1,
    json: JsonOption = False,
) -> None:
    """Show the built-in multilingual world: its languages, and sentences with their English."""
    if listed or language is None:
        rows = _languages()
        print_json(rows) if json else print_table(rows, COLUMNS)
        return
    name = _identified(language)
    sentences, unsure = _sample(name, sample, seed)
    if json:
        print_json({"language": name, "sentences": sentences, "unsure": unsure})
        return
    for row in sentences:
        if "glosses" in row:
            say("\n    ".join((row["english"], row["text"], *row["glosses"])))
            continue
        tagged = " ".join(f"{word}/{tag}" for word, tag in zip(row["words"], row["tags"], strict=True))
        say(f"{row['english']}\n    {row['text']}\n    {tagged}")
    for line in unsure:
        say(f"unsure: {line}")


def _sample(language: str, count: int, seed: int) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    from xstilts.microworld import glosses, grammar, sheets

    rows = [
        {"english": english.text, "text": said.text, "words": said.words, "tags": said.tags, "entities": said.entities}
        | ({"glosses": glosses.interlinear(language, said)} if language in grammar.constructed() else {})
        for english, said in sheets.rows(language, count, seed=seed)
    ]
    return rows, grammar.load(language).unsure


def _identified(name: str) -> str:
    """The id of a language of the world, given by id or by a benchmark's code.

    Raises:
        UnknownName: the microworld does not speak it.
    """
    from xstilts import languages
    from xstilts.errors import UnknownName
    from xstilts.microworld import grammar

    known = (*grammar.known(), *grammar.constructed())
    by_code = {code: one for one in known for code in languages.get(one).codes.values()}
    if name not in known and name not in by_code:
        raise UnknownName("language of the microworld", name, known)
    return by_code.get(name, name)


def _languages() -> list[dict[str, Any]]:
    from xstilts import languages
    from xstilts.microworld import grammar

    rows = []
    for name in (*grammar.known(), *grammar.constructed()):
        language = languages.get(name)
        row = {"id": name, "name": language.name, "morphology": language.morphology, "word_order": language.word_order}
        rows.append({**row, "unsure": len(grammar.load(name).unsure)})
    return rows
