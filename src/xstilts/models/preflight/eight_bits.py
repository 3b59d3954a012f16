"""The types of the tensors in a file of weights: in 8 bits where its name says so, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xstilts.models.eight_bits import FILE, SCALE
from xstilts.models.preflight.problems import Problems

NUMBERS, SCALES = "I8", "F32"
FLOATS = frozenset({"F32", "F16", "BF16"})
QUANTISED = frozenset({"I8", "I4", "U4", "F4"})
"""Types in which other tools keep quantised weights; F8 has several names of its own. U8 may be a mask (GPT-2)."""


class Stored(NamedTuple):
    """How a tensor is stored: its type in the names of safetensors, and its shape."""

    dtype: str
    shape: tuple[int, ...]


def check_eight_bits(problems: Problems, file: str, stored: Mapping[str, Stored]) -> None:
    """Every matrix of whole numbers has a scale for each row, and nothing else is in an unexpected type."""
    for name, (dtype, shape) in stored.items():
        if name.endswith(SCALE):
            if name.removesuffix(SCALE) not in stored:
                _damaged(problems, file, f"holds {name} without the values that it scales")
        elif dtype == NUMBERS:
            scale = stored.get(name + SCALE)
            if scale is None:
                _damaged(problems, file, f"holds 8-bit values of {name} without their scales ({name}{SCALE})")
            elif scale != (SCALES, shape[:-1]):
                text = f"{name}{SCALE} is {_shown(scale)}; {_shown(Stored(SCALES, shape[:-1]))} is expected"
                _damaged(problems, file, text)
        elif dtype not in FLOATS:
            _damaged(problems, file, f"{name} is of type {dtype}; {NUMBERS} with scales, or {SCALES}, is expected")


def check_whole_bits(problems: Problems, file: str, stored: Mapping[str, Stored]) -> None:
    """Weights that another tool has quantised would be loaded as if their whole numbers were the values."""
    found = [name for name, told in stored.items() if told.dtype in QUANTISED or told.dtype.startswith("F8")]
    if found:
        text = f"{len(found)} of its tensors are quantised, e.g. {found[0]} ({stored[found[0]].dtype})"
        known = any(name.endswith(SCALE) for name in stored)
        hint = f"a file in 8 bits is called {FILE}" if known else "give the original model"
        problems.add(text, file=file, hint=hint)


def _damaged(problems: Problems, file: str, text: str) -> None:
    problems.add(text, file=file, hint="get it again, or write it anew")


def _shown(stored: Stored) -> str:
    return f"{stored.dtype} [{', '.join(map(str, stored.shape))}]"
