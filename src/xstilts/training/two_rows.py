"""Two rows of drawn tokens, and what a model makes of them: what the engine is checked by.

Shape legend: B = 2 rows, T tokens, D hidden width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xstilts.engine.batches import to_tensors
from xstilts.engine.engine import Engine
from xstilts.engine.packing import pack
from xstilts.heads.text_to_text.writing import NOTHING, SOURCE, TARGET
from xstilts.models.loading import base_of
from xstilts.training.model import LanguageModelHead, TransferModel
from xstilts.training.text_to_text import TextToTextModel

LONG, SHORT = 12, 7
"""Tokens of the two rows; the first is longer where attention has a window, which must be seen to end."""

Computed = dict[str, torch.Tensor]
"""What was computed, by name."""


class TwoRows:
    """Two rows of drawn tokens, and what is computed on them.

    Attributes:
        ids: all that occur, ascending.
    """

    def __init__(self, model: TransferModel) -> None:
        base: Any = base_of(model.encoder)
        self.device, self.config = device_of(model), base.config
        self.draw = np.random.default_rng(0)
        self.lengths = np.array([_longer(base.config) if Engine().layout(model.encoder).packed else LONG, SHORT])
        self.inside = np.arange(self.lengths[0])[None, :] < self.lengths[:, None]
        size = base.get_input_embeddings().num_embeddings
        pad = base.config.pad_token_id
        pad = 0 if pad is None else int(pad)
        ordinary = np.setdiff1d(np.arange(min(3, size - 1), size), [pad])
        self.tokens = np.where(self.inside, self.draw.choice(ordinary, size=self.inside.shape), pad)
        also = {pad, int(getattr(base.config, "decoder_start_token_id", None) or 0)}
        self.ids = torch.from_numpy(np.union1d(self.tokens, list(also))).to(self.device)

    def computed(self, model: TransferModel, *, packed: bool) -> tuple[Computed, torch.Tensor]:
        """States and losses by name, and what is differentiated."""
        if isinstance(model, TextToTextModel):
            return self._written(model)
        batch = to_tensors(self._arrays(model), self.device)
        read = np.zeros(self.inside.shape, dtype=bool)
        read[:, 0] = read[0, -2] = True
        chosen, found = torch.from_numpy(read).to(self.device), {}
        total = torch.zeros((), device=self.device)
        for layer in layers_read(model):
            packing = None
            if packed:
                packing = pack(self.lengths, self.inside.shape[1], self.device, read=read, most=1.0)
            states = model.engine.states(model.encoder, batch, layer=layer, packing=packing)[chosen]
            found[f"states after layer {layer}" if layer else "last states"] = states.detach()
            weight = np.random.default_rng(1).normal(size=tuple(states.shape))
            total = total + (states * torch.from_numpy(weight).to(states)).sum()
            if layer is None and any(head.language_model for head in model.heads.values()):
                loss = LanguageModelHead(model.encoder, model.engine).loss(states, batch["input_ids"][chosen])
                found["loss of masked tokens"] = loss.detach()
                total = total + loss
        return found, total

    def _written(self, model: TextToTextModel) -> tuple[Computed, torch.Tensor]:
        part = np.where(self.inside, SOURCE, NOTHING)
        for row, length in enumerate(self.lengths):
            part[row, length - 2 - row : length] = TARGET
        arrays = {"input_ids": self.tokens, "attention_mask": self.inside.astype(np.int64), "part": part}
        batch = to_tensors(arrays, self.device)
        task = next(iter(model.heads))
        states = model.hidden(batch, task)
        loss, _ = model.module_of(task).loss(states, batch)
        return {"states": states.detach(), "loss of what is written": loss.detach()}, loss

    def _arrays(self, model: TransferModel) -> dict[str, NDArray[np.int64]]:
        found = {"input_ids": self.tokens, "attention_mask": self.inside.astype(np.int64)}
        if getattr(self.config, "type_vocab_size", 0) > 1:
            found["token_type_ids"] = np.where(self.inside, np.arange(self.inside.shape[1]) >= SHORT // 2, 0)
        return found


def _longer(config: Any) -> int:  # noqa: ANN401 – of transformers
    """Tokens of the longer row."""
    window = getattr(config, "sliding_window", None) or 0
    positions = getattr(config, "max_position_embeddings", None) or LONG
    return max(SHORT, min(max(LONG, window + SHORT), positions - 2))


def layers_read(model: TransferModel) -> list[int | None]:
    """The layers that the model's tasks read; None is the last."""
    count = base_of(model.encoder).config.num_hidden_layers
    found = [model.layers.get(task) or head.layer(count) for task, head in model.heads.items()]
    return list(dict.fromkeys(found))


def device_of(model: TransferModel) -> torch.device:
    """Where its weights are."""
    return next(iter(model.parameters())).device
