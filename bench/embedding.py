"""Sentence vectors for Tatoeba's languages: xstilts against sentence-transformers' ``encode``, or what it does.

python bench/embedding.py --data DIR [--languages 21] [--sentences 1000] [--rounds 3] [--threads N] [--json FILE]

DIR holds tatoeba/. The model has XLM-R's vocabulary and a body of 6 layers of 384,
drawn from a seed; the tokenizer is that of ``mini``. Both give the mean over the last layer's tokens, scaled to length
1: the others at their defaults (fp32, 32 sentences a batch, the longest first, a call per file), xstilts as a run does
it (bf16, all languages in one pass, batches of a token budget). The least cosine of equal sentences' vectors is shown.
Where sentence-transformers is not installed, its ``encode`` is written out with transformers, and the table says so.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from harness import machine, options, turns
from harness.verdicts import Verdict

SIZES = {
    "tiny": {"rounds": 1, "languages": 2, "sentences": 20},
    "small": {"rounds": 2, "languages": 5, "sentences": 300},
    "full": {"rounds": 3, "languages": 21, "sentences": 1000},
}
TARGET = 2.0
FILES = "tatoeba/tatoeba.*"
TOKENS = 4096
BATCH = 32
MAX_LENGTH = 512
INSTALLED = importlib.util.find_spec("sentence_transformers") is not None
OURS = "xstilts"
THEIRS = "sentence-transformers" if INSTALLED else "sentence-transformers' encode, written out"


def ours(given: argparse.Namespace, part: str) -> turns.Found:
    machine.set_up_as_a_run_does()
    from transformers import AutoTokenizer

    from xstilts import registry
    from xstilts.evaluation.predicting import predict
    from xstilts.heads import rows as row_files
    from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
    from xstilts.training.model import TransferModel
    from xstilts.training.placement import accelerator_for, deterministic

    deterministic(threads=given.threads)
    head = registry.find("heads.encoder", "bitext_mining")
    tokenizer, encoder = AutoTokenizer.from_pretrained(checkpoint(given)), ENCODER.load(checkpoint(given))
    model = TransferModel(encoder, {"bench": head}, {"bench": head.build(hidden_size=384, labels=(), dropout=0.0)})
    model.layers["bench"] = encoder.config.num_hidden_layers
    texts = sentences(given)
    machine.warm_up()

    def work() -> list[Any]:
        pools = []
        for number, text in enumerate(texts):
            file = given.work / f"embedding-{number}.arrow"
            encoded = head.encode(
                _examples(text), tokenizer=tokenizer, labels=(), max_length=MAX_LENGTH, training=False
            )
            row_files.write(encoded, file)
            pools.append(row_files.read(file))
        found = predict(
            model,
            "bench",
            pools,
            tokens=TOKENS,
            pad_id=tokenizer.pad_token_id,
            accelerator=accelerator_for("bf16"),
            report=_Silent(),
            phase="bench",
        )
        return [np.stack([one["vector"] for one in pool]) for pool in found]

    return _result(given, *machine.timed(work))


def theirs(given: argparse.Namespace, part: str) -> turns.Found:
    import torch

    torch.set_num_threads(given.threads)
    texts = sentences(given)
    machine.warm_up()
    encode = _sentence_transformers(given) if INSTALLED else _written_out(given)
    return _result(given, *machine.timed(lambda: [encode(text) for text in texts]))


def _sentence_transformers(given: argparse.Namespace) -> Any:  # noqa: ANN401
    from sentence_transformers import SentenceTransformer, models

    body = models.Transformer(str(checkpoint(given)), max_seq_length=MAX_LENGTH)
    model = SentenceTransformer(
        modules=[body, models.Pooling(384, "mean"), models.Normalize()], device=machine.device()
    )
    return lambda text: model.encode(text, batch_size=BATCH, show_progress_bar=False)


def _written_out(given: argparse.Namespace) -> Any:  # noqa: ANN401
    """The longest first, padded batches of 32, fp32, the mean over the mask, length 1, the old order."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint(given))
    model = AutoModel.from_pretrained(checkpoint(given)).eval().to(machine.device())

    @torch.inference_mode()
    def encode(text: list[str]) -> np.ndarray:
        order = np.argsort([-len(one) for one in text], kind="stable")
        found = []
        for start in range(0, len(text), BATCH):
            some = [text[i] for i in order[start : start + BATCH]]
            batch = tokenizer(some, padding=True, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
            batch = batch.to(model.device)
            hidden = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).float()
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp_min(1e-9)
            found.append(torch.nn.functional.normalize(mean, dim=1))
        vectors = np.empty((len(text), model.config.hidden_size), dtype=np.float32)
        vectors[order] = torch.cat(found).cpu().numpy()
        return vectors

    return encode


def sentences(given: argparse.Namespace) -> list[list[str]]:
    """The sentences of each file: a language's and the English ones beside them."""
    files = sorted(options.data_folder(given, FILES).glob(FILES))[: 2 * given.languages]
    return [file.read_text(encoding="utf-8").splitlines()[: given.sentences] for file in files]


def checkpoint(given: argparse.Namespace) -> Path:
    """The drawn encoder and its tokenizer, made once."""
    folder = Path(given.work / "embedding-model")
    if not (folder / "model.safetensors").exists():
        import torch
        from transformers import AutoTokenizer, XLMRobertaConfig, XLMRobertaModel

        from xstilts.models import mini

        torch.manual_seed(1)
        shape = {"num_hidden_layers": 6, "hidden_size": 384, "intermediate_size": 1536, "num_attention_heads": 6}
        settings = {"vocab_size": 250_002, "max_position_embeddings": 514, "type_vocab_size": 1, **shape}
        XLMRobertaModel(XLMRobertaConfig(**settings), add_pooling_layer=False).save_pretrained(folder)
        AutoTokenizer.from_pretrained(Path(mini.__file__).parent).save_pretrained(folder)
    return folder


def _examples(text: list[str]) -> list[Any]:
    from xstilts.reading.examples import ComparableSentence

    return [
        ComparableSentence(example_id=str(i), cluster_id=str(i), text=one, language="eng-Latn")
        for i, one in enumerate(text)
    ]


def _result(given: argparse.Namespace, vectors: list[np.ndarray], seconds: dict[str, float]) -> turns.Found:
    found = np.concatenate(vectors)
    np.save(_vectors_file(given, turns.contender_of(given)), found)
    return {**seconds, "units": len(found)}


def _vectors_file(given: argparse.Namespace, contender: str) -> Path:
    return Path(given.work / f"embedding-{list(CONTENDERS).index(contender)}.npy")


def judge(result: turns.Result, comparison: turns.Comparison, given: argparse.Namespace) -> list[Verdict]:
    """Fails where the contenders give other vectors."""
    for row in result.rows:
        one, other = (np.load(_vectors_file(given, name)) for name in (OURS, row["contender"]))
        row["least_cosine"] = float((one * other).sum(axis=1).min())
        if row["least_cosine"] < 0.99:
            raise SystemExit(f"other vectors by {row['contender']}: least cosine {row['least_cosine']:.4f}")
    return turns.ratio(result, comparison, THEIRS, target=TARGET if machine.device() == "cpu" else None)


class _Silent:
    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        """Shows nothing."""


CONTENDERS = {OURS: ours, THEIRS: theirs}


def main() -> None:
    given = options.parse(options.parser(__doc__ or ""), SIZES)
    if not given.worker:
        sentences(given)
        checkpoint(given)
    comparison = turns.Comparison(
        work=f"embedding for Tatoeba, {given.languages} languages", unit="sentences", contenders=CONTENDERS
    )
    turns.main(given, comparison, lambda result: judge(result, comparison, given))


if __name__ == "__main__":
    main()
