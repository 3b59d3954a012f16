"""Contenders that take turns, each run in a process of its own; medians, ratios, and what the processor could do.

A bench script names its contenders, what they share, and calls ``main``; each run starts the script again as a worker.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

Contender = Callable[[argparse.Namespace], dict[str, float]]


def parser(description: str) -> argparse.ArgumentParser:
    """The options that every script has."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--threads", type=int, default=os.cpu_count())
    made.add_argument("--work", type=Path, default=Path(".xstilts/bench"), help="where inputs are kept")
    made.add_argument("--json", type=Path)
    made.add_argument("--worker", help=argparse.SUPPRESS)
    return made


def main(given: argparse.Namespace, contenders: Mapping[str, Contender]) -> dict[str, Any]:
    """Runs the rounds and prints a table; in a worker, one contender. The first contender is ours.

    A contender gives ``seconds`` and what else is to be compared; seconds of processor time and the peak of memory are
    measured here. On a machine that others use too, the ratios of processor time are steadier than those of the clock.
    """
    if given.worker:
        found = contenders[given.worker](given) if given.worker in contenders else _ceilings(given.threads)
        own, children = (resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        found["peak_gib"] = max(own.ru_maxrss, children.ru_maxrss) / 2**20
        print("RESULT " + json.dumps(found))
        return found
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in [*contenders, "ceilings"]}
    for number in range(given.rounds):
        for name, found in runs.items():
            found.append(_worker(name, given))
            print(f"round {number + 1}, {name}: {_line(found[-1])}", file=sys.stderr, flush=True)
    medians = {
        name: {key: median(run[key] for run in found) for key in found[0]} for name, found in runs.items() if found
    }
    result = {
        "settings": {name: str(value) for name, value in vars(given).items()},
        "medians": medians,
        "ratios": {
            name: {
                clock: median(theirs[clock] / ours[clock] for ours, theirs in zip(runs[first], runs[name], strict=True))
                for clock in ("seconds", "processor_seconds")
            }
            for first in [next(iter(contenders))]
            for name in contenders
        },
        "runs": runs,
    }
    _print(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))
    return result


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What ``work`` gives, and its seconds by the clock and of all processors (children that ended included)."""
    before, processor = time.perf_counter(), sum(os.times()[:4])
    done = work()
    return done, {"seconds": time.perf_counter() - before, "processor_seconds": sum(os.times()[:4]) - processor}


def _worker(name: str, given: argparse.Namespace) -> dict[str, float]:
    threads = str(given.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "RAYON_NUM_THREADS": threads, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, *sys.argv, "--worker", name]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return dict(json.loads(line.removeprefix("RESULT ")))


def _ceilings(threads: int) -> dict[str, float]:
    """GFLOP/s of square matrix products, the best of some: the most that this machine gives at this moment."""
    import torch

    torch.set_num_threads(threads)
    found = {}
    for name, dtype in (("fp32_gflops", torch.float32), ("bf16_gflops", torch.bfloat16)):
        one = torch.randn(2048, 2048).to(dtype)
        best = min(timed(lambda one=one: one @ one.T)[1]["seconds"] for _ in range(8))
        found[name] = 2 * 2048**3 / best / 1e9
    return found


def _print(result: Mapping[str, Any]) -> None:
    print("| contender | s | processor s | peak GiB | ratio | ratio of processor time | also |")
    print("|---|---|---|---|---|---|---|")
    for name, ratio in result["ratios"].items():
        own = dict(result["medians"][name])
        columns = [own.pop(key) for key in ("seconds", "processor_seconds", "peak_gib")]
        shown = [*(f"{value:.2f}" for value in columns), *(f"{value:.2f}" for value in ratio.values())]
        print(f"| {name} | {' | '.join(shown)} | {_line(own)} |")
    print("ceilings: " + _line(result["medians"]["ceilings"]))


def _line(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:,.6g}" for name, value in found.items())
