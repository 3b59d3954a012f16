"""Turns a checkpoint into an ordinary one: pickled weights (``.bin``), once and by explicit command, or 8-bit ones."""

from __future__ import annotations

import shutil
from pathlib import Path

from xstilts.errors import CheckpointError, ConfigError
from xstilts.models import eight_bits
from xstilts.models.preflight.problems import Problems, check_files

INDEX = "pytorch_model.bin.index.json"
CARRIED = ("*.json", "*.model", "vocab.txt", "merges.txt")


def convert(source: Path, target: Path) -> Path:
    """Writes ``target/model.safetensors`` from the ``.bin`` files of ``source``, and copies what goes with it.

    Only tensors are read (``torch.load(weights_only=True)``): code in a pickle is never run. Weights in 8 bits
    (`xstilts.models.eight_bits`) become fp32, to the bit the values that are computed with here.

    Raises:
        CheckpointError: no ``.bin`` file, one that holds more than tensors, or damaged weights.
        ConfigError: the target exists and is not an empty folder.
    """
    import torch
    from safetensors.torch import save_file

    in_eight_bits = eight_bits.is_in_eight_bits(source)
    pickles = [] if in_eight_bits else _pickles(source)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError("the target exists and is not an empty folder", where=target)
    tensors: dict[str, torch.Tensor] = eight_bits.read(source) if in_eight_bits else {}
    for pickle in pickles:
        try:
            loaded = torch.load(pickle, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises its unpickler's own types
            text = (str(error).strip().splitlines() or [""])[0][:200]
            raise CheckpointError(f"holds more than tensors, or is damaged: {text}", where=pickle) from None
        if not isinstance(loaded, dict):
            raise CheckpointError("is not a table of tensors", where=pickle)
        # Tied weights share memory, which safetensors refuses: each gets its own copy.
        tensors.update({k: v.clone().contiguous() for k, v in loaded.items() if isinstance(v, torch.Tensor)})
    if not tensors:
        raise CheckpointError("holds no tensors at its top level", where=pickles[0])
    target.mkdir(parents=True, exist_ok=True)
    for pattern in CARRIED:
        for file in source.glob(pattern):
            if not file.name.endswith(".bin.index.json"):
                shutil.copy2(file, target / file.name)
    partial = target / "model.safetensors.partial"
    save_file(tensors, partial, metadata={"format": "pt"})
    partial.replace(target / "model.safetensors")
    return target


def _pickles(source: Path) -> list[Path]:
    """The ``.bin`` files of a model, all of them there and none a stand-in for itself."""
    try:
        names = sorted(file.name for file in source.iterdir())
    except OSError as error:
        what = "no such directory" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise CheckpointError(what, where=source) from None
    problems = Problems(source)
    read = [name for name in names if any(Path(name).match(pattern) for pattern in ("*.bin", *CARRIED))]
    check_files(problems, read)
    problems.refuse()
    pickles = [source / name for name in read if Path(name).match("pytorch_model*.bin")]
    pickles = pickles or [source / name for name in read if name.endswith(".bin")]
    if not pickles:
        raise CheckpointError("holds no .bin file to convert", where=source)
    mapped = (problems.table(INDEX) or {}).get("weight_map")
    problems.refuse()
    named = {str(file) for file in mapped.values()} if isinstance(mapped, dict) else set()
    if missing := sorted(named.difference(names)):
        text = (
            f"{len(missing)} of the {len(named)} files of weights that it names are missing: {', '.join(missing[:3])}"
        )
        raise CheckpointError(text, where=source / INDEX, hint="download them beside it")
    return pickles
