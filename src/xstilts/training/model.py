"""An encoder with one head per task: what the loop trains and evaluation reads.

Shape legend: B rows, T tokens, D hidden width, N selected positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine.engine import Engine
from xstilts.engine.plain import Plain
from xstilts.heads.decisions import Decisions, deciding
from xstilts.heads.head import Batch, Head
from xstilts.models.loading import base_of, language_model_head
from xstilts.training.embedded import look_up, with_embeddings

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class TransferModel(torch.nn.Module):
    """The encoder that is carried over between phases, and the heads that start fresh.

    Args:
        encoder: a transformers encoder; with its language-model head where a task is masked LM.
        heads: task → head.
        modules: task → the head's module.

    Attributes:
        engine: how it is computed.
        layers: task → the hidden layer to read, where it is not the head's own choice.
    """

    def __init__(
        self, encoder: PreTrainedModel, heads: Mapping[str, Head], modules: Mapping[str, torch.nn.Module]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.engine: Plain = Engine()
        self.heads = dict(heads)
        self.layers: dict[str, int] = {}
        # Names of tasks may hold dots, which names of modules may not: position decides.
        self._position = {task: index for index, task in enumerate(heads)}
        self.head_modules = torch.nn.ModuleList(modules[task] for task in heads)

    def position_of(self, task: str) -> int:
        """Where the module of a task's head is among all of them."""
        return self._position[task]

    def module_of(self, task: str) -> Any:  # noqa: ANN401 – a module, or the language-model head's callable
        """What the task's head computes with."""
        if self.heads[task].language_model:
            return LanguageModelHead(self.encoder, self.engine)
        return self.head_modules[self._position[task]]

    def forward(self, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The summed loss of a micro-batch and the number of units in it."""
        head = self.heads[task]
        return head.loss(self.module_of(task), self.hidden(batch, task), batch)

    def decisions(self, batch: Batch, task: str) -> Decisions:
        """What the task's head decides, of a head that decides (`xstilts.heads.decisions.deciding`)."""
        head = deciding(self.heads[task])
        assert head is not None
        return head.decisions(self.module_of(task), self.hidden(batch, task), batch)

    def distributions(self, batch: Batch, task: str) -> Decisions:
        """What two passes can be compared by: what the task's head decides."""
        return self.decisions(batch, task)

    def embedded(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The embeddings that the encoder reads [B, T, D], and where there are tokens [B, T]."""
        base = base_of(self.encoder)
        return look_up(base, batch["input_ids"], batch.get("packing")), batch["attention_mask"]

    def predict(self, batch: Batch, task: str) -> list[dict[str, Any]]:
        """What the task's head needs for decoding, per row."""
        head = self.heads[task]
        return head.predict(self.module_of(task), self.hidden(batch, task), batch)

    def hidden(self, batch: Batch, task: str) -> torch.Tensor:
        """The hidden states that a task's head reads [B, T, D]; computed without padding where the batch is packed.

        Where it says which states are read (`Head.reads`), others are zero.
        """
        base = base_of(self.encoder)
        config = base.config
        names = ["input_ids", "attention_mask"]
        # XLM-R knows one segment and ModernBERT none, whatever their tokenizers say.
        if "token_type_ids" in batch and getattr(config, "type_vocab_size", 0) > 1:
            names.append("token_type_ids")
        layer = self.layers.get(task) or self.heads[task].layer(config.num_hidden_layers)
        inputs = with_embeddings(base, {name: batch[name] for name in names}, batch)
        return self.engine.states(self.encoder, inputs, layer=layer, packing=batch.get("packing"))


class LanguageModelHead:
    """The masked-LM head of a model, as the head for masked LM calls it."""

    def __init__(self, model: PreTrainedModel, engine: Plain) -> None:
        self.transform, self.projection = language_model_head(model)
        self.engine = engine

    def __call__(self, hidden_ND: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary [N, V]."""
        states = self.transform(hidden_ND)
        return self.projection(states) if self.projection is not None else states  # type: ignore[no-any-return]

    def loss(self, hidden_ND: torch.Tensor, target_N: torch.Tensor) -> torch.Tensor:
        """Summed cross-entropy, without holding all logits where the architecture allows it."""
        if self.projection is None:
            logits = self.transform(hidden_ND).float()
            return torch.nn.functional.cross_entropy(logits, target_N, reduction="sum")
        reached = self.engine.reach(self.projection, self.transform(hidden_ND))
        return self.engine.summed_loss(self.projection, reached, target_N)
