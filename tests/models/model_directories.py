"""Model directories written by hand: nothing here needs torch, and every file can be made wrong."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = ("harbour", "bread", "river", "roof", "Zug", "Norden", "spät", "Karte", "blau", "and", "the", "Quelle")
PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS)
SETTINGS = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
CONFIG = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "vocab_size": len(PIECES),
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
LEFT_OUT = object()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'5e' * 32}\nsize 417893\n"


def write(
    folder: Path,
    *,
    config: dict | None = None,
    tensors: dict[str, tuple[int, ...]] | None = None,
    pieces: tuple[str, ...] = PIECES,
    settings: dict | None = SETTINGS,
) -> Path:
    """A small BERT with a vocab.txt; ``config`` changes its configuration, LEFT_OUT takes a key out."""
    folder.mkdir(parents=True, exist_ok=True)
    put(
        folder / "config.json",
        {key: value for key, value in {**CONFIG, **(config or {})}.items() if value is not LEFT_OUT},
    )
    safetensors(folder / "model.safetensors", bert_tensors() if tensors is None else tensors)
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    if settings is not None:
        put(folder / "tokenizer_config.json", settings)
    return folder


def bert_tensors(*, rows: int = len(PIECES), layers: int = 2, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """The tensors that matter, by name."""
    found: dict[str, tuple[int, ...]] = {
        f"{prefix}embeddings.word_embeddings.weight": (rows, 8),
        f"{prefix}embeddings.position_embeddings.weight": (32, 8),
    }
    for layer in range(layers):
        found[f"{prefix}encoder.layer.{layer}.output.dense.weight"] = (8, 16)
    return found


def safetensors(file: Path, tensors: dict[str, tuple[int, ...]], **metadata: str) -> None:
    """A whole file of zeros."""
    header: dict = {"__metadata__": {"format": "pt", **metadata}}
    end = 0
    for name, shape in tensors.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    told = json.dumps(header).encode()
    file.write_bytes(len(told).to_bytes(8, "little") + told + bytes(end))


def sharded(folder: Path, count: int) -> list[Path]:
    """Splits the weights of a directory into ``count`` files with their index."""
    tensors = bert_tensors()
    (folder / "model.safetensors").unlink()
    names = [f"model-{number + 1:05d}-of-{count:05d}.safetensors" for number in range(count)]
    parts: list[dict] = [{} for _ in names]
    for place, (tensor, shape) in enumerate(tensors.items()):
        parts[place % count][tensor] = shape
    for name, part in zip(names, parts, strict=True):
        safetensors(folder / name, part)
    mapped = {tensor: name for name, part in zip(names, parts, strict=True) for tensor in part}
    put(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": mapped})
    return [folder / name for name in names]


def fast(pieces: tuple[str, ...] = PIECES, *, added: dict[str, int] | None = None, lowercase: bool = False) -> dict:
    """What a tokenizer.json of these pieces holds."""
    tokens = [
        {"id": number, "content": token, "special": True, "single_word": False, "lstrip": False, "rstrip": False}
        | {"normalized": False}
        for token, number in (added or {}).items()
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": tokens,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": lowercase,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(pieces)},
        },
    }


def put(file: Path, value: object) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")
