"""How fast this machine trains and evaluates a model: measured once, in a process of its own, and kept in the store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xstilts.models.family import Shape
from xstilts.pipeline.node import canonical
from xstilts.pipeline.sealed import keep, kept
from xstilts.pipeline.store import Store
from xstilts.pipeline.worker import THREAD_VARIABLES

FOLDER = "speeds"
MEASURED = 2
"""Raised when it is measured otherwise."""
SECONDS = 1.5
"""That a training is measured; loading the libraries takes longer."""
PATIENCE = 90.0
"""Seconds after which a guess must do."""
WEIGHTS, VOCABULARY = 6_000_000, 24_000
"""The model that is measured has at most about so many weights in its layers, and so many pieces."""
STEP_WORK = 700
"""FLOPs per weight that updating it takes the time of: memory, not arithmetic, bounds AdamW."""
PRETRAINING_TOKENS = 4096
SERIAL = 0.1
"""Share of pretraining's time that more threads do not shorten."""
ROUGH_FLOPS = 1.5e11
"""FLOPs a second of one core where nothing could be measured."""
_START = (
    "import json, sys; spec = json.loads(sys.argv[1]); sys.path[:] = spec.pop('path'); "
    "from xstilts.evaluation.speed import main; main(spec)"
)


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds of one thread.

    Attributes:
        step: of an update of the weights, without its tokens.
        token: of a token more in such a step.
        predicted_token: of a token that is evaluated.
        pretraining_token: of a token of masked LM.
        measured: False where it is a guess.
    """

    step: float
    token: float
    predicted_token: float
    pretraining_token: float = 0.0
    measured: bool = True


def speed_of(
    shape: Shape, store: Store, *, precision: str, pretraining: bool, tell: Callable[[str], None] = lambda line: None
) -> Speed:
    """The speed of a model of a shape here: what was measured before, else measured now, else a guess.

    Args:
        shape: of the model.
        store: where it is kept.
        precision: in which the model is trained.
        pretraining: whether masked LM is asked for too.
        tell: is told before it is measured, and if that failed.
    """
    small = _smaller(shape)
    spec = {"shape": asdict(small), "precision": precision, "pretraining": pretraining}
    key = hashlib.sha256(canonical({"measured": MEASURED, "machine": machine(), **spec})).hexdigest()
    file = store.root / FOLDER / f"{key}.json"
    found = _kept(file)
    if found is None:
        tell("measuring how fast this machine trains a model of this width: some seconds, once")
        found = _measured(spec)
        if found is None:
            tell("it could not be measured: the time is a guess")
        else:
            with contextlib.suppress(OSError):  # measured again the next time
                keep(file, {"machine": machine(), **spec, "speed": asdict(found)})
    return rough(shape) if found is None else _scaled(found, small, shape)


def machine() -> dict[str, Any]:
    """What tells this machine from another, as far as speed goes."""
    return {
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "devices": sorted(str(path) for path in Path("/dev").glob("nvidia[0-9]*")),
        **{name: _version(name) for name in ("torch", "transformers", "xstilts")},
    }


def processor() -> str:
    """The processor's name, as the kernel says it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def rough(shape: Shape) -> Speed:
    """A guess, from arithmetic alone."""
    body = 2 * shape.body / ROUGH_FLOPS
    output = 0.2 * 6 * shape.embedding / ROUGH_FLOPS
    step = STEP_WORK * shape.body / ROUGH_FLOPS
    return Speed(step=step, token=3 * body, predicted_token=body, pretraining_token=3 * body + output, measured=False)


def faster(threads: int) -> float:
    """How much faster pretraining is with so many threads (Amdahl)."""
    return 1 / (SERIAL + (1 - SERIAL) / max(threads, 1))


def _smaller(shape: Shape) -> Shape:
    """As wide, but of as few layers and pieces as can be measured in a second or two."""
    of_layer = max(1, replace(shape, decoder_layers=0).body // max(shape.layers, 1))
    layers = max(1, min(shape.layers, round(WEIGHTS / of_layer)))
    pieces = min(shape.vocabulary, VOCABULARY)
    return replace(shape, layers=layers, vocabulary=pieces, decoder_layers=0, head_size=None, key_heads=None)


def _scaled(found: Speed, small: Shape, shape: Shape) -> Speed:
    """What was measured of a model of fewer layers and pieces, for the whole."""
    layers = shape.body / max(small.body, 1)

    def pretrained(one: Shape) -> float:
        update = STEP_WORK * (one.body + one.embedding) / PRETRAINING_TOKENS
        return 6 * one.body + 6 * 0.2 * one.vocabulary * one.hidden + update

    return Speed(
        step=found.step * layers,
        token=found.token * layers,
        predicted_token=found.predicted_token * layers,
        pretraining_token=found.pretraining_token * pretrained(shape) / pretrained(small),
    )


def _measured(spec: Mapping[str, Any]) -> Speed | None:
    """From a process of its own; None where it fails or takes too long."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1")}
    given = json.dumps({**spec, "seconds": SECONDS, "path": sys.path})
    try:
        done = subprocess.run(  # noqa: S603 – our own interpreter and code
            [sys.executable, "-c", _START, given],
            capture_output=True,
            timeout=PATIENCE,
            env=environment,
            check=True,
        )
        return _read(json.loads(done.stdout.splitlines()[-1]))
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None


def _kept(file: Path) -> Speed | None:
    """What was measured before; None where nothing was, or where it cannot be read any more."""
    try:
        return _read(kept(file)["speed"])
    except (LookupError, TypeError):
        return None


def _read(found: Mapping[str, Any]) -> Speed:
    return Speed(**{field.name: found[field.name] for field in fields(Speed) if field.name in found})


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
