"""The one object through which models, the loop and evaluation use what makes a step cheap.

`Plain` has the same methods and none of it. Outside of `Engine.training` and `Engine.predicting` a model is
transformers' own, to the last module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine import attention, greedy
from xstilts.engine.batches import Layout
from xstilts.engine.dropout import Masks, Randomness, fast_dropout
from xstilts.engine.encoding import Encoding, Updated
from xstilts.engine.known import PADDED, known
from xstilts.engine.layers import Layers, taken_over
from xstilts.engine.output_layer import passed_through
from xstilts.engine.packing import Packing, first_position
from xstilts.engine.plain import Plain, reading_part, run
from xstilts.engine.row_embedding import Reach, row_embedding_of
from xstilts.engine.vocabulary_loss import summed_cross_entropy
from xstilts.engine.weights import Weights, computing, row_embedding

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Engine(Plain):
    """How a model is computed: the numbers of `Plain` (dropout's draws apart), for less."""

    name = "on"
    fused = True
    shrink = greedy.SHRINK

    def __init__(self) -> None:
        super().__init__()
        self._installed = False
        self._layers: Layers | None = None

    @cached_property
    def masks(self) -> Masks:
        """Where dropout's masks come from on a CPU."""
        return Masks()

    def layout(self, encoder: PreTrainedModel) -> Layout:
        """How batches for a model are made up: packed, where its architecture allows it."""
        packs = (known(encoder) or PADDED).packs
        return Layout(packed=packs, real=packs)

    def seed(self, *words: int) -> None:
        """Restarts the generator of masks."""
        self.masks.seed(*words)

    def randomness(self) -> Randomness:
        """Where the generators stand that dropout draws from, those of masks among them."""
        return Randomness(self.masks)

    def states(
        self,
        encoder: PreTrainedModel,
        inputs: Mapping[str, torch.Tensor],
        *,
        layer: int | None = None,
        packing: Packing | None = None,
    ) -> torch.Tensor:
        """The hidden states [B, T, D]; the layers above are not computed, of packed rows nothing but what is read."""
        part = reading_part(encoder)
        with self.installed(encoder, packs=packing is not None), self._first(layer):
            if packing is None:
                return run(part, dict(inputs), layer)
            narrows = layer is None and self._layers is not None and self._layers.narrows
            packed: dict[str, Any] = {
                name: values.flatten(0, 1)[packing.place].unsqueeze(0)
                for name, values in inputs.items()
                if name != "attention_mask"
            }
            packed["position_ids"] = (packing.position + first_position(part)).unsqueeze(0)
            packed |= {"packing": packing if narrows else replace(packing, read=None), "masks": self.masks}
            return packing.unpack(run(part, packed, layer)[0], narrowed=narrows)

    def reach(self, output: torch.nn.Linear, hidden_ND: torch.Tensor) -> torch.Tensor:
        """What the output layer is given [N, D]: logits are made chunk by chunk, or for some tokens alone."""
        return hidden_ND

    def written(self, model: PreTrainedModel, **inputs: Any) -> torch.Tensor:  # noqa: ANN401
        """What the output layer is given at the end of a text-to-text model's forward pass."""
        with self.installed(model):
            return super().written(model, **inputs)

    def logits(self, output: torch.nn.Linear, reached_NR: torch.Tensor) -> torch.Tensor:
        """Of the whole vocabulary [N, V]."""
        return torch.nn.functional.linear(reached_NR, output.weight, output.bias)

    def summed_loss(self, output: torch.nn.Linear, reached_NR: torch.Tensor, target_N: torch.Tensor) -> torch.Tensor:
        """The summed cross-entropy in fp32, never holding all logits."""
        return summed_cross_entropy(reached_NR, output.weight, output.bias, target_N)

    def choosing(self, output: torch.nn.Linear, tokens_U: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
        """The part of an output layer that writes some tokens."""
        # In the precision that the whole output layer would compute in: the same tokens come out.
        weight_UD = output.weight[tokens_U]
        bias_U = None if output.bias is None else output.bias[tokens_U]
        return lambda reached_ND: torch.nn.functional.linear(reached_ND, weight_UD, bias_U)

    @contextmanager
    def training(self, model: Encoding, reach: Reach, dtype: torch.dtype) -> Iterator[Updated]:
        """Within the block the model computes with weights of ``dtype``, and gives the fp32 ones to be updated."""
        embedding, vocabulary = row_embedding_of(model, reach, dtype)
        with self.installed(model.encoder), row_embedding(model, embedding), fast_dropout(model, self.masks):
            weights = Weights(model, embedding, dtype=dtype, vocabulary=vocabulary)
            with weights.open():
                yield weights

    @contextmanager
    def predicting(self, model: Encoding, dtype: torch.dtype) -> Iterator[None]:
        """Within the block the model computes with weights of ``dtype``, cast once."""
        with self.installed(model.encoder), computing(model, dtype):
            yield

    @contextmanager
    def installed(self, encoder: PreTrainedModel, *, packs: bool = True) -> Iterator[None]:
        """Within the block the model computes by the engine's means; blocks may lie within one another.

        ``packs``: whether batches are packed, where the architecture can be; padded ones need its own attention.
        """
        if self._installed:
            yield
            return
        part, how = reading_part(encoder), known(encoder) or PADDED
        with ExitStack() as stack:
            if how.packs and packs:
                stack.enter_context(attention.installed(part))
            if encoder.config.is_encoder_decoder:
                stack.enter_context(passed_through(encoder))
            self._layers = stack.enter_context(taken_over(part, how.narrow))
            self._installed = True
            try:
                yield
            finally:
                self._installed, self._layers = False, None

    @contextmanager
    def _first(self, layer: int | None) -> Iterator[None]:
        """Within the block no layer above ``layer`` is computed."""
        if layer is None or self._layers is None:
            yield
            return
        with self._layers.first(layer):
            yield
