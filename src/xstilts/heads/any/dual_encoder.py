"""Trained retrieval: a query and what is right for it are encoded alike, and are close (XTREME-R, arXiv 2104.07412).

As XTREME-R's baselines of LAReQA and Mewsli-X train (``BertForRetrieval`` in ``third_party/bert.py`` of
google-research/xtreme): one encoder for both sides, scaled cosines, and a softmax over the right candidates of all
pairs that are computed together, from the query's side. Ours, where upstream is different (`docs/tasks.md` has what
was measured):

- A vector is the mean of the middle layer's tokens that retrieval without training reads too, where languages lie
  closest; upstream takes the last layer's first token through the pooler, which XLM-R was not pretrained with and
  ModernBERT lacks.
- Cosines are scaled by 20 (a temperature of 0.05, as in SimCSE, arXiv 2104.08821, and in ``translation_contrast``);
  upstream begins with 100 and learns the factor, at a rate that leaves it there.
- A sentence is read beside its paragraph, as upstream reads it, but only its own tokens are averaged: else the
  sentences of a paragraph would all be much alike.
- Pairs with the same right candidate (two questions that one sentence answers) are not each other's negatives.

Shape legend: B rows, P pairs (B = 2 P), T tokens, D hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from xstilts.heads.any.answer_retrieval import QUESTION, AnswerRetrieval
from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, blocks, longest_first, numbered
from xstilts.reading.examples import AnswerInContext, AnswerSentence, Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

SCALE = 20.0
"""Of the cosines before the softmax."""


class DualEncoder(AnswerRetrieval):
    """Query and candidate in one space; ranked and scored as untrained retrieval is."""

    kind = "dual_encoder"
    trainable = True
    columns = declared(TYPED, candidate=per_row(use="decoding"), right=per_row(use="loss"), own=per_row())

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """In training two rows per example, the query and its right candidate; else as untrained retrieval.

        ``right`` is a number of the right candidate, the same for all examples that share it; ``own`` says how many of
        a row's first tokens are averaged.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        pool: set[str] = set()
        rights: dict[str, int] = {}
        for block in blocks(numbered(examples, AnswerSentence)):
            plan: list[tuple[int, int, int]] = []
            texts: list[tuple[str, str]] = []
            for number, example in block:
                right = rights.setdefault(example.candidate_ids[example.correct], len(rights))
                places = [example.correct] if training else _new(example, pool)
                plan += [(number, place, right) for place in (QUESTION, *places)]
                texts += [(example.question, ""), *((example.candidates[place], _context(example)) for place in places)]
            yield from _rows(inputs, plan, texts)

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The cross-entropy of the right candidate among those of all pairs, summed; and the number of pairs."""
        import torch
        from torch.nn import functional

        vector_BD = self.pooled(hidden_BTD, batch)
        right_P = batch["right"][0::2]
        gold_P = torch.arange(len(right_P), device=vector_BD.device)
        with torch.autocast(vector_BD.device.type, enabled=False):  # scaled cosines need their digits
            score_PP = vector_BD[0::2] @ vector_BD[1::2].T * SCALE
        shared_PP = (right_P[:, None] == right_P[None, :]) & (gold_P[:, None] != gold_P[None, :])
        score_PP = score_PP.masked_fill(shared_PP, float("-inf"))
        loss = functional.cross_entropy(score_PP, gold_P, reduction="sum")
        return loss, torch.tensor(len(gold_P), device=score_PP.device)

    @staticmethod
    def pooled(hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The mean over each row's own tokens, scaled to length 1 [B, D], fp32."""
        import torch
        from torch.nn import functional

        place_T = torch.arange(hidden_BTD.shape[1], device=hidden_BTD.device)
        mask_BT1 = (place_T[None, :] < batch["own"][:, None]).unsqueeze(-1)
        mean_BD = (hidden_BTD.float() * mask_BT1).sum(dim=1) / mask_BT1.sum(dim=1).clamp_min(1)
        return functional.normalize(mean_BD, dim=-1, eps=1e-9)


def _new(example: AnswerSentence, pool: set[str]) -> list[int]:
    """The candidates that were not yet in the pool, which they join."""
    places = [place for place, name in enumerate(example.candidate_ids) if name not in pool]
    pool.update(example.candidate_ids)
    return places


def _context(example: AnswerSentence) -> str:
    return example.context if isinstance(example, AnswerInContext) else ""


def _rows(inputs: Inputs, plan: Sequence[tuple[int, int, int]], texts: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """A row per text, beside its context where it has one."""
    first = inputs.tokens([text for text, _ in texts])
    second = inputs.tokens([context for _, context in texts])
    for (number, place, right), ids, (_, context), beside in zip(plan, first, texts, second, strict=True):
        template = inputs.pair if context else inputs.single
        kept, _ = longest_first(len(ids), len(beside) if context else 0, inputs.max_length - template.length)
        row = inputs.row(ids, beside if context else None)
        yield row | {"example": number, "candidate": place, "right": right, "own": len(template.prefix) + kept}


HEAD = DualEncoder()
