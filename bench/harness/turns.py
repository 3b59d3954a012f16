"""Contenders that take turns, each run in a process of its own; medians, and the ratios of each round.

A script says what is compared and calls `main`; each run starts the script again as a worker. On a machine that others
use too, ratios of processor time are steadier than those of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from harness import machine
from harness.verdicts import Verdict, table

Found = dict[str, Any]
"""What a run found: ``seconds``, ``processor_seconds``, how many ``units`` were done in them, and what else counts."""
Runs = dict[str, dict[str, list[Found]]]
"""Part → contender → what each round found."""
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is compared.

    Attributes:
        work: what is done, in a few words.
        unit: of what is done.
        contenders: name → what does a part, given the options; the first is ours.
        optional: contenders that run only where they are asked for.
        parts: what the work consists of.
        apart: whether each part has a process of its own.
        note: what the table says of the conditions.
    """

    work: str
    unit: str
    contenders: Mapping[str, Callable[[argparse.Namespace, str], Found]]
    optional: frozenset[str] = frozenset()
    parts: tuple[str, ...] = (ALL,)
    apart: bool = True
    note: str = ""


@dataclass
class Result:
    """What all rounds found.

    Attributes:
        rows: per part and contender the medians, and how many times as fast the first contender is.
        ceilings: of each round.
    """

    rows: list[dict[str, Any]]
    ceilings: list[dict[str, float]]
    runs: Runs
    verdicts: list[Verdict] = field(default_factory=list)

    def of(self, contender: str, part: str = ALL) -> dict[str, Any] | None:
        """The row of a contender that ran."""
        return next((row for row in self.rows if (row["contender"], row["part"]) == (contender, part)), None)


def main(given: argparse.Namespace, comparison: Comparison, judge: Callable[[Result], list[Verdict]]) -> Result | None:
    """Runs the rounds, prints their tables and writes them; in a worker, one contender (and gives None)."""
    if given.worker:
        _work(given, comparison)
        return None
    runs, ceilings = _rounds(given, comparison)
    result = Result(rows=rows_of(runs, ceilings, comparison, given.clock), ceilings=ceilings, runs=runs)
    # At the smallest scale nothing is promised: it shows that a comparison runs.
    result.verdicts = [replace(v, target=None) if given.scale == "tiny" else v for v in judge(result)]
    print(as_table(result, given, comparison), end="\n\n")
    print(table(verdict.row() for verdict in result.verdicts))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(_record(result, given, comparison), indent=1, ensure_ascii=False))
    return result


def rows_of(runs: Runs, ceilings: list[dict[str, float]], comparison: Comparison, clock: str) -> list[dict[str, Any]]:
    """Per part and contender: the median of every number, the median of the rounds' ratios to the first contender."""
    rows, ours = [], next(iter(comparison.contenders))
    together = {ALL: _together(runs)} if list(runs) != [ALL] else {}
    for part, of_part in [*runs.items(), *together.items()]:
        for name, found in of_part.items():
            row: dict[str, Any] = {"part": part, "contender": name}
            keys = [key for key, value in found[0].items() if isinstance(value, int | float)]
            row.update({key: median(one[key] for one in found) for key in keys})
            rates = [_rate(one, clock) for one in found]
            row["per_second"] = median(rates)
            if "flops" in row and clock == "wall":
                pairs = zip(found, ceilings, strict=True)
                row["share_of_bf16_ceiling"] = median(o["flops"] / o["seconds"] / (c["bf16"] * 1e9) for o, c in pairs)
            for key, by in (("xstilts_is_faster", clock), ("xstilts_is_faster_by_processor_time", "cpu")):
                if ours in of_part:
                    pairs = zip(of_part[ours], found, strict=True)
                    row[key] = median(_rate(mine, by) / _rate(theirs, by) for mine, theirs in pairs)
            rows.append(row)
    return rows


def as_table(result: Result, given: argparse.Namespace, comparison: Comparison) -> str:
    """The rows as Markdown; numbers of the comparison's own in the last column."""
    bf16, fp32 = (median(one[name] for one in result.ceilings) for name in ("bf16", "fp32"))
    shares = any("share_of_bf16_ceiling" in row for row in result.rows)
    heads = ["part", "contender", f"{comparison.unit}/s", *(["of the bf16 ceiling"] if shares else []), "peak MiB"]
    lines = [
        f"{comparison.work}: {given.threads} threads, medians of {given.rounds} rounds, seconds of the {given.clock} "
        f"clock. Matrix products: {bf16:,.0f} GFLOP/s in bf16, {fp32:,.0f} in fp32. {comparison.note}",
        "",
        "| " + " | ".join([*heads, "xstilts is faster", "by processor time", "also"]) + " |",
        "|" + "---|" * (len(heads) + 3),
    ]
    own = {"part", "contender", "seconds", "processor_seconds", "units", "per_second", "peak_mib", "flops"}
    own |= {"share_of_bf16_ceiling", "xstilts_is_faster", "xstilts_is_faster_by_processor_time"}
    for row in result.rows:
        also = ", ".join(f"{name} {value:,.5g}" for name, value in row.items() if name not in own)
        share = [f"{row['share_of_bf16_ceiling']:.0%}"] if shares else []
        faster = [f"{row[key]:.1f}×" if key in row else "" for key in sorted(own) if key.startswith("xstilts_is")]
        numbers = [f"{row['per_second']:,.0f}", *share, f"{row['peak_mib']:,.0f}", *faster, also]
        lines.append(f"| {row['part']} | {row['contender']} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def ratio(result: Result, comparison: Comparison, against: str, *, target: float | None) -> list[Verdict]:
    """How many times as fast the first contender is as another; nothing where one of them did not run."""
    row = result.of(against)
    if row is None or "xstilts_is_faster" not in row:
        return []
    return [Verdict(work=comparison.work, against=against, value=row["xstilts_is_faster"], target=target)]


def contender_of(given: argparse.Namespace) -> str:
    """Whose run this worker is."""
    return str(json.loads(given.worker)[0])


def _rounds(given: argparse.Namespace, comparison: Comparison) -> tuple[Runs, list[dict[str, float]]]:
    names = [name for name in comparison.contenders if name not in comparison.optional]
    if given.contenders:
        names = [list(comparison.contenders)[int(number)] for number in given.contenders.split(",")]
    runs: Runs = {part: {name: [] for name in names} for part in comparison.parts}
    groups = [(part,) for part in comparison.parts] if comparison.apart else [comparison.parts]
    ceilings = []
    for number in range(given.rounds):
        ceilings.append(_process(given, "", ()))
        for parts in groups:
            for name in names:
                for part, found in _process(given, name, parts).items():
                    runs[part][name].append(found)
                    note = f"{_rate(found, given.clock):,.0f} {comparison.unit}/s, {found['peak_mib']:,.0f} MiB"
                    print(f"round {number + 1}, {part}, {name}: {note}", file=sys.stderr, flush=True)
    return runs, ceilings


def _process(given: argparse.Namespace, contender: str, parts: tuple[str, ...]) -> dict[str, Any]:
    """Part → what a contender finds in a process of its own; without a contender, the ceilings."""
    threads = str(given.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "RAYON_NUM_THREADS": threads, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, *sys.argv, "--worker", json.dumps([contender, *parts])]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return dict(json.loads(line.removeprefix("RESULT ")))


def _work(given: argparse.Namespace, comparison: Comparison) -> None:
    contender, *parts = json.loads(given.worker)
    if not contender:
        print("RESULT " + json.dumps(machine.ceilings(given.threads)))
        return
    found = {}
    for part in parts:
        found[part] = comparison.contenders[contender](given, part)
        found[part] = {**machine.peaks(), **found[part]}
    print("RESULT " + json.dumps(found))


def _rate(found: Mapping[str, float], clock: str) -> float:
    return found["units"] / found["seconds" if clock == "wall" else "processor_seconds"]


def _together(runs: Runs) -> dict[str, list[Found]]:
    """All parts one after another."""
    found: dict[str, list[Found]] = {}
    for name in next(iter(runs.values())):
        for rounds in zip(*(of_part[name] for of_part in runs.values()), strict=True):
            keys = [
                key for key in ("units", "seconds", "processor_seconds", "flops") if all(key in one for one in rounds)
            ]
            sums = {key: sum(one[key] for one in rounds) for key in keys}
            found.setdefault(name, []).append({**sums, "peak_mib": max(one["peak_mib"] for one in rounds)})
    return found


def _record(result: Result, given: argparse.Namespace, comparison: Comparison) -> dict[str, Any]:
    return {
        "work": comparison.work,
        "settings": {name: str(value) for name, value in vars(given).items() if name != "worker"},
        "machine": machine.facts(given.threads),
        "ceilings": result.ceilings,
        "verdicts": [verdict.row() for verdict in result.verdicts],
        "rows": result.rows,
        "runs": result.runs,
    }
