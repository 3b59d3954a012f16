"""Text-to-text models that start from scratch: mT5-shaped, with a tokenizer trained on the experiment's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.models.family import Checkpoint, Family, Shape

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerBase

FAMILY = Family(
    title="A text-to-text model from scratch",
    architecture="text_to_text",
    checkpoints={
        "small": Checkpoint(
            shape=Shape(
                layers=4,
                hidden=256,
                intermediate=512,
                heads=4,
                vocabulary=24000,
                gated=True,
                decoder_layers=4,
                tied=False,
                positions=1024,
            )
        ),
        "tiny": Checkpoint(
            shape=Shape(
                layers=2,
                hidden=64,
                intermediate=128,
                heads=2,
                vocabulary=6000,
                gated=True,
                decoder_layers=2,
                tied=False,
                positions=1024,
            )
        ),
    },
    recipe={"learning_rate": 1e-3, "epochs": 3, "warmup": 0.1},
    paper="https://arxiv.org/abs/2010.11934",
    licence="Apache-2.0",
    notes="mT5's shape through transformers. It starts random: to see an experiment whole, not for its numbers.",
)


def configuration(checkpoint: str, tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    """The transformers configuration of ``scratch_text_to_text:<checkpoint>`` for a tokenizer's vocabulary."""
    from transformers import MT5Config

    shape = FAMILY.checkpoints[checkpoint].shape
    assert shape is not None
    return MT5Config(
        vocab_size=len(tokenizer),
        d_model=shape.hidden,
        d_ff=shape.intermediate,
        d_kv=shape.hidden // shape.heads,
        num_layers=shape.layers,
        num_decoder_layers=shape.decoder_layers,
        num_heads=shape.heads,
        dropout_rate=0.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
