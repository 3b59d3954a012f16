"""``xstilts data``: what a data folder holds, compared with the published sizes, and what tokenizers make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import DataOption, JsonOption, existing_folder
from xstilts.cli.overlap import overlap
from xstilts.cli.printing import as_json, note, print_json, print_table
from xstilts.errors import ConfigError

COLUMNS = {
    "task": "task",
    "split": "split",
    "language": "language",
    "count": "examples",
    "published": "published",
    "status": "status",
}
TOKENS = {
    "text": "text",
    "model": "tokenizer of",
    "language": "language",
    "segments": "segments",
    "tokens": "tokens",
    "premium": "premium",
    "fertility": "fertility",
    "continued": "continued",
    "tokens_per_character": "tokens/character",
}
app = typer.Typer(no_args_is_help=True, help="Check data files, and what tokenizers make of them.")
app.command("overlap")(overlap)


@app.callback()
def _data() -> None:
    """Check data files, and what tokenizers make of them."""


@app.command("check")
def check(
    task: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Tasks to check.  [default: all that are read]")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Read every split of every language, and compare the counts with the published sizes.

    Exit code 2 if a file cannot be read; a count that differs is only shown.
    """
    from xstilts import registry
    from xstilts.data import checking, discovery

    root = existing_folder(data)
    chosen = {name: registry.find("tasks", name) for name in task or registry.names("tasks")}
    if not task:  # what the package makes itself is not in a data folder
        chosen = {name: found for name, found in chosen.items() if not found.made}
    if root is None and not all(found.made for found in chosen.values()):
        raise ConfigError("name the folder that holds the data", where="data check", hint="--data DIR")
    rows = [{"task": name, **as_json(row)} for name, found in chosen.items() for row in checking.check(found, root)]
    if json:
        print_json(rows)
    else:
        print_table([row for row in rows if row["status"] != "unreadable"], COLUMNS)
    for row in rows:
        for remark in row["notes"]:
            kind = "error" if row["status"] == "unreadable" else "note"
            note(f"{kind}: {row['task']} {row['split']} {row['language']}: {remark}")
    present = {row["task"] for row in rows}
    if absent := [name for name in chosen if name not in present]:
        note(f"no files of {', '.join(absent)} below {root}")
    for name, found in chosen.items():
        for remark in discovery.discover(found, root).notes:
            note(f"note: {name}: {remark}")
    if any(row["status"] == "unreadable" for row in rows):
        raise typer.Exit(ConfigError.exit_code)


@app.command("tokens")
def tokens(
    model: Annotated[
        list[str],
        typer.Option("--model", help="family:checkpoint, a hub id, or a folder. May be repeated.", show_default=False),
    ],
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help="A parallel task, or a folder of set.xx.txt.", show_default=False),
    ],
    reference: Annotated[
        str, typer.Option("--reference", metavar="LANG", help="The language to which the premium is relative.")
    ] = "eng-Latn",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What tokenizers make of every language of a parallel text.

    Premium: tokens over those of the reference language in the same text. Fertility: sub-words a word; continued: the
    share of words that are split. Scripts without blanks have neither, but tokens per character.
    """
    from xstilts import languages
    from xstilts.models.named_tokenizer import named_tokenizer
    from xstilts.phases.parallel_text import parallel_texts
    from xstilts.phases.tokenizer_measures import measures
    from xstilts.pipeline.revisions import LOCK

    root = existing_folder(data)
    known = languages.understood(reference)
    against = known.id if known else languages.get(reference, where="--reference").id
    texts = [one for name in text for one in parallel_texts(name, root, Path(), where="data tokens")]
    tokenizers = {name: named_tokenizer(name, lock=Path(LOCK)) for name in model}
    rows = [
        {"model": name, **as_json(found)}
        for one in texts
        for name, tokenizer in tokenizers.items()
        for found in measures(tokenizer, one, reference=against, where="--reference")
    ]
    print_json(rows) if json else print_table(rows, TOKENS)
