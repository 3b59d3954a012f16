"""One pass over all rows: sorted by length over all languages, equal rows computed once.

Shape legend: B rows of a micro-batch, T tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from xstilts.engine.batches import collate, micro_batches, to_tensors
from xstilts.heads.columns import inputs
from xstilts.heads.rows import Rows
from xstilts.training.loop import Reports
from xstilts.training.model import TransferModel


@torch.no_grad()
def predict(
    model: TransferModel,
    task: str,
    pools: Sequence[Rows],
    *,
    tokens: int,
    pad_id: int,
    accelerator: Accelerator,
    report: Reports,
    phase: str,
) -> list[list[dict[str, Any]]]:
    """What the head gives for every row of every pool (a language's rows), in their order.

    It is given the columns alone that it declares as its inputs; rows that are equal in all of them are computed once.

    Args:
        tokens: tokens of one forward pass; part of the key, since it decides rounding.
    """
    model.to(accelerator.device).eval()
    head = model.heads[task]
    columns = inputs(head.columns)
    everything = _joined(pools)
    unique, inverse = _unique(everything, ("input_ids", *columns))
    lengths = everything.lengths[unique]
    layout = model.engine.layout(model.encoder)
    groups = [np.array([i]) for i in range(len(unique))]
    batches = list(micro_batches(groups, lengths, tokens=tokens, real=layout.real))
    mine = batches[accelerator.process_index :: accelerator.num_processes]
    outputs: list[Any] = [None] * len(unique)
    done = 0
    dtype = torch.bfloat16 if accelerator.mixed_precision == "bf16" else torch.float32
    with model.engine.predicting(model, dtype), accelerator.autocast():
        for index, chosen in enumerate(mine):
            arrays = collate(everything, unique[chosen], pad_id=pad_id, columns=columns)
            batch = to_tensors(arrays, accelerator.device, packed=layout.packed, read=head.reads(arrays))
            for place, output in zip(chosen, model.predict(batch, task), strict=True):
                outputs[int(place)] = output
            done += int(arrays["attention_mask"].sum())
            report.update(phase, index + 1, len(mine), tokens=done)
    if accelerator.num_processes > 1:
        outputs = _gathered(outputs)
    ends = np.cumsum([len(pool) for pool in pools])
    return [
        [outputs[int(inverse[row])] for row in range(end - len(pool), end)]
        for pool, end in zip(pools, ends, strict=True)
    ]


def _joined(pools: Sequence[Rows]) -> Rows:
    """All pools as one."""
    ragged = {}
    for name in pools[0].ragged:
        values = np.concatenate([pool.ragged[name][0] for pool in pools])
        lengths = np.concatenate([np.diff(pool.ragged[name][1]) for pool in pools])
        ragged[name] = (values, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
    scalars = {name: np.concatenate([pool.scalars[name] for pool in pools]) for name in pools[0].scalars}
    return Rows(ragged=ragged, scalars=scalars)


def _unique(rows: Rows, names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first of each set of rows that are equal in these columns, and for every row which of these it is."""
    columns = [rows.ragged[name] for name in names if name in rows.ragged]
    numbers = np.zeros((len(rows), 0), dtype=np.uint8)
    for values in (rows.scalars[name] for name in names if name in rows.scalars):
        own = np.ascontiguousarray(values).view(np.uint8).reshape(len(rows), values.dtype.itemsize)
        numbers = np.concatenate([numbers, own], axis=1)
    seen: dict[bytes, int] = {}
    firsts: list[int] = []
    inverse = np.empty(len(rows), dtype=np.int64)
    for row in range(len(rows)):
        content = b"".join(
            (
                numbers[row].tobytes(),
                *(values[offsets[row] : offsets[row + 1]].tobytes() for values, offsets in columns),
            )
        )
        place = seen.setdefault(content, len(firsts))
        if place == len(firsts):
            firsts.append(row)
        inverse[row] = place
    return np.asarray(firsts, dtype=np.int64), inverse


def _gathered(outputs: list[Any]) -> list[Any]:
    """Each rank's outputs, put together on every rank."""
    from accelerate.utils import gather_object

    found: dict[int, Any] = dict(gather_object([(i, o) for i, o in enumerate(outputs) if o is not None]))
    return [found[i] for i in range(len(outputs))]
