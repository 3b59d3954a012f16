"""A model computed by what transformers and torch do by themselves: what the engine is measured against.

Batches are padded, attention and dropout are transformers' own, every weight has its gradient, logits are of the whole
vocabulary. In bf16 torch's autocast casts the weights at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from accelerate import Accelerator

from xstilts.engine.batches import Layout
from xstilts.engine.dropout import Randomness
from xstilts.engine.encoding import Encoding, Updated
from xstilts.engine.known import PADDED, known
from xstilts.engine.layers import output_of
from xstilts.engine.row_embedding import Reach
from xstilts.models.loading import base_of, encoder_layers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from xstilts.engine.packing import Packing


class Plain:
    """How a model is computed: see `Engine`, which says the same of another way.

    Args:
        why: for what reason the engine is not used; empty where it was asked for.
    """

    name = "plain"
    fused = False
    """Whether the optimizer's step is one kernel, which divides the gradients on its way."""
    shrink = 0.0
    """See `greedy`."""

    def __init__(self, why: str = "") -> None:
        self.why = why

    def layout(self, encoder: PreTrainedModel) -> Layout:
        """How batches for a model are made up; the micro-batches of both ways hold the same rows."""
        return Layout(packed=False, real=(known(encoder) or PADDED).packs)

    def seed(self, *words: int) -> None:
        """Makes what is drawn from here on a function of (seed, step, rank); torch's generators are not seeded here."""

    def randomness(self) -> Randomness:
        """Where the generators stand that dropout draws from."""
        return Randomness(None)

    def states(
        self,
        encoder: PreTrainedModel,
        inputs: Mapping[str, torch.Tensor],
        *,
        layer: int | None = None,
        packing: Packing | None = None,
    ) -> torch.Tensor:
        """The hidden states of padded inputs [B, T, D].

        Args:
            encoder: the model.
            inputs: ids, mask and whatever else it takes.
            layer: after which layer (1: the first); None: after the last, normalised.
            packing: how the inputs are to be packed, where `layout` says that they are.
        """
        return run(reading_part(encoder), dict(inputs), layer)

    def reach(self, output: torch.nn.Linear, hidden_ND: torch.Tensor) -> torch.Tensor:
        """What the loss over a vocabulary starts from, given what its output layer is given: the logits [N, V]."""
        logits: torch.Tensor = output(hidden_ND)
        return logits

    def written(self, model: PreTrainedModel, **inputs: Any) -> torch.Tensor:  # noqa: ANN401
        """`reach` at the end of a text-to-text model's forward pass."""
        logits: torch.Tensor = model(**inputs).logits
        return logits

    def logits(self, output: torch.nn.Linear, reached_NR: torch.Tensor) -> torch.Tensor:
        """Of the whole vocabulary [N, V], given what `reach` gives."""
        return reached_NR

    def summed_loss(self, output: torch.nn.Linear, reached_NR: torch.Tensor, target_N: torch.Tensor) -> torch.Tensor:
        """The summed cross-entropy in fp32, given what `reach` gives."""
        return torch.nn.functional.cross_entropy(reached_NR.float(), target_N, reduction="sum")

    def choosing(self, output: torch.nn.Linear, tokens_U: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
        """What gives the logits of some tokens [N, U], given what `reach` gives."""
        return lambda reached_NR: reached_NR[:, tokens_U]

    @contextmanager
    def training(self, model: Encoding, reach: Reach, dtype: torch.dtype) -> Iterator[Updated]:
        """Within the block the model is ready to be trained; gives its weights to whoever updates them.

        Args:
            model: is put on its device before.
            reach: which rows of the vocabulary the data can reach.
            dtype: what products are computed in.
        """
        size = base_of(model.encoder).get_input_embeddings().num_embeddings
        yield PlainWeights(model, {"rows": size, "of": size, "why": "the run is plain"})

    @contextmanager
    def predicting(self, model: Encoding, dtype: torch.dtype) -> Iterator[None]:
        """Within the block the model is ready to predict."""
        yield


class PlainWeights:
    """A model's own weights, as torch and Accelerate treat them.

    Attributes:
        vocabulary: which rows of the input embedding train.
        decay: nothing is left out, so nothing is made up for by it.
    """

    def __init__(self, model: Encoding, vocabulary: dict[str, Any]) -> None:
        self.model, self.vocabulary, self.decay = model, vocabulary, 1.0

    def named_parameters(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """All of them, tied ones once."""
        return self.model.named_parameters()

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """All of them, tied ones once."""
        return self.model.parameters()

    def begin(self) -> None:
        """Forgets the gradients of the step before."""
        for parameter in self.parameters():
            parameter.grad = None

    def gather(self, accelerator: Accelerator) -> list[torch.Tensor]:
        """Sums the gradients over the ranks, and gives them."""
        found = [p for p in self.parameters() if p.grad is not None]
        if accelerator.num_processes > 1:
            for parameter in found:
                parameter.grad = accelerator.reduce(parameter.grad, reduction="sum")
        return [p.grad for p in found if p.grad is not None]

    def forget(self) -> None:
        """Makes the gradients of the step 0; the weights that they are of stay touched."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()

    def cast(self) -> None:
        """There are no copies to bring up to date."""

    def release(self) -> None:
        """Drops all gradients, after the last step."""
        self.begin()


def reading_part(encoder: PreTrainedModel) -> PreTrainedModel:
    """The part of a model that reads: of a text-to-text model its encoder."""
    part: PreTrainedModel = encoder.get_encoder() if encoder.config.is_encoder_decoder else base_of(encoder)
    return part


def run(part: PreTrainedModel, inputs: dict[str, Any], layer: int | None) -> torch.Tensor:
    """A forward pass, and what it gives after a layer: see `Plain.states`."""
    layers = encoder_layers(part)
    if layer is not None and layers is not None:
        with output_of(layers[layer - 1]) as found:
            part(**inputs)
        return found[-1]
    if layer is not None:
        inputs = {**inputs, "output_hidden_states": True}
    output = part(**inputs)
    states: torch.Tensor = output.last_hidden_state if layer is None else output.hidden_states[layer]
    return states
