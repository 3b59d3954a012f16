"""Zero-shot evaluation: xstilts' one pass over all languages against Trainer.predict language by language.

python bench/evaluation.py --data DIR [--rounds 3] [--threads 2] [--examples 300] [--json FILE]

Every language of XNLI, UD POS and TyDiQA in the data, ``--examples`` of each. Contenders take turns, each run in a
process of its own; medians over the rounds. The Trainer evaluates in bf16, grouped by length, in batches of 64 rows.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import workload
from finetuning import process

CONTENDERS = ("xstilts", "Trainer, best settings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder with xnli/, udpos/, tydiqa/")
    parser.add_argument("--work", default=".xstilts/bench", help="where rows and the drawn model are kept")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: processor time, for 1 thread")
    parser.add_argument("--examples", type=int, default=300, help="of each language")
    parser.add_argument("--shape", choices=workload.SHAPES, default="small")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        print("RESULT " + json.dumps(_work(json.loads(given.worker))))
        return
    data = workload.data_folder(given.data)
    workload.prepared(data, Path(given.work))
    workload.checkpoint(Path(given.work), given.shape)
    spec = {name: getattr(given, name) for name in ("work", "shape", "threads", "examples", "clock")}
    runs: dict[str, list[Any]] = defaultdict(list)
    for number in range(given.rounds):
        for name in CONTENDERS:
            runs[name].append(found := process({**spec, "data": str(data), "contender": name}, __file__))
            note = {task: round(one["seconds"], 2) for task, one in found["tasks"].items()}
            print(f"round {number + 1}: {name}: {note}, {found['peak_mib']:.0f} MiB", file=sys.stderr)
    rows = summary(runs)
    print(table(rows, given))
    if given.json:
        settings = {name: str(value) for name, value in vars(given).items()}
        given.json.write_text(json.dumps({"settings": settings, "rows": rows, "runs": runs}))


def summary(runs: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Per task and contender: real tokens per second, how often both predict the same, the ratio of times."""
    rows = []
    for task in [*workload.WORKS, "all"]:
        seconds = {name: [_seconds(one, task) for one in found] for name, found in runs.items()}
        for name, found in runs.items():
            tokens = sum(one["tokens"] for t, one in found[0]["tasks"].items() if task in (t, "all"))
            ratio = [theirs / ours for theirs, ours in zip(seconds[name], seconds[CONTENDERS[0]], strict=True)]
            row = {"task": task, "contender": name, "tokens_per_second": median(tokens / s for s in seconds[name])}
            row |= {"peak_mib": median(one["peak_mib"] for one in found), "xstilts_is_faster": median(ratio)}
            row["same_predictions"] = None
            if task != "all":
                mine, other = (runs[n][0]["tasks"][task]["best"] for n in (CONTENDERS[0], name))
                row["same_predictions"] = float(np.mean(np.array(mine) == np.array(other)))
            rows.append(row)
    return rows


def table(rows: list[dict[str, Any]], given: argparse.Namespace) -> str:
    """The summary as Markdown."""
    lines = [
        f"Threads: {given.threads}, seconds of the {given.clock}, medians of {given.rounds} rounds; {given.examples} "
        f"examples of each language. Model: XLM-R's vocabulary of 250,002, {given.shape} body, drawn.",
        "",
        "| task | contender | real tokens/s | peak MiB | same predictions | xstilts is faster |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        same = "" if row["same_predictions"] is None else f"{row['same_predictions']:.1%}"
        lines.append(
            f"| {row['task']} | {row['contender']} | {row['tokens_per_second']:,.0f} | {row['peak_mib']:,.0f} | "
            f"{same} | {row['xstilts_is_faster']:.1f}× |"
        )
    return "\n".join(lines)


def _seconds(found: Any, task: str) -> float:  # noqa: ANN401
    return sum(float(one["seconds"]) for name, one in found["tasks"].items() if task in (name, "all"))


def _work(spec: dict[str, Any]) -> dict[str, Any]:
    ours = spec["contender"] == CONTENDERS[0]
    if ours:
        import xstilts.phases.dispatch  # noqa: F401 – what a worker process sets up before torch is loaded
    import contenders

    files = workload.prepared(Path(spec["data"]), Path(spec["work"]))
    start, found = workload.checkpoint(Path(spec["work"]), spec["shape"]), {}
    for task, work in workload.WORKS.items():
        pools = [
            workload.examples(workload.read(file), spec["examples"])
            for split, file in files[task].items()
            if split != "train"
        ]
        found[task] = (_ours if ours else _trainer)(work, pools, start, spec)
        found[task]["tokens"] = sum(pool.tokens for pool in pools)
    return {"tasks": found, "peak_mib": contenders.peak_mib()}


def _ours(work: workload.Work, pools: list[Any], start: Path, spec: dict[str, Any]) -> dict[str, Any]:
    import contenders

    from xstilts.evaluation.predicting import predict
    from xstilts.training.model import TransferModel
    from xstilts.training.placement import accelerator_for, deterministic
    from xstilts.training.recipe import Recipe

    deterministic(threads=spec["threads"])
    whole = contenders._model(work, start)
    module = contenders._as_module(getattr(whole, "classifier", None) or whole.qa_outputs)
    model = TransferModel(whole.roberta, {work.task: work.head}, {work.task: module})
    begun = contenders.now(spec["clock"])
    outputs = predict(
        model,
        work.task,
        pools,
        tokens=Recipe().micro_batch_tokens,
        pad_id=workload.PAD,
        accelerator=accelerator_for("bf16"),
        report=contenders.Steps(spec["clock"]),
        phase="zero_shot",
    )
    seconds = contenders.now(spec["clock"]) - begun
    name = {"pair_classification": "logits", "tagging": "tag", "extractive_qa": "start"}[work.kind]
    values = [output[name] for of_pool in outputs for output in of_pool]
    best = np.concatenate(values) if work.kind == "tagging" else np.array([np.argmax(v) for v in values])
    return {"seconds": seconds, "best": best.tolist()}


def _trainer(work: workload.Work, pools: list[Any], start: Path, spec: dict[str, Any]) -> dict[str, Any]:
    import contenders
    import torch
    from transformers import Trainer, TrainingArguments

    torch.set_num_threads(spec["threads"])
    model = contenders._model(work, start)
    features = [contenders._features(work, pool) for pool in pools]
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_eval_batch_size=64,
            bf16=True,
            bf16_full_eval=True,
            train_sampling_strategy="group_by_length",
            use_cpu=not torch.cuda.is_available(),
            report_to=[],
            disable_tqdm=True,
        )
        trainer = Trainer(model=model, args=arguments, data_collator=contenders._collated)
        begun = contenders.now(spec["clock"])
        found = [trainer.predict(of_pool).predictions for of_pool in features]
        seconds = contenders.now(spec["clock"]) - begun
        orders = [list(trainer._get_eval_sampler(of_pool)) for of_pool in features]
    best: list[int] = []
    for of_pool, predictions, order in zip(features, found, orders, strict=True):
        logits = predictions[0] if work.kind == "extractive_qa" else predictions
        chosen = dict(zip(order, logits.argmax(axis=-1), strict=True))
        for index, feature in enumerate(of_pool):
            size = len(feature["input_ids"])
            best += chosen[index][:size].tolist() if work.kind == "tagging" else [int(chosen[index])]
    return {"seconds": seconds, "best": best}


if __name__ == "__main__":
    main()
