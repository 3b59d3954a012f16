"""Turns the checkpoint of ``pretrain-mini`` into a model of the package, without heads.

python tools/ship_mini.py CHECKPOINT_DIR src/xstilts/models/mini --embedding-bits 4

With 16 bits the weights are ``model.safetensors`` in fp16, with 8 bits ``model.int8.safetensors``
(`xstilts.models.eight_bits`), where the rows of the pieces may be in 4. ``tokenizer.json`` is written without blanks.
The errors that this makes are printed: relative to the values of each tensor.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from xstilts.models import eight_bits

TOKENIZER = "tokenizer.json"
FILES = (TOKENIZER, "tokenizer_config.json", "special_tokens_map.json")
EMBEDDINGS = ("word_embeddings.weight", "tok_embeddings.weight")
"""How the names of the rows of the pieces end."""
ORDINARY = "model.safetensors"
LARGEST_FILE = 40e6
"""Bytes that the model may take up in the package."""

Tensors = Mapping[str, torch.Tensor]


def main(source: Path, target: Path, *, bits: int, embedding_bits: int = 8) -> int:
    """Writes config, weights and tokenizer; gives the bytes of all files of the target."""
    tensors = {name: tensor.float() for name, tensor in _read(source).items()}
    target.mkdir(parents=True, exist_ok=True)
    if bits == 8:
        four = [name for name in tensors if name.endswith(EMBEDDINGS)] if embedding_bits == 4 else []
        file = eight_bits.write(tensors, target, four)
        shipped = eight_bits.read(target)
    else:
        file = target / ORDINARY
        half = {name: tensor.to(torch.float16) for name, tensor in tensors.items()}
        save_file(half, file, metadata={"format": "pt"})
        shipped = {name: tensor.float() for name, tensor in half.items()}
    for name in {ORDINARY, eight_bits.FILE} - {file.name}:
        (target / name).unlink(missing_ok=True)
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config["dtype"] = "float32" if bits == 8 else "float16"
    (target / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name in FILES:
        if (source / name).exists() and source.resolve() != target.resolve():
            shutil.copyfile(source / name, target / name)
    _write_compactly(target / TOKENIZER)
    file.chmod(0o644)
    _print_errors(tensors, shipped)
    size = sum(one.stat().st_size for one in target.iterdir() if one.is_file())
    count = sum(tensor.numel() for tensor in tensors.values())
    print(f"{count:,} parameters; {file.name} {file.stat().st_size / 1e6:.1f} MB, all files {size / 1e6:.1f} MB")
    if size > LARGEST_FILE:
        print(f"more than {LARGEST_FILE / 1e6:.0f} MB: too large for the package")
    return size


def relative_errors(tensors: Tensors, shipped: Tensors) -> dict[str, float]:
    """Tensor → the norm of what was lost over the norm of its values."""
    norms = {name: float(tensor.double().norm()) for name, tensor in tensors.items()}
    lost = {name: float((tensor.double() - shipped[name].double()).norm()) for name, tensor in tensors.items()}
    return {name: lost[name] / norm if norm else 0.0 for name, norm in norms.items()}


def _write_compactly(file: Path) -> None:
    """Takes the blanks between values out of a JSON file: half of a tokenizer's bytes."""
    if file.exists():
        told = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def _read(source: Path) -> Tensors:
    return eight_bits.read(source) if eight_bits.is_in_eight_bits(source) else load_file(source / ORDINARY)


def _print_errors(tensors: Tensors, shipped: Tensors) -> None:
    errors = relative_errors(tensors, shipped)
    worst = max(errors, key=errors.__getitem__)
    mean = sum(errors[name] * tensor.numel() for name, tensor in tensors.items())
    mean /= sum(tensor.numel() for tensor in tensors.values())
    print(f"relative error of a tensor: largest {errors[worst]:.4%} ({worst}), mean over all parameters {mean:.4%}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="the checkpoint")
    parser.add_argument("target", type=Path, help="the folder of the package")
    parser.add_argument("--bits", type=int, choices=(8, 16), default=8)
    parser.add_argument("--embedding-bits", type=int, choices=(4, 8), default=8, help="with --bits 8")
    chosen = parser.parse_args()
    main(chosen.source, chosen.target, bits=chosen.bits, embedding_bits=chosen.embedding_bits)
