"""Weights in 8 bits: each row of a matrix as whole numbers from −127 to 127 and one scale.

A directory in this form holds ``model.int8.safetensors`` in place of ``model.safetensors``, under the same names of
tensors. A matrix is of type I8 and has its scales beside it, ``<name>.int8_scale`` (F32, one per row); small tensors
and those of one dimension are in F32. Only storage is in 8 bits: what is loaded, computed with and trained is fp32.

A value is its whole number times its scale. A scale has 16 significant bits and a whole number 7, so that the product
is exact in fp32: it comes out the same, to the bit, on every machine, and quantising it again changes nothing. The
scale is the least such number that is not below the row's largest magnitude / 127.

Matrices that are named so may be in 4 bits instead (`four_bits`): of type U8, with ``<name>.int4_scale`` beside them.
That suits an embedding that comes from a copy in 4 bits and was not trained since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.errors import CheckpointError
from xstilts.models import four_bits

if TYPE_CHECKING:
    import torch

FILE = "model.int8.safetensors"
SCALE = ".int8_scale"
LARGEST = 127
SIGNIFICANT = 16
"""Bits of a scale."""
SMALL = 4096
"""Values below which a tensor is kept as it is."""
_LEAST, _MOST = 2.0**-100, 2.0**120
"""A row below the first is zero; beyond the second nothing is a weight."""
_ROWS = 32_768
"""Quantised together, in fp64."""


def quantise(tensors: Mapping[str, torch.Tensor], four: Collection[str] = ()) -> dict[str, torch.Tensor]:
    """The tensors of a model as they are stored.

    Args:
        tensors: of the model.
        four: names of matrices that are stored in 4 bits.

    Raises:
        CheckpointError: a value that is not a number, or too large for a weight; a matrix that 4 bits cannot store.
    """
    import torch

    stored: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or name.endswith((SCALE, four_bits.SCALE)):
            raise CheckpointError(f"{name} is of type {tensor.dtype}, not a weight that can be stored in 8 bits")
        if not bool((tensor.abs() < _MOST).all()):
            raise CheckpointError(f"{name} holds values that are not numbers, or too large for weights")
        if name in four:
            if not four_bits.fits(tensor):
                raise CheckpointError(f"{name} {list(tensor.shape)} is no matrix of whole groups of {four_bits.GROUP}")
            stored[name], stored[name + four_bits.SCALE] = four_bits.pack(tensor)
        elif tensor.ndim < 2 or tensor.numel() < SMALL:
            stored[name] = tensor.to(torch.float32).contiguous()
        else:
            stored[name], stored[name + SCALE] = _rows(tensor)
    return stored


def dequantise(stored: Mapping[str, torch.Tensor], *, where: Path | str = "") -> dict[str, torch.Tensor]:
    """The tensors of a model in fp32.

    Args:
        stored: as `quantise` gives them.
        where: for messages.

    Raises:
        CheckpointError: they are not, or are damaged.
    """
    import torch

    found: dict[str, torch.Tensor] = {}
    for name, tensor in stored.items():
        if name.endswith((SCALE, four_bits.SCALE)):
            continue
        if tensor.dtype == torch.int8:
            found[name] = _in_eight_bits(name, tensor, stored.get(name + SCALE), where=where)
        elif tensor.dtype == torch.uint8:
            found[name] = _in_four_bits(name, tensor, stored.get(name + four_bits.SCALE), where=where)
        else:
            found[name] = tensor.to(torch.float32)
    return found


def write(tensors: Mapping[str, torch.Tensor], directory: Path, four: Collection[str] = ()) -> Path:
    """Writes the weights of a model in 8 bits, those of ``four`` in 4; gives the file."""
    from safetensors.torch import save_file

    file = directory / FILE
    save_file(quantise(tensors, four), file, metadata={"format": "pt", "bits": "8"})
    return file


def read(directory: Path) -> dict[str, torch.Tensor]:
    """The weights of a directory in this form, in fp32.

    Raises:
        CheckpointError: the file cannot be read, or is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file = directory / FILE
    try:
        stored = load_file(file)
    except (OSError, ValueError, SafetensorError) as error:
        raise CheckpointError(f"cannot be read: {error}", where=file) from None
    return dequantise(stored, where=file)


def is_in_eight_bits(directory: Path) -> bool:
    """Whether a directory's weights are in this form."""
    return (directory / FILE).exists()


def _in_eight_bits(name: str, numbers: torch.Tensor, scale: torch.Tensor | None, *, where: Path | str) -> torch.Tensor:
    """A matrix in 8 bits, in fp32."""
    import torch

    if scale is None or scale.dtype != torch.float32 or scale.shape != numbers.shape[:-1]:
        raise CheckpointError(f"holds 8-bit values of {name} without a scale for each row", where=where)
    if not bool(((scale >= 0) & (scale < _MOST)).all()) or int(numbers.amin()) < -LARGEST:
        raise CheckpointError(f"the 8-bit values of {name}, or their scales, are damaged", where=where)
    return numbers.to(torch.float32).mul_(scale.unsqueeze(-1))


def _in_four_bits(name: str, packed: torch.Tensor, scales: torch.Tensor | None, *, where: Path | str) -> torch.Tensor:
    """A matrix in 4 bits, in fp32."""
    import torch

    groups = (len(packed), packed.shape[-1] * 2 // four_bits.GROUP)
    if scales is None or scales.dtype != torch.float16 or scales.shape != groups:
        raise CheckpointError(f"holds 4-bit values of {name} without a scale for each {four_bits.GROUP}", where=where)
    if not bool(scales.isfinite().all()):
        raise CheckpointError(f"the scales of the 4-bit values of {name} are damaged", where=where)
    return four_bits.unpack(packed, scales)


def _rows(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers of a tensor, and the scales of its rows."""
    import torch

    flat = tensor.reshape(-1, tensor.shape[-1])
    numbers = torch.empty(flat.shape, dtype=torch.int8)
    scales = torch.empty(flat.shape[0], dtype=torch.float32)
    for begin in range(0, len(flat), _ROWS):
        part = flat[begin : begin + _ROWS].to(torch.float64)
        scale = _scales(part.abs().amax(dim=-1))
        divisor = torch.where(scale > 0, scale, torch.ones_like(scale)).unsqueeze(-1)
        whole = (part / divisor).round().clamp(-LARGEST, LARGEST)
        numbers[begin : begin + _ROWS] = torch.where(scale.unsqueeze(-1) > 0, whole, torch.zeros_like(whole))
        scales[begin : begin + _ROWS] = scale
    return numbers.reshape(tensor.shape), scales.reshape(tensor.shape[:-1])


def _scales(largest: torch.Tensor) -> torch.Tensor:
    """The least number of 16 significant bits that is not below a magnitude / 127; 0 for rows of zeros. In fp64."""
    import torch

    mantissa, exponent = torch.frexp(largest / LARGEST)
    scale = torch.ldexp(torch.ceil(mantissa * 2**SIGNIFICANT), exponent - SIGNIFICANT)
    return torch.where(largest < _LEAST, torch.zeros_like(scale), scale)
