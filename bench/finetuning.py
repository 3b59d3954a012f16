"""Fine-tuning: xstilts' loop against transformers' Trainer, at its defaults and at its best documented settings.

python bench/finetuning.py --data DIR [--rounds 3] [--threads 2] [--tokens 20000] [--json FILE]

Contenders take turns, each run in a process of its own; medians over the rounds are printed. On a GPU:
``python bench/finetuning.py --data DIR --shape large --tokens 400000``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import workload

CONTENDERS = {
    "xstilts": {"call": "ours", "precision": "bf16"},
    "Trainer, best settings": {"call": "trainer", "best": True},
    "Trainer, defaults": {"call": "trainer", "best": False},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder with xnli/, udpos/, tydiqa/")
    parser.add_argument("--work", default=".xstilts/bench", help="where rows and the drawn model are kept")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: processor time, for 1 thread")
    parser.add_argument("--tokens", type=int, default=20_000, help="about the real tokens trained per run")
    parser.add_argument("--shape", choices=workload.SHAPES, default="small")
    parser.add_argument("--tasks", default=",".join(workload.WORKS))
    parser.add_argument("--contenders", default=",".join(map(str, range(len(CONTENDERS)))))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        print("RESULT " + json.dumps(_work(json.loads(given.worker))))
        return
    runs, ceilings = _rounds(given)
    rows = summary(runs, ceilings, given.shape)
    print(table(rows, ceilings, given))
    if given.json:
        settings = {name: str(value) for name, value in vars(given).items()}
        given.json.write_text(json.dumps({"settings": settings, "rows": rows, "ceilings": ceilings, "runs": runs}))


def _rounds(given: argparse.Namespace) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """Task → contender → what each round found; and the ceilings of each round."""
    data, folder = workload.data_folder(given.data), Path(given.work)
    workload.prepared(data, folder)
    workload.checkpoint(folder, given.shape)
    chosen = [list(CONTENDERS)[int(index)] for index in given.contenders.split(",")]
    runs: dict[str, Any] = {task: defaultdict(list) for task in given.tasks.split(",")}
    ceilings = []
    shared = {name: str(getattr(given, name)) for name in ("work", "shape")} | {"data": str(data)}
    for number in range(given.rounds):
        shared |= {"threads": given.threads, "tokens": given.tokens, "clock": given.clock}
        ceilings.append(process({**shared, "call": "ceiling"}))
        for task, of_task in runs.items():
            for name in chosen:
                of_task[name].append(found := process({**shared, **CONTENDERS[name], "task": task}))
                note = f"{found['tokens_per_second']:.0f} tokens/s, {found['peak_mib']:.0f} MiB"
                print(f"round {number + 1}: {task}, {name}: {note}, loss {found['loss']:.4f}", file=sys.stderr)
    return runs, ceilings


def process(spec: dict[str, Any], script: str = __file__) -> dict[str, Any]:
    """What a worker with this specification finds, in a process of its own."""
    threads = str(spec["threads"])
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, script, "--worker", json.dumps(spec)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return dict(json.loads(line.removeprefix("RESULT ")))


def _work(spec: dict[str, Any]) -> dict[str, Any]:
    if spec["call"] == "ours":
        import xstilts.phases.dispatch  # noqa: F401 – what a worker process sets up before torch is loaded
    import contenders

    if spec["call"] == "ceiling":
        return contenders.ceiling(spec)
    folder, work = Path(spec["work"]), workload.WORKS[spec["task"]]
    rows = workload.read(workload.prepared(Path(spec["data"]), folder)[spec["task"]]["train"])
    held_out = workload.examples(rows, contenders.HELD_OUT)
    # Whole batches: everyone trains the same examples in the same number of steps.
    batches = max(contenders.SKIPPED + 2, round(spec["tokens"] / (rows.lengths.mean() * work.batch_size)))
    train = workload.examples(rows, batches * work.batch_size, start=contenders.HELD_OUT)
    start = workload.checkpoint(folder, spec["shape"])
    return dict(getattr(contenders, spec["call"])(work, train, held_out, start, spec))


def summary(runs: dict[str, Any], ceilings: list[dict[str, float]], shape: str) -> list[dict[str, Any]]:
    """Medians over the rounds, per task and contender; ratios are medians of each round's ratio."""
    flops = 3 * workload.product_flops(shape)
    rows = []
    for task, of_task in [*runs.items(), ("all", _together(runs))]:
        for name, found in of_task.items():
            rate = [one["tokens_per_second"] for one in found]
            row = {"task": task, "contender": name, "tokens_per_second": median(rate)}
            shares = [r * flops / (c["bf16"] * 1e9) for r, c in zip(rate, ceilings, strict=True)]
            row |= {"share_of_bf16_ceiling": median(shares), "peak_mib": median(one["peak_mib"] for one in found)}
            row["loss"] = median(one["loss"] for one in found) if task != "all" else None
            if mine := of_task.get("xstilts"):
                row["xstilts_is_faster"] = median(m["tokens_per_second"] / r for m, r in zip(mine, rate, strict=True))
            rows.append(row)
    return rows


def _together(runs: dict[str, Any]) -> dict[str, list[dict[str, float]]]:
    """All tasks one after another: tokens of all by seconds of all."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for name in next(iter(runs.values())):
        for rounds in zip(*(of_task[name] for of_task in runs.values()), strict=True):
            tokens, seconds = (sum(one[key] for one in rounds) for key in ("tokens", "seconds"))
            peak = max(one["peak_mib"] for one in rounds)
            found[name].append({"tokens_per_second": tokens / seconds, "peak_mib": peak})
    return found


def table(rows: list[dict[str, Any]], ceilings: list[dict[str, float]], given: argparse.Namespace) -> str:
    """The summary as Markdown."""
    bf16, fp32 = (median(one[name] for one in ceilings) for name in ("bf16", "fp32"))
    run = f"Threads: {given.threads}, seconds of the {given.clock}, medians of {given.rounds} rounds."
    lines = [
        f"{run} Matrix products: {bf16:.0f} GFLOP/s in bf16, {fp32:.0f} in fp32.",
        f"Model: XLM-R's vocabulary of 250,002 and a {given.shape} body, drawn. Rows: real sentences in byte pairs of",
        f"{workload.PIECES:,} pieces, their ids scattered over the vocabulary.",
        "",
        "| task | contender | real tokens/s | of the bf16 ceiling | peak MiB | held-out loss | xstilts is faster |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        loss = "" if row["loss"] is None else f"{row['loss']:.4f}"
        lines.append(
            f"| {row['task']} | {row['contender']} | {row['tokens_per_second']:,.0f} | "
            f"{row['share_of_bf16_ceiling']:.0%} | {row['peak_mib']:,.0f} | {loss} | "
            f"{row.get('xstilts_is_faster', 1):.1f}× |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
