"""Hands nodes to the phase that runs them: what an executor is given to call."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from xstilts.engine import memory
from xstilts.models.versions import hide_deprecations
from xstilts.phases.methods import phase_of
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

if TYPE_CHECKING:
    from xstilts.engine.plain import Plain


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Runs nodes of one kind; each has an entry in the store when this returns."""
    from xstilts.training.placement import deterministic

    deterministic(threads=max(node.threads for node in nodes))
    with _quiet():
        phase_of(nodes[0].kind).run(nodes, store, progress)
    memory.between_nodes()


def facts(
    started: float, *, tokens: int, threads: int, engine: Plain | None = None, remarks: Iterable[str] = ()
) -> dict[str, object]:
    """What a manifest records of how a result came about.

    Args:
        started: ``time.monotonic()`` at the start.
        tokens: model tokens processed, padding left out.
        threads: cores used.
        engine: by which a model was computed.
        remarks: what people should know of what was computed with.
    """
    import platform
    from importlib.metadata import version

    import torch

    cuda = torch.cuda.is_available()
    told = dict.fromkeys([*([engine.why] if engine and engine.why else []), *remarks])
    return {
        "seconds": round(time.monotonic() - started, 3),
        "tokens": tokens,
        "threads": threads,
        "device": torch.cuda.get_device_name(0) if cuda else "cpu",
        "processor": platform.machine() + (f" {_cpu_name()}" if not cuda else ""),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "tokenizers": version("tokenizers"),
        "xstilts": version("xstilts"),
        **({"engine": engine.name} if engine else {}),
        **({"warnings": list(told)} if told else {}),
    }


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:  # noqa: PTH123 – not a file of ours
            names = [line.split(":", 1)[1].strip() for line in stream if line.startswith("model name")]
    except OSError:
        return ""
    return names[0] if names else ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Progress is ours to show: the libraries' bars and advice would tear it apart."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("accelerate").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*deterministic.*", category=UserWarning)
        hide_deprecations()
        yield
