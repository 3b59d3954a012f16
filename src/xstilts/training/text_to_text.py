"""A text-to-text model in the place of an encoder with heads: its decoder writes what every task's head reads.

Shape legend: B rows, T tokens of a row, S tokens of its source, U of its target, D hidden width, V vocabulary,
C candidates, N tokens to be written, R what `Plain.reach` gives of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine.greedy import greedy
from xstilts.engine.plain import Plain
from xstilts.heads.decisions import Decisions
from xstilts.heads.head import Batch, Head
from xstilts.heads.text_to_text.automaton import Automaton, Written
from xstilts.heads.text_to_text.writing import SOURCE, TARGET
from xstilts.models.versions import cache_argument
from xstilts.training.embedded import look_up, with_embeddings
from xstilts.training.model import TransferModel

if TYPE_CHECKING:
    from transformers import EncoderDecoderCache, PreTrainedModel, PreTrainedTokenizerBase

NOT_WRITTEN = -100
CELLS = 1 << 26
"""Logits held at once when candidates are scored: 256 MiB in fp32."""


class TextToTextModel(TransferModel):
    """The whole model is carried over between phases; heads have no weights.

    Args:
        encoder: a transformers model with encoder, decoder and output layer.
        heads: task → head.
        modules: task → an empty module.
        tokenizer: of what is written.
        labels: task → its labels.
    """

    def __init__(
        self,
        encoder: PreTrainedModel,
        heads: Mapping[str, Head],
        modules: Mapping[str, torch.nn.Module],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: Mapping[str, tuple[str, ...]],
    ) -> None:
        super().__init__(encoder, heads, modules)
        self.tokenizer, self.labels = tokenizer, dict(labels)

    def module_of(self, task: str) -> Any:  # noqa: ANN401
        """What writes for the task's head."""
        return DecoderWriter(self.encoder, self.tokenizer, self.labels[task], self.engine)

    def distributions(self, batch: Batch, task: str) -> Decisions:
        """The logits of every token to be written, over the whole vocabulary: much memory where much is written."""
        found: Decisions = self.module_of(task).distributions(self.hidden(batch, task), batch)
        return found

    def embedded(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The embeddings of the source [B, S, D], and where it has tokens [B, S]."""
        ids_BS, mask_BS = source(batch)
        return look_up(self.encoder.get_encoder(), ids_BS, None), mask_BS

    def hidden(self, batch: Batch, task: str) -> torch.Tensor:
        """The encoder's states of the source [B, S, D]."""
        ids_BS, mask_BS = source(batch)
        inputs = {"input_ids": ids_BS, "attention_mask": mask_BS}
        inputs = with_embeddings(self.encoder.get_encoder(), inputs, batch)
        layer = self.layers.get(task) or self.heads[task].layer(self.encoder.config.num_hidden_layers)
        return self.engine.states(self.encoder, inputs, layer=layer)


class DecoderWriter:
    """A model's decoder and output layer, writing for one task."""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, labels: tuple[str, ...], engine: Plain
    ) -> None:
        self.model, self.tokenizer, self.labels, self.engine = model, tokenizer, labels, engine
        self.output: Any = model.get_output_embeddings()  # type: ignore[no-untyped-call]

    def loss(self, states_BSD: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The summed cross-entropy of the targets' tokens in fp32, and their number."""
        target_BU = written(batch)
        reached_BUR = self._decoded(states_BSD, source(batch)[1], target_BU)
        chosen_BU = target_BU != NOT_WRITTEN
        loss = self.engine.summed_loss(self.output, reached_BUR[chosen_BU], target_BU[chosen_BU])
        return loss, chosen_BU.sum()

    def distributions(self, states_BSD: torch.Tensor, batch: Batch) -> Decisions:
        """The logits of the targets' tokens, each a decision between all tokens of the vocabulary."""
        target_BU = written(batch)
        chosen_BU = target_BU != NOT_WRITTEN
        reached_NR = self._decoded(states_BSD, source(batch)[1], target_BU)[chosen_BU]
        logits_NV = self.engine.logits(self.output, reached_NR).float()
        parts = ((logits_NV, target_BU[chosen_BU]),)
        return Decisions(parts=parts, row=chosen_BU.nonzero()[:, 0], ignore=NOT_WRITTEN)

    def scores(self, states_BSD: torch.Tensor, batch: Batch, candidates: Sequence[Sequence[int]]) -> torch.Tensor:
        """The log-probability of writing each candidate and then ending [B, C], fp32."""
        end, rows = int(self.tokenizer.eos_token_id), len(states_BSD)
        mask_BS = source(batch)[1]
        width = max(map(len, candidates)) + 1
        filled = [[*ids, end] + [NOT_WRITTEN] * (width - 1 - len(ids)) for ids in candidates]
        target_CU = torch.tensor(filled, device=states_BSD.device)
        at_once = max(1, CELLS // (rows * width * self.output.weight.shape[0]))
        found = []
        for part_CU in torch.split(target_CU, at_once):
            times = len(part_CU)
            target = part_CU.repeat(rows, 1)
            reached = self._decoded(
                states_BSD.repeat_interleave(times, dim=0), mask_BS.repeat_interleave(times, dim=0), target
            )
            chosen = target != NOT_WRITTEN
            log_p = torch.zeros(target.shape, device=target.device)
            log_p[chosen] = self._log_probability(reached[chosen], target[chosen])
            found.append(log_p.sum(dim=1).view(rows, times))
        return torch.cat(found, dim=1)

    def follow(self, states_BSD: torch.Tensor, batch: Batch, automata: Sequence[Automaton]) -> list[Written]:
        """What it writes, token by token the likeliest that the row's automaton allows."""
        return greedy(
            self._reached,
            states_BSD,
            source(batch)[1],
            automata,
            choosing=partial(self.engine.choosing, self.output),
            shrink=self.engine.shrink,
            start=int(self.model.config.decoder_start_token_id),
            end=int(self.tokenizer.eos_token_id),
        )

    def _decoded(self, states: torch.Tensor, mask: torch.Tensor, target_BU: torch.Tensor) -> torch.Tensor:
        """What is reached when the targets are read [B, U, R]."""
        start = torch.full_like(target_BU[:, :1], self.model.config.decoder_start_token_id)
        return self._reached(states, mask, torch.cat([start, target_BU[:, :-1].clamp_min(0)], dim=1))

    def _reached(
        self,
        states: torch.Tensor,
        mask: torch.Tensor,
        before_BU: torch.Tensor,
        cache: EncoderDecoderCache | None = None,
    ) -> torch.Tensor:
        """What is reached after these tokens, behind those that the cache holds [B, U, R]."""
        from transformers.modeling_outputs import BaseModelOutput

        kind: Any = type(self.model)
        return self.engine.written(
            self.model,
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask,
            decoder_input_ids=before_BU,
            decoder_attention_mask=torch.ones_like(before_BU) if cache is None else None,
            use_cache=cache is not None,
            **({} if cache is None else {cache_argument(kind): cache}),
        )

    def _log_probability(self, reached_NR: torch.Tensor, target_N: torch.Tensor) -> torch.Tensor:
        """Of each token, in fp32 [N]."""
        rows = max(1, CELLS // self.output.weight.shape[0])
        found = []
        for reached, target in zip(torch.split(reached_NR, rows), torch.split(target_N, rows), strict=True):
            logits = self.engine.logits(self.output, reached).float()
            found.append(logits.gather(1, target[:, None])[:, 0] - logits.logsumexp(dim=1))
        return torch.cat(found)


def source(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask of what is read [B, S]."""
    ids_BT, mask_BT = batch["input_ids"], batch["attention_mask"]
    if "part" not in batch:
        return ids_BT, mask_BT
    read_BT = batch["part"] == SOURCE
    longest = int(read_BT.sum(dim=1).max())
    return ids_BT[:, :longest], read_BT[:, :longest].to(mask_BT.dtype)


def written(batch: Batch) -> torch.Tensor:
    """Ids of what is to be written [B, U], ``NOT_WRITTEN`` behind the end."""
    chosen_BT = batch["part"] == TARGET
    lengths_B = chosen_BT.sum(dim=1)
    place_U = torch.arange(int(lengths_B.max()), device=lengths_B.device)
    inside_BU = place_U[None, :] < lengths_B[:, None]
    target_BU = torch.full(inside_BU.shape, NOT_WRITTEN, dtype=torch.long, device=lengths_B.device)
    target_BU[inside_BU] = batch["input_ids"][chosen_BT]
    return target_BU
