"""The state of an unfinished training run: tensors as safetensors, the rest as JSON; never a pickle.

Written into a temporary folder and renamed, so that a state exists whole or not at all. Samplers and generators need
none: what they draw is a function of (seed, step).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

INTERVAL = "XSTILTS_CHECKPOINT_SECONDS"
BEST = "best.safetensors"
RECORD = "record.safetensors"


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
        save_file(_tensors(model), partial / "model.safetensors")
        save_file(_moments(model, optimizer), partial / "optimizer.safetensors")
        if record:
            save_file({name: tensor.contiguous() for name, tensor in record.items()}, partial / RECORD)
        (partial / "state.json").write_text(json.dumps(scalars, allow_nan=False), encoding="utf-8")
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        for old in self.folder.glob("state-*"):
            if old != final:
                shutil.rmtree(old, ignore_errors=True)
        self._saved_at = time.monotonic()

    def restore(self, model: Named, optimizer: torch.optim.Optimizer) -> Saved | None:
        """Loads the newest readable state and gives what else it holds, or None where there is none."""
        for folder in sorted(self.folder.glob("state-*"), reverse=True):
            try:
                scalars: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
                tensors = load_file(folder / "model.safetensors")
                moments = load_file(folder / "optimizer.safetensors")
                record = load_file(folder / RECORD) if (folder / RECORD).exists() else {}
                if scalars.get("done", {}).get("best_step"):
                    _check(self.folder / BEST)
            except (OSError, ValueError, SafetensorError):
                continue  # damaged: an older one, or the start, gives the same numbers
            _load(model, tensors)
            _restore_moments(model, optimizer, moments)
            return Saved(scalars=scalars, record=record)
        return None

    def keep_best(self, model: Named) -> None:
        """Keeps the weights as the best so far."""
        partial = self.folder / f"best-{os.getpid()}.partial"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file(_tensors(model), partial)
        partial.replace(self.folder / BEST)

    def load_best(self, model: Named) -> None:
        """Loads the best weights into the model."""
        _load(model, load_file(self.folder / BEST))


def _check(file: Path) -> None:
    """Reads the header, which says how long the file must be."""
    with safe_open(file, framework="pt"):
        pass


def _unique(model: Named) -> dict[str, torch.nn.Parameter]:
    """Parameters by name, tied ones once."""
    return dict(model.named_parameters(remove_duplicate=True))


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
