"""The weights of a model directory: every file there and whole, by the headers of its safetensors files.

A safetensors file starts with the length of its header, eight bytes, and the header, which is JSON: tensor → type,
shape and where its bytes are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.models import eight_bits
from xstilts.models.preflight.configuration import ADAPTER
from xstilts.models.preflight.configuration import FILE as CONFIGURATION
from xstilts.models.preflight.eight_bits import Stored, check_eight_bits, check_whole_bits, shape_of
from xstilts.models.preflight.problems import Problems
from xstilts.models.shapes import spelled

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
LONGEST_HEADER = 100_000_000
EMBEDDING = re.compile(
    r"(?:^|\.)(?:embeddings\.(?:word_embeddings|tok_embeddings)|(?:encoder\.)?embed_tokens|shared|wte|word_embeddings"
    r"|word_embedding|embed_in)\.weight$"
)
"""Names of the matrix by which tokens are looked up, over the families of transformers."""
WRAPPED = re.compile(r"(?:_orig_mod\.|module\.)+")
POSITIONS = re.compile(r"(?:^|\.)(?:embeddings\.position_embeddings|wpe)\.weight$")
_OWN_WIDTH = ("embedding_size", "input_embedding_size", "word_embed_proj_dim")
"""Names of the width of the embedding, where it is not the model's."""
LAYER = re.compile(r"(?:^|\.)(?:layers?|h|block)\.(\d+)\.")
_OTHER = ("tf_model.h5", "flax_model.msgpack", "*.gguf", "*.onnx", "model.ckpt*", "consolidated.*")
"""Weights in other forms, which are not read."""

Shapes = Mapping[str, tuple[int, ...]]
"""Tensor → shape."""


def check_weights(problems: Problems, config: Mapping[str, Any] | None, *, name: str, complete: bool) -> int | None:
    """Notes what is wrong with the weights.

    Args:
        problems: gets what is found.
        config: the config.json, as far as it can be read.
        name: of the model, as it was given.
        complete: whether all files are expected to be here.

    Returns:
        The rows of the input embedding, or what the configuration says of them; None where neither is known.
    """
    _check_adapter(problems)
    files = _files(problems, name=name, complete=complete)
    listed = sorted({*files, *(file.name for file in problems.folder.glob("*.safetensors") if file.is_file())})
    shapes: dict[str, tuple[int, ...]] = {}
    for file in listed:
        if problems.has(file):
            found = _header(problems, file)
            if file == eight_bits.FILE:
                check_eight_bits(problems, file, found)
            elif file in files:
                check_whole_bits(problems, file, found)
            shapes.update({name: shape_of(told, file=file) for name, told in found.items()} if file in files else {})
    whole = bool(files) and all(problems.has(file) for file in files)
    if config is None:
        return None
    if not whole or not shapes:
        return spelled(config, "vocabulary")
    wrapped = next((match[0] for tensor in shapes if (match := WRAPPED.match(tensor))), "")
    if wrapped and all(tensor.startswith(wrapped) for tensor in shapes):
        text = f"every tensor is named {wrapped}…, as within a wrapper (DataParallel, torch.compile)"
        problems.add(text, file=files[0], hint="save the model inside it with save_pretrained")
        return None
    _check_layers(problems, config, shapes)
    return _embedding(problems, config, shapes)


def _check_adapter(problems: Problems) -> None:
    """An adapter is no model; beside a model it would be put into it, or looked for."""
    if not (problems.folder / ADAPTER).exists():
        return
    base = (problems.table(ADAPTER) or {}).get("base_model_name_or_path")
    of_base = f" of {base}" if isinstance(base, str) and base else ""
    if any((problems.folder / file).exists() for file in (WHOLE, INDEX, eight_bits.FILE)):
        text = f"describes an adapter{of_base} beside the weights of a whole model: transformers would load both"
        hint = f"if the model is merged, take {ADAPTER} out of the directory; else merge it (peft: merge_and_unload)"
    else:
        text = f"an adapter{of_base}, not a whole model"
        hint = "merge it into its base model (peft: merge_and_unload, save_pretrained) and give that directory"
    problems.add(text, file=ADAPTER, hint=hint)


def _files(problems: Problems, *, name: str, complete: bool) -> list[str]:
    """The safetensors files that hold the model; what is missing of them is noted."""
    if (problems.folder / eight_bits.FILE).exists() or eight_bits.FILE in problems.unusable:
        if twice := [file for file in (WHOLE, INDEX) if (problems.folder / file).exists()]:
            text = f"holds weights twice: {eight_bits.FILE} and {twice[0]}"
            problems.add(text, hint="take one of them out of the directory")
        return [eight_bits.FILE]
    if (problems.folder / WHOLE).exists() or WHOLE in problems.unusable:
        return [WHOLE]
    if (problems.folder / INDEX).exists() or INDEX in problems.unusable:
        return _shards(problems, complete=complete)
    if not complete or (problems.folder / ADAPTER).exists():
        return []
    pickled = sorted(p.name for p in problems.folder.glob("*.bin") if p.name != "training_args.bin")
    others = sorted(file.name for pattern in _OTHER for file in problems.folder.glob(pattern))
    if any(file in problems.unusable for file in pickled):
        return []
    hint = f"expected {WHOLE}"
    if pickled:
        hint = f"`xstilts convert {name} NEW_DIR` turns {pickled[0]} into safetensors"
    elif others:
        hint = f"{others[0]} is not read; save the model with transformers, which writes {WHOLE}"
    problems.add("not a safetensors checkpoint", hint=hint)
    return []


def _shards(problems: Problems, *, complete: bool) -> list[str]:
    """The files that an index names."""
    index = problems.table(INDEX)
    if index is None:
        return []
    mapped = index.get("weight_map")
    if not isinstance(mapped, dict) or not mapped or not all(isinstance(file, str) for file in mapped.values()):
        problems.add("has no weight_map from tensors to files", file=INDEX)
        return []
    shards = sorted(set(mapped.values()))
    if strange := [shard for shard in shards if Path(shard).name != shard]:
        problems.add(f"names a file outside the directory: {strange[0]!r}", file=INDEX)
        return []
    missing = [s for s in shards if s not in problems.unusable and not _exists(problems.folder / s)]
    if missing and complete:
        shown = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        text = f"{len(missing)} of the {len(shards)} files of weights that it names are missing: {shown}"
        problems.add(text, file=INDEX, hint="download them beside it")
    return shards


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # a name that no file can have
        return False


def _header(problems: Problems, name: str) -> dict[str, Stored]:
    """The types and shapes in a file of weights, whose length must be what its header says."""
    file = problems.folder / name
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, LONGEST_HEADER):
            problems.add("not a safetensors file, or a truncated one", file=name, hint="download it again")
            problems.unusable.add(name)
            return {}
        raw = stream.read(length)
    try:
        header = {tensor: told for tensor, told in json.loads(raw).items() if tensor != "__metadata__"}
        end = max((int(told["data_offsets"][1]) for told in header.values()), default=0)
        stored = {
            tensor: Stored(str(told.get("dtype")), tuple(int(side) for side in told.get("shape", ())))
            for tensor, told in header.items()
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        problems.add("not a safetensors file: its header is not readable", file=name, hint="download it again")
        problems.unusable.add(name)
        return {}
    if 8 + length + end != size:
        text = f"a truncated safetensors file: {size} bytes, its header says {8 + length + end}"
        problems.add(text, file=name, hint="download it again")
        problems.unusable.add(name)
    return stored


def _check_layers(problems: Problems, config: Mapping[str, Any], shapes: Shapes) -> None:
    """The configuration must not ask for more layers than there are weights for."""
    layers = spelled(config, "layers")
    held = {int(found[1]) for tensor in shapes if (found := LAYER.search(tensor))}
    if layers and held and max(held) + 1 < layers:
        _differs(problems, f"{layers} layers", f"the weights hold {max(held) + 1}")


def _embedding(problems: Problems, config: Mapping[str, Any], shapes: Shapes) -> int | None:
    """The rows of the input embedding; it and the table of positions are of the size that the configuration says."""
    table = next((shape for tensor, shape in shapes.items() if POSITIONS.search(tensor) and len(shape) == 2), None)
    positions = spelled(config, "positions")
    if table and positions and table[0] != positions:
        _differs(problems, f"{positions:,} positions", f"the table of positions in the weights has {table[0]:,}")
    found = next((shape for tensor, shape in shapes.items() if EMBEDDING.search(tensor) and len(shape) == 2), None)
    vocabulary, hidden = spelled(config, "vocabulary"), spelled(config, "hidden")
    if found is None:
        return vocabulary
    rows, width = found
    if vocabulary and vocabulary != rows:
        _differs(problems, f"vocab_size {vocabulary:,}", f"the embedding in the weights has {rows:,} rows")
    if hidden and width not in {hidden, *(config.get(name) for name in _OWN_WIDTH)}:
        _differs(problems, f"a width of {hidden:,}", f"the embedding in the weights has {width:,}")
    return rows


def _differs(problems: Problems, said: str, held: str) -> None:
    problems.add(f"says {said}, {held}", file=CONFIGURATION, hint="take config.json and weights from the same model")
