"""Fine-tuning: xstilts' loop against transformers' Trainer, at its defaults and at its best documented settings.

python bench/finetuning.py --data DIR [--rounds 3] [--threads 2] [--tokens 40000] [--json FILE]

DIR holds xnli/, udpos/ and tydiqa/. All start from the same drawn encoder, train the same examples with the same
recipe and effective batch, and are judged by the same held-out rows. Times are of the steps after the first few, in
which memory is first touched and kernels are made. On a GPU:
``python bench/finetuning.py --data DIR --shape large --tokens 400000``.
``--contenders 0,1,3 --skip 20`` adds a Trainer that compiles its model.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from harness import machine, options, trainer, turns, workload
from harness.verdicts import Verdict

from xstilts.heads.rows import Rows

SIZES = {
    "tiny": {"rounds": 1, "tokens": 1_000, "skip": 1},
    "small": {"rounds": 1, "tokens": 8_000, "skip": 2},
    "full": {"rounds": 3, "tokens": 40_000, "skip": 8},
}
LEARNING_RATE = 1e-4
"""Higher than a pretrained model's: this one is drawn, and its loss should have somewhere to go."""
WEIGHT_DECAY, WARMUP = 0.01, 0.1
HELD_OUT = 96
OURS, BEST, DEFAULTS = "xstilts", "Trainer, best settings", "Trainer, defaults"
TARGETS: dict[tuple[str, str], dict[str, float]] = {
    ("cpu", "small"): {DEFAULTS: 8, BEST: 3, "share": 0.5, "memory": 2},
    ("cuda", "large"): {BEST: 2, "share": 0.5},
}
"""(device, shape) → what is to be reached."""


class Steps:
    """The clocks and the real tokens after the steps between which time is taken."""

    def __init__(self, skipped: int) -> None:
        self.skipped = skipped
        self._clocks: list[tuple[float, float]] = []
        self._tokens: list[int] = []

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        if step in (self.skipped, total):
            machine.synchronize()
            self._clocks.append(machine.clocks())
            self._tokens.append(tokens)

    def found(self) -> dict[str, float]:
        (begun, processor), (ended, processor_ended) = self._clocks
        tokens = self._tokens[1] - self._tokens[0]
        return {"seconds": ended - begun, "processor_seconds": processor_ended - processor, "units": tokens}


def ours(given: argparse.Namespace, part: str) -> turns.Found:
    """xstilts' loop."""
    machine.set_up_as_a_run_does()
    import torch

    from xstilts.heads.head import Vocabulary
    from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
    from xstilts.training.loop import Stream, plan_steps, train
    from xstilts.training.model import TransferModel
    from xstilts.training.placement import accelerator_for, deterministic
    from xstilts.training.recipe import Recipe
    from xstilts.training.state import TrainingState

    deterministic(threads=given.threads)
    work, rows, held_out, start = _inputs(given, part)
    encoder = ENCODER.load(start)
    torch.manual_seed(trainer.SEED)
    module = work.head.build(hidden_size=encoder.config.hidden_size, labels=work.labels, dropout=0.1)
    model = TransferModel(encoder, {work.task: work.head}, {work.task: module})
    recipe = Recipe(
        learning_rate=LEARNING_RATE,
        weight_decay=WEIGHT_DECAY,
        warmup=WARMUP,
        batch_size=work.batch_size,
        epochs=1,
        max_length=work.max_length,
        precision="bf16",
    )
    stream = Stream(task=work.task, head=work.head, rows=rows, seed=trainer.SEED, batch_size=recipe.batch_size)
    steps = Steps(given.skip)
    with tempfile.TemporaryDirectory() as folder:
        train(
            model,
            [stream],
            plan_steps([stream], recipe, seed=trainer.SEED),
            recipe,
            seed=trainer.SEED,
            vocabulary=Vocabulary(size=0, mask_id=0, special_ids=()),
            pad_id=workload.PAD,
            accelerator=accelerator_for(recipe.precision),
            state=TrainingState(Path(folder)),
            report=steps,
            phase="train",
        )
    return _found(given, steps, model, work, held_out, left_out=_left_out(work, rows, given.shape))


def _left_out(work: workload.Work, rows: Rows, shape: str) -> float:
    """The share of the body's products that the last layer saves: what comes after attention, of tokens not read."""
    from xstilts.engine.batches import collate
    from xstilts.engine.packing import MOST

    arrays = collate(rows, np.arange(len(rows)), pad_id=workload.PAD, columns=work.head.columns)
    read = work.head.reads(arrays)
    share = 1.0 if read is None else float(read.sum() / rows.lengths.sum())
    return workload.after_attention(shape) * (1 - share) if share <= MOST else 0.0


def theirs(given: argparse.Namespace, part: str, *, best: bool, compiled: bool = False) -> turns.Found:
    """transformers' Trainer."""
    import torch
    from transformers import TrainingArguments

    torch.set_num_threads(given.threads)
    work, rows, held_out, start = _inputs(given, part)
    model = trainer.model_of(work, start)
    steps = Steps(given.skip)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=work.batch_size,
            num_train_epochs=1,
            learning_rate=LEARNING_RATE,
            weight_decay=WEIGHT_DECAY,
            warmup_steps=WARMUP,
            seed=trainer.SEED,
            use_cpu=not torch.cuda.is_available(),
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            torch_compile=compiled,
            **(trainer.best_settings(training=True) if best else {}),
        )
        _train_counting(steps, model=model, args=arguments, train_dataset=trainer.features_of(work, rows))
    return _found(given, steps, trainer.transfer_model_of(model, work), work, held_out)


def _train_counting(steps: Steps, **given: Any) -> None:  # noqa: ANN401
    """Trains, and tells ``steps`` of the tokens of every step when that step has been done."""
    from transformers import Trainer, TrainerCallback

    masks: list[Any] = []

    class Counting(Trainer):
        def training_step(self, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
            masks.append(inputs["attention_mask"])
            return super().training_step(model, inputs, *rest, **named)

    class Watch(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
            if state.global_step in (steps.skipped, state.max_steps):
                tokens = sum(int(mask.sum()) for mask in masks)
                steps.update("train", state.global_step, state.max_steps, tokens=tokens)

    Counting(**given, data_collator=trainer.collate, callbacks=[Watch()]).train()


CONTENDERS = {
    OURS: ours,
    BEST: partial(theirs, best=True),
    DEFAULTS: partial(theirs, best=False),
    "Trainer, best settings, compiled": partial(theirs, best=True, compiled=True),
}


def _inputs(given: argparse.Namespace, task: str) -> tuple[workload.Work, Rows, Rows, Path]:
    """(task, rows to train, rows held out, folder of the drawn encoder)"""
    work = workload.WORKS[task]
    rows = workload.read(workload.files(given.work)[task]["train"])
    # Whole batches: everyone trains the same examples in the same number of steps.
    batches = max(given.skip + 2, round(given.tokens / (rows.lengths.mean() * work.batch_size)))
    train = workload.examples(rows, batches * work.batch_size, start=HELD_OUT)
    return work, train, workload.examples(rows, HELD_OUT), workload.checkpoint(given.work, given.shape)


def _found(
    given: argparse.Namespace,
    steps: Steps,
    model: Any,  # noqa: ANN401
    work: workload.Work,
    held_out: Rows,
    *,
    left_out: float = 0.0,
) -> turns.Found:
    found = {**steps.found(), **machine.peaks(), "loss": _loss(model, work.task, held_out)}
    # Of the body's linear layers alone, forward and backward; padding does not count, nor does what was left out.
    return {**found, "flops": 3 * workload.product_flops(given.shape) * (1 - left_out) * found["units"]}


def _loss(model: Any, task: str, rows: Rows) -> float:  # noqa: ANN401
    """The loss of the held-out rows per unit, in fp32, by the same code for every contender."""
    import torch

    from xstilts.engine.batches import collate, micro_batches, to_tensors

    model.eval().float()
    head = model.heads[task]
    device = next(model.parameters()).device
    total = units = 0.0
    groups = [np.array([i]) for i in range(len(rows))]
    with torch.no_grad():
        for chosen in micro_batches(groups, rows.lengths, tokens=4096):
            arrays = collate(rows, chosen, pad_id=workload.PAD, columns=head.columns)
            loss, count = model(to_tensors(arrays, device), task)
            total, units = total + float(loss), units + float(count)
    return total / units


def judge(result: turns.Result, comparison: turns.Comparison, targets: dict[str, float]) -> list[Verdict]:
    found = [
        verdict
        for name in (DEFAULTS, BEST)
        for verdict in turns.ratio(result, comparison, name, target=targets.get(name))
    ]
    mine, best = result.of(OURS), result.of(BEST)
    if mine and "share_of_bf16_ceiling" in mine:
        value, work = mine["share_of_bf16_ceiling"], f"{comparison.work}: share of the bf16 ceiling"
        found.append(Verdict(work=work, against="–", value=value, unit="share", target=targets.get("share")))
    if mine and best:
        value, work = best["peak_mib"] / mine["peak_mib"], f"{comparison.work}: peak memory, how many times less"
        found.append(Verdict(work=work, against=BEST, value=value, target=targets.get("memory")))
    return found


def main() -> None:
    parser = options.parser(__doc__ or "")
    parser.add_argument("--shape", choices=workload.SHAPES, default="small")
    parser.add_argument("--tasks", default=",".join(workload.WORKS))
    given = options.parse(parser, SIZES)
    if not given.worker:
        workload.prepare(options.data_folder(given, *workload.FILES), given.work)
        workload.checkpoint(given.work, given.shape)
    comparison = turns.Comparison(
        work=f"fine-tuning, XLM-R's vocabulary and a {given.shape} body",
        unit="real tokens",
        contenders=CONTENDERS,
        optional=frozenset(list(CONTENDERS)[3:]),
        parts=tuple(given.tasks.split(",")),
        note=workload.NOTE,
    )
    targets = {} if given.worker else TARGETS.get((machine.device(), given.shape), {})
    turns.main(given, comparison, lambda result: judge(result, comparison, targets))


if __name__ == "__main__":
    main()
