"""Zero-shot evaluation: xstilts' one pass over all languages against Trainer.predict language by language.

python bench/evaluation.py --data DIR [--rounds 3] [--threads 2] [--examples 300] [--json FILE]

Every language of XNLI, UD POS and TyDiQA in DIR, ``--examples`` of each, one task after another in one process. The
Trainer evaluates in bf16, grouped by length, in batches of 64 rows.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from harness import machine, options, trainer, turns, workload
from harness.verdicts import Verdict

from xstilts.heads.encoder.tagging import NO_WORD

SIZES = {
    "tiny": {"rounds": 1, "examples": 4},
    "small": {"rounds": 2, "examples": 60},
    "full": {"rounds": 3, "examples": 300},
}
OURS, THEIRS = "xstilts", "Trainer.predict, best settings"
TARGET = 3.0
BEST_OF = {"pair_classification": "logits", "tagging": "tag", "extractive_qa": "start"}
"""What of a head's predictions is compared."""


class Silent:
    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Shows nothing."""


def ours(given: argparse.Namespace, part: str) -> turns.Found:
    machine.set_up_as_a_run_does()
    from xstilts.evaluation.predicting import predict
    from xstilts.training.placement import accelerator_for, deterministic
    from xstilts.training.recipe import Recipe

    deterministic(threads=given.threads)
    work, pools, start = _inputs(given, part)
    model = trainer.transfer_model_of(trainer.model_of(work, start), work)
    machine.warm_up()
    outputs, seconds = machine.timed(
        lambda: predict(
            model,
            work.task,
            pools,
            tokens=Recipe().micro_batch_tokens,
            pad_id=workload.PAD,
            accelerator=accelerator_for("bf16"),
            report=Silent(),
            phase="zero_shot",
        )
    )
    values = [output[BEST_OF[work.kind]] for of_pool in outputs for output in of_pool]
    best = np.concatenate(values) if work.kind == "tagging" else np.array([np.argmax(v) for v in values])
    return _found(given, part, pools, best, seconds)


def theirs(given: argparse.Namespace, part: str) -> turns.Found:
    import torch
    from transformers import Trainer, TrainingArguments

    torch.set_num_threads(given.threads)
    work, pools, start = _inputs(given, part)
    model = trainer.model_of(work, start)
    features = [trainer.features_of(work, pool) for pool in pools]
    machine.warm_up()
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_eval_batch_size=trainer.EVAL_BATCH,
            bf16_full_eval=True,
            use_cpu=not torch.cuda.is_available(),
            report_to=[],
            disable_tqdm=True,
            **trainer.best_settings(training=False),
        )
        made = Trainer(model=model, args=arguments, data_collator=trainer.collate)
        found, seconds = machine.timed(lambda: [made.predict(of_pool).predictions for of_pool in features])
        orders = [list(made._get_eval_sampler(of_pool)) for of_pool in features]
    best: list[int] = []
    for of_pool, predictions, order in zip(features, found, orders, strict=True):
        logits = predictions[0] if work.kind == "extractive_qa" else predictions
        chosen = dict(zip(order, logits.argmax(axis=-1), strict=True))
        for index, feature in enumerate(of_pool):
            size = len(feature["input_ids"])
            best += chosen[index][:size].tolist() if work.kind == "tagging" else [int(chosen[index])]
    return _found(given, part, pools, np.array(best), seconds)


CONTENDERS = {OURS: ours, THEIRS: theirs}


def _inputs(given: argparse.Namespace, task: str) -> tuple[workload.Work, list[Any], Path]:
    """(task, rows of each language, folder of the drawn encoder)"""
    files = [file for split, file in workload.files(given.work)[task].items() if split != "train"]
    pools = [workload.examples(workload.read(file), given.examples) for file in files]
    return workload.WORKS[task], pools, workload.checkpoint(given.work, given.shape)


def _found(
    given: argparse.Namespace, part: str, pools: list[Any], best: np.ndarray, seconds: dict[str, float]
) -> turns.Found:
    if "word" in pools[0].ragged:  # of the other tokens no tag is read
        words = np.concatenate([pool.ragged["word"][0] for pool in pools])
        best = best[words != NO_WORD]
    np.save(_predictions(given, turns.contender_of(given), part), best)
    return {**seconds, "units": sum(pool.tokens for pool in pools)}


def _predictions(given: argparse.Namespace, contender: str, part: str) -> Path:
    return Path(given.work / f"predictions-{part}-{list(CONTENDERS).index(contender)}.npy")


def judge(result: turns.Result, comparison: turns.Comparison, given: argparse.Namespace) -> list[Verdict]:
    """Also notes in the rows how many predictions are those of the first contender."""
    for row in result.rows:
        if row["part"] in workload.WORKS and not given.contenders:
            mine, other = (np.load(_predictions(given, name, row["part"])) for name in (OURS, row["contender"]))
            row["same_predictions"] = float(np.mean(mine == other))
    return turns.ratio(result, comparison, THEIRS, target=TARGET if machine.device() == "cpu" else None)


def main() -> None:
    parser = options.parser(__doc__ or "")
    parser.add_argument("--shape", choices=workload.SHAPES, default="small")
    given = options.parse(parser, SIZES)
    if not given.worker:
        workload.prepare(options.data_folder(given, *workload.FILES), given.work)
        workload.checkpoint(given.work, given.shape)
    comparison = turns.Comparison(
        work="zero-shot evaluation, all languages of XNLI, UD POS and TyDiQA",
        unit="real tokens",
        contenders=CONTENDERS,
        parts=tuple(workload.WORKS),
        apart=False,
        note=f"{given.examples} examples of each language. {workload.NOTE}",
    )
    turns.main(given, comparison, lambda result: judge(result, comparison, given))


if __name__ == "__main__":
    main()
