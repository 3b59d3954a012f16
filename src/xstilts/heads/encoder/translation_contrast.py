"""Translation contrast (XLCo of InfoXLM, arXiv 2007.07834, section 3.3): a sentence and its translation are close.

Of all sentences of a micro-batch, the translation must be the nearest to its source, and the source to its
translation, by the vectors that retrieval reads: the mean of a middle layer. The negatives are the other sentences of
the micro-batch; InfoXLM's momentum encoder and its queue are left out, which a small model in large micro-batches does
without.

Shape legend: B rows, P pairs (B = 2 P), T tokens, D hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.heads.retrieval import Retrieval
from xstilts.reading.examples import Example, Text

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


class TranslationContrast(Retrieval):
    """InfoNCE over the pairs of a micro-batch, in both directions.

    An output holds the row's ``vector``; there is no gold.

    Attributes:
        temperature: of the softmax over cosines (0.05, as in SimCSE, arXiv 2104.08821).
    """

    kind = "translation_contrast"
    trainable = True
    temperature: float = 0.05

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """Two rows per aligned pair: the text, then its translation; texts without a translation are left out."""
        inputs = Inputs(tokenizer, max_length=max_length)
        for block in blocks(numbered(examples, Text)):
            pairs = [(number, example) for number, example in block if example.translation is not None]
            texts = inputs.tokens([example.text for _, example in pairs])
            translations = inputs.tokens([str(example.translation) for _, example in pairs])
            for (number, _), text, translation in zip(pairs, texts, translations, strict=True):
                yield inputs.row(text) | {"example": number}
                yield inputs.row(translation) | {"example": number}

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean of both directions' cross-entropies, summed over the pairs; and the number of pairs."""
        import torch
        from torch.nn import functional

        vector_BD = self.pooled(hidden_BTD, batch)
        left_PD, right_PD = vector_BD[0::2], vector_BD[1::2]
        with torch.autocast(vector_BD.device.type, enabled=False):  # cosines over 0.05 need their digits
            similarity_PP = left_PD @ right_PD.T / self.temperature
        gold_P = torch.arange(len(similarity_PP), device=similarity_PP.device)
        there = functional.cross_entropy(similarity_PP, gold_P, reduction="sum")
        back = functional.cross_entropy(similarity_PP.T, gold_P, reduction="sum")
        return (there + back) / 2, torch.tensor(len(gold_P), device=similarity_PP.device)

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[float]:
        """The cosine of each pair that has a translation, in order."""
        vectors = [output["vector"] for output in outputs]
        return [float(left @ right) for left, right in zip(vectors[0::2], vectors[1::2], strict=True)]


HEAD = TranslationContrast()
