"""A small study whose student gets a vocabulary of its own, over a very small XLM-R."""

from __future__ import annotations

from pathlib import Path

import studies
from once import once
from xstilts.models import unigram
from xstilts.phases.dispatch import run
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Silent

SETTINGS = ("model=./m", "targets=[xnli]", "intermediate=[]", "languages=[en]", "seeds=[11]")
RESTRICTED = "{pieces: 150}"


def write_model(folder: Path) -> Path:
    """A very small XLM-R over pieces of the study's languages."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    sentences = [
        studies.sentence(code, one) for code in ("en", "de", "ru") for one in studies.clauses(code, 80, seed=1)
    ]
    tokenizer = unigram.train(sentences, vocabulary=300, directory=folder)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=130,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )
    torch.manual_seed(1)
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def write_study(folder: Path) -> studies.Study:
    """The tiny study's data, and the model beside them."""
    made = studies.write_study(folder)
    write_model(made.folder / "m")
    return made


def planned(study: studies.Study, vocabulary: str, *settings: str) -> Node:
    """The node of a vocabulary, as a distillation asks for it."""
    pretraining = f"{{method: distillation, text: text/mono, max_tokens: 500, vocabulary: {vocabulary}}}"
    built = study.build(*SETTINGS, f"pretraining={pretraining}", *settings)
    (node,) = (one for one in built.nodes if one.kind == "student_vocabulary")
    (distilled,) = (one for one in built.nodes if one.kind == "distillation")
    assert distilled.parents["vocabulary"] == node
    return node


@once("student")
def finished(folder: Path) -> studies.Study:
    """The study with the vocabulary in its store; nobody may change it."""
    study = write_study(folder)
    run([planned(study, RESTRICTED)], study.store, Silent())
    return study
