"""Text-to-text models, which read and write text; the output layer is as the checkpoint has it.

mT5 and ByT5 write with a matrix of their own, not with the embedding (T5 1.1). transformers ties both in every
configuration of T5's relatives and lets them apart only where a checkpoint holds two different ones; what it then
reads off the configuration (whether outputs are scaled) would change with the first save. So the configuration is made
to say what the weights are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xstilts.models import scratch_text_to_text
from xstilts.models.architecture import Architecture, Text
from xstilts.models.family import Shape
from xstilts.models.loading import pretrained
from xstilts.models.shapes import encoder_shape, text_to_text_shape

if TYPE_CHECKING:
    import torch
    from transformers import MT5Config, PreTrainedModel, PreTrainedTokenizerBase

    from xstilts.tasks.kind import Kind


class TextToText(Architecture):
    """The whole model: encoder, decoder and output layer."""

    name = "text_to_text"
    title = "A text-to-text model"
    family = "auto_text_to_text"
    smallest = "scratch_text_to_text:tiny"
    pretraining = ("masked_lm",)
    writes = True

    def claims(self, config: Mapping[str, Any]) -> bool:
        """Whatever has an encoder and a decoder."""
        return bool(config.get("is_encoder_decoder"))

    def shape(self, config: Mapping[str, Any]) -> Shape | None:
        """In T5's names or BART's, else in an encoder's."""
        return text_to_text_shape(config) if "d_model" in config else encoder_shape(config)

    def load(self, directory: Path, *, language_model: bool = False) -> PreTrainedModel:
        """The whole model of a checkpoint."""
        from transformers import AutoModelForSeq2SeqLM

        return _said(pretrained(AutoModelForSeq2SeqLM, directory))

    def new(
        self, checkpoint: str, tokenizer: PreTrainedTokenizerBase, *, seed: int, language_model: bool = False
    ) -> PreTrainedModel:
        """``scratch_text_to_text:<checkpoint>`` with weights drawn from ``seed``; its output layer is its own."""
        import torch
        from transformers import MT5ForConditionalGeneration

        torch.manual_seed(seed)
        config = scratch_text_to_text.configuration(checkpoint, tokenizer)
        return untied(MT5ForConditionalGeneration(cast("MT5Config", config)))

    def text(self, kind: Kind, *, examples: int, characters: int, repeated: int) -> Text:
        """A prompt is read once, with all of its choices; what is written is the kind's."""
        return Text(characters, characters if kind.writes_as_much else examples * kind.written)


def untied(model: PreTrainedModel) -> PreTrainedModel:
    """Gives a model that was just made an output layer of its own, drawn from torch's generator."""
    import torch

    shape = cast("torch.Tensor", model.get_input_embeddings().weight).shape
    # So that logits start with a variance of 1: what is written first depends on nothing but training.
    model.lm_head.weight = torch.nn.Parameter(torch.randn(shape) * shape[1] ** -0.5)
    getattr(model, "all_tied_weights_keys", {}).pop("lm_head.weight", None)
    return _said(model)


def _said(model: PreTrainedModel) -> PreTrainedModel:
    """The configuration says whether the output layer is the embedding, and whether T5 scales its outputs."""
    output = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    tied = output is not None and output.weight is model.get_input_embeddings().weight
    model.config.tie_word_embeddings = tied
    if hasattr(model.config, "scale_decoder_outputs"):
        model.config.scale_decoder_outputs = tied
    return model


ARCHITECTURE = TextToText()
