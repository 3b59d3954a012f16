"""What the benches of the engine work on: real sentences of XNLI, UD and TyDiQA under a vocabulary of XLM-R's size.

No checkpoint is needed: a byte-pair tokenizer of 64,000 pieces is trained on the texts themselves and its ids are
scattered over 250,002 by a fixed permutation. Lengths and the number of distinct ids are therefore those of a real
tokenizer; the ids' order is not (XLM-R's frequent pieces lie at the front), which no contender makes use of.
The model has XLM-R's vocabulary and a body of 6 layers of 384, drawn from a seed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xstilts import registry
from xstilts.heads import rows as row_files
from xstilts.heads.rows import Rows

PIECES = 64_000
VOCABULARY = 250_002
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = VOCABULARY - 1
PAD = 1
SHAPES = {
    "small": {"num_hidden_layers": 6, "hidden_size": 384, "intermediate_size": 1536, "num_attention_heads": 6},
    "base": {"num_hidden_layers": 12, "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
    "large": {"num_hidden_layers": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16},
}


@dataclass(frozen=True)
class Work:
    """One task of the bench: where its rows come from and how it is trained (jiant's recipe for XTREME)."""

    task: str
    train: tuple[str, ...]
    test: str
    max_length: int
    batch_size: int

    @property
    def kind(self) -> str:
        return str(registry.find("tasks", self.task).kind)

    @property
    def head(self) -> Any:  # noqa: ANN401
        return registry.find("heads.encoder", self.kind)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(registry.find("tasks", self.task).labels)


WORKS = {
    "xnli": Work("xnli", ("xnli/train-en.tsv",), "xnli/test-*.tsv", 128, 32),
    "udpos": Work("udpos", ("udpos/train-en.tsv",), "udpos/test-*.tsv", 128, 32),
    "tydiqa": Work(
        "tydiqa",
        ("tydiqa/tydiqa-goldp-v1.1-train/tydiqa.en.train.json",),
        "tydiqa/tydiqa-goldp-v1.1-dev/tydiqa.goldp.*.dev.json",
        384,
        16,
    ),
}


FILES = ("xnli/train-en.tsv", "udpos/train-en.tsv", "tydiqa/tydiqa-goldp-v1.1-train/*.json")
"""What the data folder must hold: upstream layouts."""


NOTE = (
    f"Model: a vocabulary of {VOCABULARY:,}, drawn. Rows: real sentences in byte pairs of {PIECES:,} pieces, their ids "
    "scattered over the vocabulary."
)


def prepare(data: Path, folder: Path) -> None:
    """Makes the files of rows that are not there yet, and notes which there are."""
    found: dict[str, list[str]] = {}
    tokenizer = None
    for name, work in WORKS.items():
        splits = {"train": [data / one for one in work.train]}
        splits.update({_code(file): [file] for file in sorted(data.glob(work.test))})
        found[name] = list(splits)
        for split, sources in splits.items():
            if not (target := _file(folder, name, split)).exists():
                tokenizer = tokenizer or _tokenizer(data, folder)
                _write(work, sources, tokenizer, target, training=split == "train")
    (folder / "splits.json").write_text(json.dumps(found))


def files(folder: Path) -> dict[str, dict[str, Path]]:
    """Task → split (``train`` or a language of the test) → file of rows."""
    found = json.loads((folder / "splits.json").read_text())
    return {task: {split: _file(folder, task, split) for split in splits} for task, splits in found.items()}


def _file(folder: Path, task: str, split: str) -> Path:
    return folder / f"{task}.{split}.arrow"


def read(file: Path) -> Rows:
    """The rows of a file."""
    return row_files.read(file)


def examples(rows: Rows, count: int, *, start: int = 0) -> Rows:
    """The rows of ``count`` examples from ``start`` on."""
    starts = rows.of_examples()
    first, last = int(starts[min(start, len(starts) - 1)]), int(starts[min(start + count, len(starts) - 1)])
    ragged = {}
    for name, (values, offsets) in rows.ragged.items():
        inside = offsets[first : last + 1]
        ragged[name] = (values[inside[0] : inside[-1]], inside - inside[0])
    return Rows(ragged=ragged, scalars={name: values[first:last] for name, values in rows.scalars.items()})


def configuration(shape: str) -> Any:  # noqa: ANN401
    from transformers import XLMRobertaConfig

    return XLMRobertaConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        pad_token_id=PAD,
        bos_token_id=0,
        eos_token_id=2,
        **SHAPES[shape],
    )


def checkpoint(folder: Path, shape: str, *, seed: int = 1) -> Path:
    """The folder of the drawn encoder, from which every contender starts; made once."""
    import torch
    from transformers import XLMRobertaModel

    directory = folder / f"{shape}-{seed}"
    if not (directory / "model.safetensors").exists():
        torch.manual_seed(seed)
        XLMRobertaModel(configuration(shape), add_pooling_layer=False).save_pretrained(directory)
    return directory


def product_flops(shape: str) -> float:
    """Floating-point operations of the body's matrix products per token, forward (attention's own left out)."""
    sizes = SHAPES[shape]
    width, inner = sizes["hidden_size"], sizes["intermediate_size"]
    return 2.0 * sizes["num_hidden_layers"] * (4 * width * width + 2 * width * inner)


def after_attention(shape: str) -> float:
    """The share of these that comes after the last layer's attention."""
    sizes = SHAPES[shape]
    width, inner = sizes["hidden_size"], sizes["intermediate_size"]
    return (width + 2 * inner) / (4 * width + 2 * inner) / sizes["num_hidden_layers"]


def _code(file: Path) -> str:
    """The language's code in a file's name: ``test-de.tsv``, ``tydiqa.goldp.ko.dev.json``."""
    return file.stem.removesuffix(".dev").removesuffix(".train").replace(".", "-").split("-")[-1]


def _tokenizer(data: Path, folder: Path) -> Any:  # noqa: ANN401
    """A byte-pair tokenizer with the special tokens and the template of XLM-R."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    file = folder / "tokenizer.json"
    if not file.exists():
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.BpeTrainer(vocab_size=PIECES, special_tokens=list(SPECIAL), show_progress=False)
        tokenizer.train_from_iterator(_sentences(data), trainer)
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
        )
        tokenizer.save(str(file))
    return PreTrainedTokenizerFast(
        tokenizer_file=str(file),
        **dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), SPECIAL, strict=True)),
        model_input_names=["input_ids", "attention_mask"],
    )


def _sentences(data: Path) -> Any:  # noqa: ANN401
    for file in sorted([*data.glob("text/mono/*.txt"), *data.glob("xnli/train-*.tsv")]):
        with file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream):
                if number == 20_000:
                    break
                yield line.strip()


def _write(work: Work, files: list[Path], tokenizer: Any, target: Path, *, training: bool) -> None:  # noqa: ANN401
    read = registry.find("tasks", work.task).local.read
    found = [example for file in files for example in read(file, _language(file))]
    encoded = work.head.encode(
        found, tokenizer=tokenizer, labels=work.labels, max_length=work.max_length, training=training
    )
    scattered = np.concatenate(
        [np.arange(len(SPECIAL)), len(SPECIAL) + np.random.default_rng(0).permutation(MASK - len(SPECIAL))]
    )
    rows = ({**row, "input_ids": scattered[row["input_ids"]].tolist()} for row in encoded)
    partial = target.with_suffix(".partial")
    row_files.write(rows, partial, columns=work.head.columns)
    partial.rename(target)


def _language(file: Path) -> str:
    from xstilts.languages import from_code

    return from_code(_code(file), "xtreme").id
