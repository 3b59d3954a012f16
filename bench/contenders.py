"""The contenders of the fine-tuning bench, each run in a process of its own: ours and transformers' Trainer.

All start from the same drawn encoder, train the same examples with the same recipe and effective batch, and are
judged by the same held-out rows. Times are of the steps after the first two, in which memory is first touched and
kernels are made; processor time (of one thread) is the fair clock where other work runs on the machine.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import workload

from xstilts.heads.rows import Rows

LEARNING_RATE = 1e-4
"""Higher than a pretrained model's: this one is drawn, and its loss should have somewhere to go."""
SKIPPED = 2
HELD_OUT = 96
SEED = 7


@dataclass
class Steps:
    """When each step ended, and the real tokens up to it."""

    clock: str
    times: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        self.times.append(now(self.clock))
        self.tokens.append(tokens)

    def found(self) -> dict[str, float]:
        seconds = self.times[-1] - self.times[SKIPPED - 1]
        tokens = self.tokens[-1] - self.tokens[SKIPPED - 1]
        return {"seconds": seconds, "tokens": tokens, "tokens_per_second": tokens / seconds}


def now(clock: str) -> float:
    """Seconds: of the ``wall``, or of the processor (``cpu``)."""
    return time.perf_counter() if clock == "wall" else time.process_time()


def ours(work: workload.Work, rows: Rows, held_out: Rows, start: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """xstilts' loop."""
    import torch

    from xstilts.heads.head import Vocabulary
    from xstilts.models.loading import load_encoder
    from xstilts.training.loop import Stream, plan_steps, train
    from xstilts.training.model import TransferModel
    from xstilts.training.placement import accelerator_for, deterministic
    from xstilts.training.recipe import Recipe
    from xstilts.training.state import TrainingState

    deterministic(threads=options["threads"])
    encoder = load_encoder(start)
    torch.manual_seed(SEED)
    module = work.head.build(hidden_size=encoder.config.hidden_size, labels=work.labels, dropout=0.1)
    model = TransferModel(encoder, {work.task: work.head}, {work.task: module})
    recipe = Recipe(
        learning_rate=LEARNING_RATE,
        batch_size=work.batch_size,
        epochs=1,
        max_length=work.max_length,
        precision=options["precision"],
        **options.get("recipe", {}),
    )
    stream = Stream(task=work.task, head=work.head, rows=rows, seed=SEED, batch_size=recipe.batch_size)
    steps = Steps(options["clock"])
    with tempfile.TemporaryDirectory() as folder:
        train(
            model,
            [stream],
            plan_steps([stream], recipe, seed=SEED),
            recipe,
            seed=SEED,
            vocabulary=Vocabulary(size=0, mask_id=0, special_ids=()),
            pad_id=workload.PAD,
            accelerator=accelerator_for(recipe.precision),
            state=TrainingState(Path(folder)),
            report=steps,
            phase="train",
        )
    peak = peak_mib()
    return {**steps.found(), "peak_mib": peak, "loss": _loss(model, work.task, held_out)}


def trainer(work: workload.Work, rows: Rows, held_out: Rows, start: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """transformers' Trainer; ``best`` with its documented settings for speed."""
    import torch
    from transformers import Trainer, TrainingArguments

    from xstilts.training.model import TransferModel

    torch.set_num_threads(options["threads"])
    model = _model(work, start)
    steps, counted = Steps(options["clock"]), [0]

    def collate(features: list[dict[str, Any]]) -> dict[str, Any]:
        counted[0] += sum(len(feature["input_ids"]) for feature in features)
        return _collated(features)

    best = {"bf16": True, "train_sampling_strategy": "group_by_length"} if options["best"] else {}
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=work.batch_size,
            num_train_epochs=1,
            learning_rate=LEARNING_RATE,
            weight_decay=0.01,
            warmup_steps=0.1,
            seed=SEED,
            use_cpu=not torch.cuda.is_available(),
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            **best,
        )
        Trainer(
            model=model,
            args=arguments,
            train_dataset=_features(work, rows),
            data_collator=collate,
            callbacks=[_watch(steps, counted)],
        ).train()
    peak = peak_mib()
    head = getattr(model, "classifier", None) or model.qa_outputs
    module = _as_module(head)
    return {
        **steps.found(),
        "peak_mib": peak,
        "loss": _loss(TransferModel(model.roberta, {work.task: work.head}, {work.task: module}), work.task, held_out),
    }


def ceiling(options: Mapping[str, Any]) -> dict[str, float]:
    """What the machine's matrix products reach, in GFLOP/s: square products of 2,048, median of several."""
    import torch

    torch.set_num_threads(options["threads"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    size = 2048 if device == "cpu" else 8192
    found = {}
    for name, dtype, times in (("bf16", torch.bfloat16, 15), ("fp32", torch.float32, 5)):
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        out, taken = torch.empty_like(left), []
        for _ in range(times + 2):
            begun = now(options["clock"])
            torch.mm(left, right, out=out)
            if device == "cuda":
                torch.cuda.synchronize()
            taken.append(now(options["clock"]) - begun)
        found[name] = 2e-9 * size**3 / float(np.median(taken[2:]))
    return found


def peak_mib() -> float:
    """Most memory that this process has held: of the GPU where there is one."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _watch(steps: Steps, counted: list[int]) -> Any:  # noqa: ANN401
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
            steps.update("train", state.global_step, state.max_steps, tokens=counted[0])

    return Watch()


def _model(work: workload.Work, start: Path) -> Any:  # noqa: ANN401
    import transformers

    transformers.logging.set_verbosity_error()
    name = {
        "pair_classification": "XLMRobertaForSequenceClassification",
        "tagging": "XLMRobertaForTokenClassification",
        "extractive_qa": "XLMRobertaForQuestionAnswering",
    }[work.kind]
    transformers.set_seed(SEED)
    options = {} if work.kind == "extractive_qa" else {"num_labels": len(work.labels)}
    return getattr(transformers, name).from_pretrained(start, **options)


def _features(work: workload.Work, rows: Rows) -> list[dict[str, Any]]:
    """The rows as what the Trainer's models take; lists, as `datasets` gives them."""
    found = []
    for i in range(len(rows)):
        row = rows.row(i)
        feature: dict[str, Any] = {"input_ids": row["input_ids"].tolist()}
        if work.kind == "pair_classification":
            feature["labels"] = row["label"]
        elif work.kind == "tagging":
            feature["labels"] = row["labels"].tolist()
        else:
            feature.update(start_positions=row["start"], end_positions=row["end"])
        found.append(feature)
    return found


def _collated(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Padded to the longest row, as transformers' own collators do."""
    import torch

    width = max(len(feature["input_ids"]) for feature in features)
    batch: dict[str, Any] = {"attention_mask": torch.zeros(len(features), width, dtype=torch.long)}
    for name, value in features[0].items():
        if isinstance(value, list):
            batch[name] = torch.full((len(features), width), workload.PAD if name == "input_ids" else -100)
        else:
            batch[name] = torch.tensor([feature[name] for feature in features])
    for place, feature in enumerate(features):
        size = len(feature["input_ids"])
        batch["attention_mask"][place, :size] = 1
        for name, value in feature.items():
            if isinstance(value, list):
                batch[name][place, :size] = torch.tensor(value)
    return batch


def _as_module(head: Any) -> Any:  # noqa: ANN401
    """The Trainer's head in the form that our heads read: of hidden states that are chosen already."""
    import torch

    if hasattr(head, "out_proj"):
        return torch.nn.Sequential(head.dense, torch.nn.Tanh(), head.out_proj)
    return head


def _loss(model: Any, task: str, rows: Rows) -> float:  # noqa: ANN401
    """The loss of the held-out rows per unit, in fp32, by the same code for every contender."""
    import torch

    from xstilts.training.batches import collate, micro_batches, to_tensors

    model.eval().float()
    head = model.heads[task]
    device = next(model.parameters()).device
    total = units = 0.0
    groups = [np.array([i]) for i in range(len(rows))]
    with torch.no_grad():
        for chosen in micro_batches(groups, rows.lengths, tokens=4096):
            arrays = collate(rows, chosen, pad_id=workload.PAD, padding=head.ragged)
            loss, count = model(to_tensors(arrays, device), task)
            total, units = total + float(loss), units + float(count)
    return total / units
