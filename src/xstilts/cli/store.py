"""``xstilts store``: what the store holds, whether it is intact, and what can be removed."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xstilts.cli.options import JsonOption, StoreOption
from xstilts.cli.printing import bytes_text, note, print_json, print_table, say
from xstilts.errors import ConfigError

if TYPE_CHECKING:
    from xstilts.pipeline.store import Store

app = typer.Typer(no_args_is_help=True, help="List, verify or clean the store of results.")


@app.command("ls")
def ls(store: StoreOption = None, json: JsonOption = False) -> None:
    """List what the store holds."""
    rows = [_row(manifest) for manifest in _existing(store).ls()]
    if json:
        print_json(rows)
        return
    shown = [{**row, "key": row["key"][:12], "bytes": bytes_text(row["bytes"])} for row in rows]
    print_table(shown, {"key": "key", "kind": "kind", "bytes": "size", "created": "created", "label": "label"})
    note(f"{len(rows)} entries, {bytes_text(sum(row['bytes'] for row in rows))}")


@app.command("verify")
def verify(store: StoreOption = None, json: JsonOption = False) -> None:
    """Read every file and compare it with its SHA-256.

    Exit code 1 if any file is damaged. A damaged entry is computed again by the next run that has it in its graph.
    """
    results = _existing(store)
    damaged = [{"key": key, "problem": problem} for key, problem in results.verify()]
    entries = sum(1 for _ in results.ls())
    if json:
        print_json({"entries": entries, "damaged": damaged})
    else:
        print_table(damaged, {"key": "key", "problem": "problem"})
        say(f"{entries} entries are readable, {len(damaged)} damaged")
    if damaged:
        raise typer.Exit(1)


@app.command("gc")
def gc(
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="RUN", help="Remove every result that no kept run uses. May be repeated."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Remove every result that no active run uses.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Remove what killed runs left behind.

    With --keep or --all, results as well. What an active run uses is always kept.
    """
    if keep and all_:
        raise ConfigError("--keep and --all exclude each other")
    results = _existing(store)
    entries, freed = results.gc(_kept(results, keep or [], everything=not (keep or all_)), dry_run=dry_run)
    if json:
        print_json({"entries": entries, "bytes": freed, "dry_run": dry_run})
    else:
        say(f"{'would remove' if dry_run else 'removed'} {entries} entries, {bytes_text(freed)}")


def _existing(location: str | None) -> Store:
    from xstilts.runs import folders

    store = folders.store_at(location)
    if store.location == str(store.root) and not store.root.is_dir():
        raise ConfigError("there is no store here", where=store.root, hint="--store DIR|URL names another store")
    return store


def _row(manifest: dict[str, Any]) -> dict[str, Any]:
    size = sum(file["bytes"] for file in manifest["files"].values())
    return {name: manifest[name] for name in ("key", "kind", "label", "created")} | {"bytes": size}


def _kept(results: Store, runs: list[str], *, everything: bool) -> set[str]:
    """The keys of all results that stay: all of them, or those that the runs name with all they were made from."""
    if everything:
        return {manifest["key"] for manifest in results.ls()}
    kept: set[str] = set()
    waiting = [key for run in runs for key in _keys_of(run)]
    while waiting:
        key = waiting.pop()
        if key not in kept:
            kept.add(key)
            if results.has(key):
                waiting.extend(results.manifest(key)["parents"].values())
    return kept


def _keys_of(run: str) -> Iterator[str]:
    """Every key of a node that a run's record names."""
    from xstilts.runs import folders

    for file in (Path(run) / "run.json", Path(run), folders.default_out(run) / "run.json"):
        if file.is_file():
            try:
                record = json_format.loads(file.read_bytes())
            except ValueError:
                raise ConfigError("not the record of a run", where=file) from None
            yield from _keys_in(record)
            return
    raise ConfigError("no such run: expected a name or an output folder with a run.json", where=f"--keep {run}")


def _keys_in(record: object) -> Iterator[str]:
    if isinstance(record, str):
        if len(record) == 64 and not set(record) - set("0123456789abcdef"):
            yield record
    elif isinstance(record, dict):
        for key, value in record.items():
            yield from _keys_in(key)
            yield from _keys_in(value)
    elif isinstance(record, list):
        for value in record:
            yield from _keys_in(value)
