"""The state of an unfinished training run: tensors as safetensors, the rest as JSON; never a pickle.

Written into a temporary folder and renamed, so that a state exists whole or not at all. Its scalars are written last
and carry their own SHA-256 and that of every other file: a state that is not what was saved is not used, with a
warning. Samplers and generators need none: what they draw is a function of (seed, step).
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from xstilts.pipeline.sealed import Damaged, sealed, unsealed
from xstilts.training import tensor_files

INTERVAL = "XSTILTS_CHECKPOINT_SECONDS"
BEST = "best.safetensors"
MODEL, OPTIMIZER, RECORD = "model.safetensors", "optimizer.safetensors", "record.safetensors"
SCALARS = "state.json"

_LOG = logging.getLogger("xstilts")


class Named(Protocol):
    """Weights with names: a model, or the fp32 ones of a run."""

    def named_parameters(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """Each weight once."""
        ...


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a state holds besides the weights and the optimizer's moments.

    Attributes:
        record: what was recorded at the moments of the run.
    """

    scalars: dict[str, Any]
    record: dict[str, torch.Tensor]


class TrainingState:
    """Saves and restores (model, optimizer, scalars) in a folder that survives the process.

    Args:
        folder: the node's scratch folder.
        seconds: least time between two saves; ``XSTILTS_CHECKPOINT_SECONDS`` overrides it (0: every step).
    """

    def __init__(self, folder: Path, *, seconds: float = 60.0) -> None:
        self.folder = folder
        self.seconds = float(os.environ.get(INTERVAL, seconds))
        self._saved_at = time.monotonic()

    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved_at >= self.seconds

    def save(
        self,
        model: Named,
        optimizer: torch.optim.Optimizer,
        scalars: dict[str, Any],
        *,
        record: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        """Replaces the last saved state by this one."""
        step = int(scalars["step"])
        partial, final = self.folder / f"partial-{os.getpid()}", self.folder / f"state-{step:09d}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        held = {MODEL: _tensors(model), OPTIMIZER: _moments(model, optimizer)}
        if record:
            held[RECORD] = {name: tensor.contiguous() for name, tensor in record.items()}
        files = {name: tensor_files.save(tensors, partial / name) for name, tensors in held.items()}
        (partial / SCALARS).write_text(sealed({"files": files, "scalars": scalars}), encoding="utf-8")
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        for old in self.folder.glob("state-*"):
            if old != final:
                shutil.rmtree(old, ignore_errors=True)
        self._saved_at = time.monotonic()

    def restore(self, model: Named, optimizer: torch.optim.Optimizer) -> Saved | None:
        """Loads the newest state that is whole and gives what else it holds, or None where there is none.

        A damaged one is warned about and removed: an older one, or the start, gives the same numbers.
        """
        for folder in sorted(self.folder.glob("state-*"), reverse=True):
            try:
                scalars, held = _read(folder)
                if scalars.get("done", {}).get("best_step"):
                    tensor_files.load(self.folder / BEST)
            except Damaged as error:
                _LOG.warning(
                    "saved training state %s: %s; it is not used, and its steps are trained again", folder, error
                )
                shutil.rmtree(folder, ignore_errors=True)
                continue
            _load(model, held[MODEL])
            _restore_moments(model, optimizer, held[OPTIMIZER])
            return Saved(scalars=scalars, record=held.get(RECORD, {}))
        return None

    def keep_best(self, model: Named) -> None:
        """Keeps the weights as the best so far."""
        partial = self.folder / f"best-{os.getpid()}.partial"
        self.folder.mkdir(parents=True, exist_ok=True)
        tensor_files.save(_tensors(model), partial)
        partial.replace(self.folder / BEST)

    def load_best(self, model: Named) -> None:
        """Loads the best weights into the model.

        Raises:
            Damaged: they are not what was kept.
        """
        _load(model, tensor_files.load(self.folder / BEST))


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, torch.Tensor]]]:
    """The scalars of a state, and the tensors of each of its files.

    Raises:
        Damaged: a file is not what was saved.
    """
    try:
        found = unsealed((folder / SCALARS).read_bytes())
    except (OSError, Damaged) as error:
        raise Damaged(f"{SCALARS} is damaged: {error}") from None
    held = {name: tensor_files.load(folder / name, expected=digest) for name, digest in found["files"].items()}
    return found["scalars"], held


def _unique(model: Named) -> dict[str, torch.nn.Parameter]:
    """What is trained, by name, tied parameters once."""
    return {name: p for name, p in model.named_parameters(remove_duplicate=True) if p.requires_grad}


def _tensors(model: Named) -> dict[str, torch.Tensor]:
    return {name: p.detach().contiguous() for name, p in _unique(model).items()}


@torch.no_grad()
def _load(model: Named, tensors: dict[str, torch.Tensor]) -> None:
    for name, parameter in _unique(model).items():
        parameter.copy_(tensors[name])


def _moments(model: Named, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for name, parameter in _unique(model).items():
        for key, value in optimizer.state.get(parameter, {}).items():
            found[f"{name}|{key}"] = torch.as_tensor(value).detach().clone().contiguous()
    return found


def _restore_moments(model: Named, optimizer: torch.optim.Optimizer, moments: dict[str, torch.Tensor]) -> None:
    parameters = _unique(model)
    optimizer.state.clear()
    for name, value in moments.items():
        parameter, key = name.rsplit("|", 1)
        target = parameters[parameter]
        optimizer.state[target][key] = value.to(target.device)
