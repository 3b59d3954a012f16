"""A tiny teacher with its tokenizer, text, and experiments that distil it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, BertConfig, BertForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM

import studies
from once import once
from xstilts.experiments.graph import build
from xstilts.experiments.schema import Experiment
from xstilts.models import unigram
from xstilts.models.student import EMBEDDING, ROWS
from xstilts.phases import dispatch
from xstilts.pipeline.entry import Entry
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store

PIECES = 220
ALL = {"hidden_states": 1.0, "sentence_vectors": 5.0, "relations": 1.0, "masked_lm": 0.5, "translation_contrast": 0.5}
"""Losses: every one that there is."""


class Stopped(Exception):
    """What kills a run in a test."""


class Told:
    """The progress of a run: what it says; it stops the run after a step where it is told to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.steps, self.notes = stop_after, [], []

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        if phase == "distillation":
            self.steps.append(step)
            if self.stop_after is not None and step > self.stop_after:
                raise Stopped

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass(frozen=True)
class World:
    """Text, and a teacher of four layers."""

    folder: Path

    @property
    def teacher(self) -> Path:
        return self.folder / "teacher"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def node(self, store: Store, *, model: str | Path | None = None, **keys: Any) -> Node:
        """The node of a distillation of this teacher."""
        (found,) = [node for node in self.graph(store, model=model, **keys).nodes if node.kind == "distillation"]
        return found

    def graph(self, store: Store, *, model: str | Path | None = None, **keys: Any):
        recipe = {"precision": "fp32", "max_length": 24, "batch_tokens": 192, **keys.pop("recipe", {})}
        said = {"method": "distillation", "text": "text/mono", "max_tokens": 1500, "recipe": recipe, **keys}
        experiment = Experiment(
            name="distilled",
            model=str(model or self.teacher),
            pretraining=said,
            targets=[{"name": "tatoeba", "task": "tatoeba"}],
        )
        return build(experiment.beside(self.folder), data=self.data, store=store, cores=1)


def run(node: Node, store: Store, *, stops: tuple[int, ...] = (), told: Told | None = None) -> Entry:
    """The entry of a node, whose run is stopped after each of these steps; its parents' are made first."""
    for parent in node.parents.values():
        if not store.has(parent.key):
            dispatch.run([parent], store, Told())
    for stop in stops:
        try:
            dispatch.run([node], store, Told(stop))
        except Stopped:
            continue
        raise AssertionError("was not stopped")
    dispatch.run([node], store, told or Told())
    return store.open(node.key)


@once("distilled")
def world(folder: Path) -> World:
    """Made once for a session; nobody may change it."""
    made = World(folder)
    studies.write_data(made.data)
    write_teacher(made.teacher, made.data)
    return made


def write_teacher(folder: Path, data: Path, *, shape: str = "xlm-roberta", width: int = 32, seed: int = 1) -> Path:
    """A model directory; its pieces are learnt from the text."""
    folder.mkdir(parents=True)
    lines = [line for file in sorted((data / "text/mono").iterdir()) for line in file.read_text("utf-8").splitlines()]
    tokenizer = unigram.train(lines, vocabulary=PIECES, directory=folder)
    config, model = {
        "xlm-roberta": (XLMRobertaConfig, XLMRobertaForMaskedLM),
        "bert": (BertConfig, BertForMaskedLM),
    }[shape]
    torch.manual_seed(seed)
    sizes = {"num_hidden_layers": 4, "num_attention_heads": 4, "hidden_size": width, "intermediate_size": 48}
    settings = config(vocab_size=len(tokenizer), max_position_embeddings=64, pad_token_id=1, **sizes)
    settings.initializer_range = 0.3  # large enough for layers to differ
    model(settings).save_pretrained(folder)
    return folder


def turned(node: Node, store: Store, teacher: Path) -> Node:
    """The node with a vocabulary of the student's own: the teacher's pieces and rows, numbered from the end."""
    parent = Node(kind="student_vocabulary", params={"pieces": "turned"}, label="vocabulary")
    with store.writer(parent) as writer:
        told = json.loads((teacher / "tokenizer.json").read_text("utf-8"))
        pieces = told["model"]["vocab"]
        special = 1 + max(one["id"] for one in told["added_tokens"])
        told["model"]["vocab"] = pieces[:special] + pieces[special:][::-1]
        writer.path("tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
        shutil.copyfile(teacher / "tokenizer_config.json", writer.path("tokenizer_config.json"))
        rows = AutoModel.from_pretrained(teacher, add_pooling_layer=False).get_input_embeddings().weight.detach()
        save_file({ROWS: torch.cat([rows[:special], rows[special:].flip(0)])}, writer.path(EMBEDDING))
    return replace(node, parents={**node.parents, "vocabulary": parent})


def weights(entry: Entry) -> dict[str, torch.Tensor]:
    """Of the student."""
    return load_file(entry.path("model.safetensors"))
