"""What was run, on what, and how long it took: only what the run's record says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.provenance import RunInfo, Work, augmented, machine_values, reached_rows, work
from xstilts.analysis.table import Table
from xstilts.reports.numbers import counted, duration, listed, plain
from xstilts.reports.recipe import arm_texts, limit_text, pretraining_text, read_experiment, target_texts


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Names and values under one heading."""

    title: str
    items: tuple[tuple[str, str], ...]


def facts(table: Table, info: RunInfo) -> tuple[Facts, ...]:
    """Three lists; what is not recorded is left out, and so is an empty list."""
    found = {"What was run": _run(table, info), "Where it ran": _machine(info), "How long it took": _time(info)}
    cleaned = {
        title: tuple((plain(key), plain(value)) for key, value in items if value) for title, items in found.items()
    }
    return tuple(Facts(title=title, items=items) for title, items in cleaned.items() if items)


def summary(table: Table, info: RunInfo) -> tuple[str, ...]:
    """The run in a few words."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    languages = {cell.language for cell in table.cells}
    seeds = _seeds(table)
    failed = {(one.arm, one.target, one.language) for one in table.failed}
    parts = [
        info.model,
        f"{counted(len(arms), 'arm')} against {BASELINE}" if arms else "",
        counted(len(table.targets), "target") if table.targets else "",
        counted(len(languages), "language") if languages else "",
        counted(len(seeds), "seed") if seeds else "",
        counted(len(failed), "failed cell") if failed else "",
    ]
    return tuple(plain(part) for part in parts if part)


def _run(table: Table, info: RunInfo) -> Iterator[tuple[str, str]]:
    experiment = read_experiment(info.experiment)
    trained_on = target_texts(experiment)
    nodes = {"ran": info.ran, "cached": info.cached, "failed": info.failed, "not run": info.not_run}
    scored = sum(cell.mean is not None for cell in table.cells)
    yield "experiment", info.name
    yield "model", info.model
    yield "pretraining", pretraining_text(experiment)
    for arm, text in arm_texts(experiment).items():
        yield f"arm {arm}", text
    for target in table.targets:
        yield f"target {target}", "; ".join(filter(None, [_target(table, target), trained_on.get(target)]))
    yield "rows per training set", limit_text(experiment)
    yield "rows of the vocabulary that a training changed", _reached(info)
    yield "words of an augmented training set", _augmented(info)
    yield "seeds", ", ".join(map(str, _seeds(table)))
    yield "nodes", ", ".join(f"{number:,} {name}" for name, number in nodes.items())
    yield "cells", f"{scored:,} of {len(table.cells):,} have a score"
    yield "report made", info.created
    yield "xstilts", info.version


def _reached(info: RunInfo) -> str:
    """``6,169 to 18,225 of 250,037``: the others are out of reach of what was trained on."""
    spans = [
        f"{fewest:,} to {most:,} of {size:,}" if fewest < most else f"{most:,} of {size:,}"
        for fewest, most, size in reached_rows(info.machines)
    ]
    return "; ".join(spans)


def _augmented(info: RunInfo) -> str:
    """``812 of 2,004 have neighbours, 4,871 of 20,040 were replaced in the copies``, of each training set."""
    return "; ".join(
        f"{counted['with_neighbours']:,} of {counted['words']:,} have neighbours, "
        f"{counted['changed']:,} of {counted['words_of_copies']:,} were replaced in the copies"
        for counted in augmented(info.machines)
    )


def _target(table: Table, target: str) -> str:
    languages = table.languages(target)
    source = table.source_languages.get(target)
    metric = next(iter(table.metrics(target)), "")
    trained = f"trained in {source}" if source else "no training"
    return "; ".join(filter(None, [metric, counted(len(languages), "language"), trained]))


def _machine(info: RunInfo) -> Iterator[tuple[str, str]]:
    """Facts of the manifests; the version of xstilts is that of the nodes, which may be older than the report's."""
    for key, values in machine_values(info.machines).items():
        yield f"{key} of the nodes" if key == "xstilts" else key, listed(values)


def _time(info: RunInfo) -> Iterator[tuple[str, str]]:
    """The wall-clock time of this call, and the nodes' own time in any call, since most may come from the store."""
    if info.seconds is not None:
        yield "this call", f"{duration(info.seconds)}; {counted(info.ran, 'node')} ran"
    if info.tokens is not None:
        yield "tokens of this call", f"{info.tokens:,}"
    kinds = work(info.machines)
    if kinds:
        total = Work(
            kind="",
            nodes=sum(one.nodes for one in kinds),
            seconds=sum(one.seconds for one in kinds),
            tokens=sum(one.tokens for one in kinds),
        )
        yield "all nodes, including earlier calls", _took(total)
    for one in kinds:
        yield one.kind, _took(one)


def _took(one: Work) -> str:
    tokens = f", {one.tokens:,} tokens" if one.tokens else ""
    return f"{duration(one.seconds)} in {counted(one.nodes, 'node')}{tokens}"


def _seeds(table: Table) -> list[int]:
    return sorted({seed for cell in table.cells for seed in cell.seeds})
