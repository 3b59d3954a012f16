"""One rank of a two-rank run: trains, saves what it ends with, and says so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import tiny_runs as runs
import torch
from tiny_objectives import Dynamics, Halves

RUNS = {
    # Eight examples by seven: the last batch of an epoch has one example for two ranks.
    "single": {"kinds": ("pair_classification",), "batch_size": 7, "micro_batch_tokens": 48},
    # The same with all rows of the vocabulary.
    "mixture": {"kinds": ("tagging", "multiple_choice"), "batch_size": 3, "weight_decay": 0.3},
    "dense": {"kinds": ("pair_classification",), "batch_size": 7, "micro_batch_tokens": 48, "whole_vocabulary": True},
    # Two backward passes, of which one rank has to add nothing; and both ranks record the examples of both.
    "halves": {
        "kinds": ("pair_classification",),
        "batch_size": 7,
        "micro_batch_tokens": 48,
        "objective": Halves(),
        "moments": Dynamics(),
    },
    "masked": {"kinds": ("masked_lm",), "batch_size": 5, "micro_batch_tokens": 48},
}


def train(name: str, folder: Path, **changes):
    # Adam divides small gradients by themselves and blows their rounding up: a larger epsilon does not.
    options = {"adam_epsilon": 1e-3, **RUNS[name], **changes}
    kinds = options.pop("kinds")
    model = runs.model_for(kinds)
    if kinds == ("masked_lm",):
        model.heads["masked_lm"] = runs.FixedMasks(model.heads["masked_lm"])
        options["head"] = model.heads["masked_lm"]
    return runs.run(kinds, folder, model=model, validate=_validate if name in ("single", "dense") else None, **options)


def _validate(model) -> float:
    """The mean logit of the first label: needs every rank's predictions."""
    from xstilts.evaluation.predicting import predict
    from xstilts.training.placement import accelerator_for

    (found,) = predict(
        model,
        "pair_classification",
        [runs.rows_of("pair_classification", training=False)],
        tokens=48,
        pad_id=runs.PAD,
        accelerator=accelerator_for("fp32"),
        report=runs.Report(),
        phase="dev",
    )
    return float(np.mean([output["logits"][0] for output in found]))


def _save(model, found, file: Path) -> None:
    np.savez(file, losses=found.losses, tokens=found.tokens, dev=found.dev, **runs.weights(model))


def main(folder: Path) -> None:
    from accelerate import PartialState

    rank = os.environ.pop("RANK")
    ranks = {name: os.environ.pop(name) for name in ("WORLD_SIZE", "LOCAL_RANK")}
    if rank == "0":
        model, _ = runs.run(("tagging", "masked_lm"), folder / "alone", dropout=0.1, precision="bf16")
        (folder / "digest").write_text(runs.digest(model), encoding="utf-8")
    PartialState._reset_state()
    os.environ.update(ranks, RANK=rank)
    for name in RUNS:
        _save(*train(name, folder / name), folder / f"{name}-{rank}.npz")
    np.save(folder / f"recorded-{rank}.npy", np.array(sorted(RUNS["halves"]["moments"].rows)))
    os.environ["XSTILTS_CHECKPOINT_SECONDS"] = "0"
    options = {"dropout": 0.1, "kinds": ("tagging", "multiple_choice")}
    _save(*train("mixture", folder / "whole", **options), folder / f"whole-{rank}.npz")
    try:
        train("mixture", folder / "stopped", report=runs.Report(stop_after=2), **options)
    except runs.Stopped:
        _save(*train("mixture", folder / "stopped", **options), folder / f"stopped-{rank}.npz")
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
