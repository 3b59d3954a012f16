"""Masked language model and, on aligned pairs, translation language model (XLM, arXiv 1901.07291, section 3).

The head has no module of its own: ``loss`` and ``predict`` take the language model's own output layer in its place,
a callable ``lm_head(hidden_ND) -> logits_NV``, which may have a ``loss(hidden_ND, target_N)`` that sums the
cross-entropy without holding all logits. It sees the masked positions only; all positions would cost more than the
encoder.

Shape legend: B rows, T tokens, D hidden width, N masked positions, V vocabulary, C random candidates.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import EncoderHead, RowLosses, cross_entropy, numpy
from xstilts.heads.head import Batch, Row, Vocabulary
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.reading.examples import Example, Text

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

NOT_MASKED = -100


class MaskedLM(RowLosses, EncoderHead):
    """Predicts masked tokens.

    ``labels`` is never stored: ``prepare`` draws it with the masks, before ``loss`` and before ``predict`` (with a
    fixed generator there). An output holds ``loss`` (summed, nats) and ``count`` of a row; there is no gold.

    Attributes:
        probability: share of the tokens that are masked. More than BERT's 15 % teaches more (arXiv 2202.08005)
            and costs more: each masked position is multiplied with the whole vocabulary.
    """

    kind = "masked_lm"
    language_model = True
    probability: float = 0.2

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """Texts packed into rows of ``max_length`` tokens, one language per row; a row per aligned pair.

        Each row begins as the tokenizer begins a single text, and the special tokens that end a text separate the
        documents. The last row of each language is shorter. A row holds parts of several examples, and a long example
        fills several rows that may be shuffled freely, so ``example`` counts the rows.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        prefix, suffix = list(inputs.single.prefix), inputs.single.suffix
        size = inputs.max_length - len(prefix)
        packed: dict[str, list[int]] = {}
        count = 0

        def numbered_row(row: Row) -> Row:
            nonlocal count
            row["example"], count = count, count + 1
            return row

        for block in blocks(numbered(examples, Text)):
            texts = inputs.tokens([example.text for _, example in block])
            translations = iter(inputs.tokens([e.translation for _, e in block if e.translation is not None]))
            for (_, example), tokens in zip(block, texts, strict=True):
                if example.translation is not None:
                    yield numbered_row(inputs.row(tokens, next(translations)))
                    continue
                buffer = packed.setdefault(example.language, [])
                buffer.extend(tokens)
                buffer.extend(suffix)
                full = len(buffer) - len(buffer) % size
                for start in range(0, full, size):
                    yield numbered_row(_packed_row(inputs, prefix + buffer[start : start + size]))
                del buffer[:full]
        for buffer in packed.values():
            if len(buffer) > len(suffix):
                yield numbered_row(_packed_row(inputs, prefix + buffer))

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """An empty module: the language model's own output layer is the head."""
        from torch import nn

        return nn.Identity()

    def prepare(
        self, batch: dict[str, NDArray[np.int64]], *, rng: np.random.Generator, vocabulary: Vocabulary
    ) -> dict[str, NDArray[np.int64]]:
        """Masks ``probability`` of the tokens that are not special, at least one in a row that has any.

        Of the chosen 80 % become the mask, 10 % a random token, 10 % stay (BERT). Adds ``labels`` [B, T].
        """
        tokens_BT = batch["input_ids"]
        open_BT = (batch["attention_mask"] != 0) & ~np.isin(tokens_BT, vocabulary.special_ids)
        draw_BT = np.where(open_BT, rng.random(tokens_BT.shape), 2.0)
        # A row in which nothing was drawn masks the token that came closest.
        chosen_BT = open_BT & (draw_BT < np.maximum(self.probability, draw_BT.min(axis=1, keepdims=True) + 1e-12))
        how_BT = rng.random(tokens_BT.shape)
        candidates_C = _ordinary_tokens(vocabulary)
        random_BT = candidates_C[rng.integers(len(candidates_C), size=tokens_BT.shape)]
        inputs_BT = np.where(chosen_BT & (how_BT < 0.8), vocabulary.mask_id, tokens_BT)
        inputs_BT = np.where(chosen_BT & (how_BT >= 0.8) & (how_BT < 0.9), random_BT, inputs_BT)
        return {**batch, "input_ids": inputs_BT, "labels": np.where(chosen_BT, tokens_BT, NOT_MASKED)}

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The masked tokens."""
        found: NDArray[np.bool_] = batch["labels"] != NOT_MASKED
        return found

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross-entropy of the masked tokens; a ``module`` with a ``loss`` of its own computes the sum itself."""
        chosen_BT = batch["labels"] != NOT_MASKED
        summed = getattr(module, "loss", None)
        if summed is not None:
            return summed(hidden_BTD[chosen_BT], batch["labels"][chosen_BT]), chosen_BT.sum()
        return cross_entropy(module(hidden_BTD[chosen_BT]), batch["labels"][chosen_BT], ignore=NOT_MASKED)

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """``loss`` and ``count`` of each row, so that an evaluation can sum them to a perplexity."""
        from torch.nn import functional

        chosen_BT = batch["labels"] != NOT_MASKED
        logits_NV = module(hidden_BTD[chosen_BT]).float()
        loss_N = functional.cross_entropy(logits_NV, batch["labels"][chosen_BT], reduction="none")
        loss_BT = hidden_BTD.new_zeros(chosen_BT.shape, dtype=loss_N.dtype)
        loss_BT[chosen_BT] = loss_N
        loss_B, count_B = numpy(loss_BT.sum(dim=1)), numpy(chosen_BT.sum(dim=1))
        return [{"loss": loss, "count": count} for loss, count in zip(loss_B, count_B, strict=True)]


def _packed_row(inputs: Inputs, tokens: list[int]) -> Row:
    row: Row = {"input_ids": tokens}
    if inputs.typed:
        row["token_type_ids"] = [inputs.single.segments[1]] * len(tokens)
    return row


@functools.lru_cache(maxsize=4)
def _ordinary_tokens(vocabulary: Vocabulary) -> NDArray[np.int64]:
    return np.setdiff1d(np.arange(vocabulary.size), vocabulary.special_ids)


HEAD = MaskedLM()
