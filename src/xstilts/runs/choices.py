"""Of what a submission is: which arm, seed, targets and benchmark, where the user leaves it open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from xstilts.errors import ConfigError, UnknownName, UserError
from xstilts.experiments.arms import BASELINE
from xstilts.leaderboard import benchmarks
from xstilts.leaderboard.benchmarks import BENCHMARKS, Benchmark
from xstilts.runs.results import Results

Cell = Mapping[str, Any]
"""A cell of a run's record."""


def arm(cells: Iterable[Cell], given: str | None, notes: list[str]) -> str:
    """The arm: the one given, or the baseline, never the best, which would be chosen on the test set.

    Raises:
        UnknownName: the run has no such arm.
    """
    arms = list(dict.fromkeys(cell["arm"] for cell in cells))
    if given is not None:
        if given not in arms:
            raise UnknownName("arm", given, arms, where="--arm")
        return given
    chosen = BASELINE if BASELINE in arms else arms[0]
    if len(arms) > 1:
        others = ", ".join(one for one in arms if one != chosen)
        notes.append(
            f"--arm was not given, so this is {chosen}, without intermediate training; the run also has {others}"
        )
    return chosen


def seed(cells: Iterable[Cell], arm: str, given: int | None, notes: list[str]) -> int | None:
    """The seed: the one given, or the run's first; None where nothing of the arm depends on one.

    Raises:
        UnknownName: the run has no such seed.
    """
    seeds = list(dict.fromkeys(c["seed"] for c in cells if c["arm"] == arm and c["seed"] is not None))
    if given is not None and given not in seeds:
        raise UnknownName("seed", str(given), map(str, seeds), where="--seed")
    if given is None and len(seeds) > 1:
        others = ", ".join(map(str, seeds[1:]))
        notes.append(f"--seed was not given, so this is {seeds[0]}; the run also has {others}")
    return given if given is not None else next(iter(seeds), None)


def by_task(cells: Iterable[Cell], results: Results, *, run: str, notes: list[str]) -> dict[str, list[Cell]]:
    """Registered task → its cells; of several targets on one task that which bears its name.

    Raises:
        UserError: none of several targets does.
    """
    found: dict[str, dict[str, list[Cell]]] = {}
    for cell in cells:
        task = results.task(cell["node"]) or (cell["target"] if cell["failure"] else None)
        if task is not None:
            found.setdefault(task, {}).setdefault(cell["target"], []).append(cell)
    chosen = {}
    for task, targets in found.items():
        if len(targets) > 1 and task not in targets:
            raise UserError(f"the run {run} has several targets on {task}: {', '.join(targets)}; none is named {task}")
        if len(targets) > 1:
            others = ", ".join(name for name in targets if name != task)
            notes.append(f"of the targets on {task}, the one with that name is written, not {others}")
        chosen[task] = targets.get(task) or next(iter(targets.values()))
    return chosen


def benchmark(given: str | None, by_task: Mapping[str, object], notes: list[str]) -> Benchmark:
    """The benchmark: the one given, or that which has a task of the run alone, else XTREME.

    Raises:
        UnknownName: there is no such benchmark.
        ConfigError: the run has tasks of one and of the other.
    """
    if given is not None:
        return benchmarks.find(given, where="--benchmark")
    shared = set.intersection(*(set(one.tasks) for one in BENCHMARKS.values()))
    own = {name: [t for t in one.tasks if t in by_task and t not in shared] for name, one in BENCHMARKS.items()}
    both = [name for name, tasks in own.items() if tasks]
    if len(both) > 1:
        shown = "; ".join(f"{', '.join(own[name])} ({name})" for name in both)
        raise ConfigError(f"the run has tasks of two benchmarks: {shown}", where="submit", hint="give --benchmark")
    chosen = BENCHMARKS[both[0] if both else "xtreme"]
    notes.append(f"--benchmark was not given, so this is {chosen.name}")
    return chosen
