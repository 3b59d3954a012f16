"""An encoder with one head per task: what the loop trains and evaluation reads.

Shape legend: B rows, T tokens, D hidden width, N selected positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine import attention
from xstilts.engine.last_layer import narrowed
from xstilts.engine.packing import NAME, Packing, first_position
from xstilts.engine.vocabulary_loss import summed_cross_entropy
from xstilts.heads.decisions import Decisions
from xstilts.heads.head import Batch, Head
from xstilts.models.loading import base_of, encoder_layers, language_model_head
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
        layers: task → the hidden layer to read, where it is not the head's own choice.
    """

    def __init__(
        self, encoder: PreTrainedModel, heads: Mapping[str, Head], modules: Mapping[str, torch.nn.Module]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = dict(heads)
        self.layers: dict[str, int] = {}
        # Names of tasks may hold dots, which names of modules may not: position decides.
        self._position = {task: index for index, task in enumerate(heads)}
        self.head_modules = torch.nn.ModuleList(modules[task] for task in heads)

    def module_of(self, task: str) -> Any:  # noqa: ANN401 – a module, or the language-model head's callable
        """What the task's head computes with."""
        if self.heads[task].kind == "masked_lm":
            return LanguageModelHead(self.encoder)
        return self.head_modules[self._position[task]]

    def forward(self, batch: Batch, task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The summed loss of a micro-batch and the number of units in it."""
        head = self.heads[task]
        return head.loss(self.module_of(task), self.hidden(batch, task), batch)

    def decisions(self, batch: Batch, task: str) -> Decisions:
        """What the task's head decides, of a head that makes decisions (`xstilts.heads.decisions.Deciding`)."""
        head: Any = self.heads[task]
        found: Decisions = head.decisions(self.module_of(task), self.hidden(batch, task), batch)
        return found

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
        packing: Packing | None = batch.get("packing")
        names = ["input_ids"]
        # XLM-R knows one segment and ModernBERT none, whatever their tokenizers say.
        if "token_type_ids" in batch and getattr(base.config, "type_vocab_size", 0) > 1:
            names.append("token_type_ids")
        layer = self.layers.get(task) or self.heads[task].layer(base.config.num_hidden_layers)
        if packing is None:
            inputs = {name: batch[name] for name in (*names, "attention_mask")}
            return _hidden_of(base, with_embeddings(base, inputs, batch), layer)
        inputs = {name: batch[name].flatten()[packing.place].unsqueeze(0) for name in names}
        inputs["position_ids"] = (packing.position + first_position(base)).unsqueeze(0)
        inputs = with_embeddings(base, inputs, batch)
        read = packing.read if layer is None else None
        with _packed_attention(base), narrowed(base, read) as is_narrowed:
            states = _hidden_of(base, {**inputs, "packing": packing}, layer)
        return packing.unpack(states[0], narrowed=is_narrowed)


@contextmanager
def _packed_attention(base: PreTrainedModel) -> Iterator[None]:
    """Attention stays within the rows of a packed batch."""
    attention.register()
    before = base.config._attn_implementation
    base.config._attn_implementation = NAME
    try:
        yield
    finally:
        base.config._attn_implementation = before


def _hidden_of(base: PreTrainedModel, inputs: dict[str, Any], layer: int | None) -> torch.Tensor:
    if layer is not None:
        return _hidden_of_layer(base, inputs, layer)
    states: torch.Tensor = base(**inputs).last_hidden_state
    return states


class LanguageModelHead:
    """The masked-LM head of a model, as the head for masked LM calls it."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.transform, self.projection = language_model_head(model)

    def __call__(self, hidden_ND: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary [N, V]."""
        states = self.transform(hidden_ND)
        return self.projection(states) if self.projection is not None else states  # type: ignore[no-any-return]

    def loss(self, hidden_ND: torch.Tensor, target_N: torch.Tensor) -> torch.Tensor:
        """Summed cross-entropy, without holding all logits where the architecture allows it."""
        if self.projection is None:
            logits = self.transform(hidden_ND).float()
            return torch.nn.functional.cross_entropy(logits, target_N, reduction="sum")
        return summed_cross_entropy(self.transform(hidden_ND), self.projection.weight, self.projection.bias, target_N)


class _Reached(Exception):  # a signal, not an error
    """Carries the hidden state of the wanted layer out of a forward pass that need go no further."""

    def __init__(self, hidden: torch.Tensor) -> None:
        self.hidden = hidden


def _hidden_of_layer(base: PreTrainedModel, inputs: dict[str, Any], layer: int) -> torch.Tensor:
    """Hidden states after a layer (1 = the first); the layers above are not computed."""
    layers = encoder_layers(base)
    if layers is None:
        states: torch.Tensor = base(**inputs, output_hidden_states=True).hidden_states[layer]
        return states

    def stop(_module: torch.nn.Module, _inputs: Any, output: Any) -> None:  # noqa: ANN401
        raise _Reached(output[0] if isinstance(output, tuple) else output)

    handle = layers[layer - 1].register_forward_hook(stop)
    try:
        base(**inputs)
    except _Reached as reached:
        return reached.hidden
    finally:
        handle.remove()
    raise AssertionError("the layer was not reached")
