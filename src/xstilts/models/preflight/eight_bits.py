"""The types of the tensors in a file of weights: in 8 or 4 bits where its name says so, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xstilts.models import four_bits
from xstilts.models.eight_bits import FILE, SCALE
from xstilts.models.preflight.problems import Problems

NUMBERS, SCALES = "I8", "F32"
PAIRS, SHARED = "U8", "F16"
"""Two values of 4 bits in a byte, and the scales that 32 values share."""
FLOATS = frozenset({"F32", "F16", "BF16"})
QUANTISED = frozenset({"I8", "I4", "U4", "F4"})
"""Types in which other tools keep quantised weights; F8 has several names of its own. U8 may be a mask (GPT-2)."""


class Stored(NamedTuple):
    """How a tensor is stored: its type in the names of safetensors, and its shape."""

    dtype: str
    shape: tuple[int, ...]


def check_eight_bits(problems: Problems, file: str, stored: Mapping[str, Stored]) -> None:
    """Every matrix of whole numbers has its scales, and nothing else is in an unexpected type."""
    for name, (dtype, shape) in stored.items():
        if name.endswith((SCALE, four_bits.SCALE)):
            if name.removesuffix(SCALE).removesuffix(four_bits.SCALE) not in stored:
                _damaged(problems, file, f"holds {name} without the values that it scales")
        elif dtype == NUMBERS:
            _check_scales(problems, file, stored, name, SCALE, Stored(SCALES, shape[:-1]))
        elif dtype == PAIRS and len(shape) == 2:
            groups = Stored(SHARED, (shape[0], shape[1] * 2 // four_bits.GROUP))
            _check_scales(problems, file, stored, name, four_bits.SCALE, groups)
        elif dtype not in FLOATS:
            _damaged(problems, file, f"{name} is of type {dtype}; {NUMBERS} with scales, or {SCALES}, is expected")


def shape_of(told: Stored, *, file: str) -> tuple[int, ...]:
    """The shape of a tensor as it is computed with: in 4 bits, a row has twice as many values as bytes."""
    packed = file == FILE and told.dtype == PAIRS and len(told.shape) == 2
    return (told.shape[0], told.shape[1] * 2) if packed else told.shape


def check_whole_bits(problems: Problems, file: str, stored: Mapping[str, Stored]) -> None:
    """Weights that another tool has quantised would be loaded as if their whole numbers were the values."""
    found = [name for name, told in stored.items() if told.dtype in QUANTISED or told.dtype.startswith("F8")]
    if found:
        text = f"{len(found)} of its tensors are quantised, e.g. {found[0]} ({stored[found[0]].dtype})"
        known = any(name.endswith((SCALE, four_bits.SCALE)) for name in stored)
        hint = f"a file in 8 bits is called {FILE}" if known else "give the original model"
        problems.add(text, file=file, hint=hint)


def _check_scales(
    problems: Problems, file: str, stored: Mapping[str, Stored], name: str, suffix: str, expected: Stored
) -> None:
    """A tensor of whole numbers has the scales that are expected."""
    scale = stored.get(name + suffix)
    if scale is None:
        bits = 8 if suffix == SCALE else 4
        _damaged(problems, file, f"holds {bits}-bit values of {name} without their scales ({name}{suffix})")
    elif scale != expected:
        _damaged(problems, file, f"{name}{suffix} is {_shown(scale)}; {_shown(expected)} is expected")


def _damaged(problems: Problems, file: str, text: str) -> None:
    problems.add(text, file=file, hint="get it again, or write it anew")


def _shown(stored: Stored) -> str:
    return f"{stored.dtype} [{', '.join(map(str, stored.shape))}]"
