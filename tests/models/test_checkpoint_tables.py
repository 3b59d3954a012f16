"""The tables of known checkpoints: every shape, built without memory, has as many weights as the table says."""

from __future__ import annotations

import pytest
import torch

from xstilts import registry
from xstilts.models.architecture import architecture_of, architectures
from xstilts.models.reference import shape_of

POSITIONS = ("position_embeddings", "rel_embeddings", "relative_attention_bias", "token_type_embeddings")
KNOWN = [
    (family, name)
    for family, module in registry.modules("models").items()
    for name, checkpoint in module.FAMILY.checkpoints.items()
    if checkpoint.shape is not None
    and family
    in {
        *(
            "bert",
            "byt5",
            "eurobert",
            "gemma3",
            "glot500",
            "mdeberta",
            "mmbert",
            "mt5",
            "multilingual_e5",
            "qwen3",
            "xlm_roberta",
            "xlm_v",
        ),
    }
]


def configuration(family: str, shape):
    """A transformers configuration of a shape, as the family's checkpoints have it."""
    import transformers

    kind = {
        "bert": "Bert",
        "multilingual_e5": "Bert",
        "xlm_roberta": "XLMRoberta",
        "xlm_v": "XLMRoberta",
        "mdeberta": "DebertaV2",
        "mmbert": "ModernBert",
        "eurobert": "EuroBert",
        "qwen3": "Qwen3",
        "gemma3": "Gemma3Text",
    }[family]
    options = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
    }
    if shape.key_heads:
        options["num_key_value_heads"] = shape.key_heads
    if shape.head_size:
        options["head_dim"] = shape.head_size
    if family == "mdeberta":
        options |= {
            "relative_attention": True,
            "position_buckets": 256,
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
        }
    return getattr(transformers, f"{kind}Config")(**options)


def text_to_text(family: str, shape):
    from transformers import MT5Config, T5Config

    return (T5Config if family == "byt5" else MT5Config)(
        vocab_size=shape.vocabulary,
        d_model=shape.hidden,
        d_ff=shape.intermediate,
        d_kv=shape.head_size,
        num_layers=shape.layers,
        num_decoder_layers=shape.decoder_layers,
        num_heads=shape.heads,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
    )


@pytest.mark.parametrize(("family", "name"), KNOWN)
def test_weights_are_as_many_as_the_table_says(family, name):
    from transformers import AutoModel, AutoModelForSeq2SeqLM

    declared = registry.find("models", family)
    shape = declared.checkpoints[name].shape
    written = declared.architecture == "text_to_text"
    config = (text_to_text if written else configuration)(family, shape)
    with torch.device("meta"):
        model = (AutoModelForSeq2SeqLM if written else AutoModel).from_config(config)
    named = [
        (key, p.numel())
        for key, p in model.named_parameters()
        if p.ndim > 1 and "pooler" not in key and not any(table in key for table in POSITIONS)
    ]
    # transformers ties what T5's relatives write with in every configuration; their checkpoints hold two matrices.
    tied_here = 0 if shape.tied else shape.vocabulary * shape.hidden
    assert sum(count for _, count in named) + tied_here == shape.parameters
    assert sum(p.numel() for p in model.parameters()) + tied_here == pytest.approx(shape.parameters, rel=0.01)


@pytest.mark.parametrize(("family", "name"), KNOWN)
def test_the_shape_is_what_the_configuration_says(family, name):
    declared = registry.find("models", family)
    shape = declared.checkpoints[name].shape
    written = declared.architecture == "text_to_text"
    config = (text_to_text if written else configuration)(family, shape).to_dict()
    assert architecture_of(config).name == declared.architecture
    if written:
        config["tie_word_embeddings"] = False  # as the published files have it
    found = shape_of(config)
    assert found is not None
    assert (found.parameters, found.body) == (shape.parameters, shape.body)


def test_families_are_described():
    for name in registry.names("models"):
        family = registry.find("models", name)
        assert family.architecture in architectures()
        for checkpoint in family.checkpoints.values():
            assert checkpoint.shape or checkpoint.repository, "what is not known can be fetched"
            assert checkpoint.languages is None or family.sources
