"""The engine proves itself on every model before it computes with it: two rows, forward and backward, in fp32.

It reaches into transformers, whose next version may compute a layer in another way. Where what it gives differs from
what transformers itself gives, where either fails, or where the engine does not know the model's class, the model is
computed plainly. Of the gradients those of the embedding's rows are compared, which pass through every layer, of the
first and the last layer's weights, and of all norms and biases: the whole would be as large as the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

from xstilts.engine.engine import Engine
from xstilts.engine.known import why_unknown
from xstilts.engine.plain import Plain, reading_part
from xstilts.engine.row_embedding import RowEmbedding
from xstilts.engine.weights import row_embedding, sharing
from xstilts.errors import beginning
from xstilts.models.loading import base_of, encoder_layers
from xstilts.training.model import TransferModel
from xstilts.training.two_rows import Computed, TwoRows, device_of, layers_read

STATES, GRADIENTS = 1e-4, 1e-3
"""By what share of its size something may differ (Euclidean norms). Rounding in fp32 stays far below."""
NOISE = 1e-2
"""A gradient below this share of the largest one may differ as if it had this size: some are nothing but rounding."""
_FOUND: dict[Hashable, str] = {}
"""What this process has found already, by the code that it was about."""


def settle(model: TransferModel, *, plain: bool, accelerator: Accelerator, note: Callable[[str], None]) -> None:
    """Decides how a model is computed.

    Args:
        model: gets its engine.
        plain: whether the engine is not wanted.
        accelerator: where it will be computed; all ranks decide alike.
        note: hears why the engine is not used, where it was wanted.
    """
    if plain:
        model.engine = Plain()
        return
    model.to(accelerator.device)
    code = _code(model)
    if code not in _FOUND:
        found = [why_not(model)]
        if accelerator.num_processes > 1:
            found = gather_object(found)
        _FOUND[code] = next(filter(None, found), "")
    if _FOUND[code]:
        model.engine = Plain(f"{_FOUND[code]}: computed plainly, which is slower")
        note(model.engine.why)


def _code(model: TransferModel) -> Hashable:
    """What decides whether the engine is right: all that is computed, and in which shape; not the weights."""
    forwards = {(type(module), type(module).forward, vars(module).get("forward")) for module in model.modules()}
    shape = {name: value for name, value in base_of(model.encoder).config.to_dict().items() if name[0] != "_"}
    reads = (*map(str, layers_read(model)), *sorted({head.language_model for head in model.heads.values()}))
    return frozenset(forwards), json.dumps(shape, sort_keys=True, default=str), reads, device_of(model).type


def why_not(model: TransferModel) -> str:
    """Why the engine must leave a model alone; empty where it may compute it."""
    if unknown := why_unknown(model.encoder):
        return unknown
    name, engine, training = type(base_of(model.encoder)).__name__, model.engine, model.training
    model.eval()
    try:
        with torch.enable_grad(), torch.autocast(device_of(model).type, enabled=False):
            expected, found = _plainly(model), _by_engine(model)
    except Exception as error:  # whatever it is, the plain way is left
        said = (str(error).strip().splitlines() or ["no message"])[0]
        return f"the engine cannot compute {name} ({type(error).__name__}: {beginning(said, 200)})"
    finally:
        model.engine = engine
        model.train(training)
    differs = difference(expected, found)
    return f"the engine's numbers for {name} differ from transformers' own ({differs})" if differs else ""


def difference(expected: Computed, found: Computed) -> str:
    """What differs most beyond rounding, and by what share of its size; empty where nothing does."""
    largest = max((float(x.norm()) for name, x in expected.items() if name.startswith("gradient")), default=0.0)
    worst, what = 1.0, ""
    for name, one in expected.items():
        size, apart = float(one.norm()), float((one - found[name]).norm())
        if name.startswith("gradient"):
            share, allowed = apart / max(size, NOISE * largest, 1e-30), GRADIENTS
        else:
            share, allowed = apart / max(size, 1e-30), STATES
        if not share <= worst * allowed:  # NaN is no agreement
            worst, what = share / allowed, f"{name}, by {share:.1g} of its size"
    return what


def _plainly(model: TransferModel) -> Computed:
    """States, losses and gradients as transformers computes them."""
    model.engine = Plain()
    rows, watched = TwoRows(model), _watched(model)
    table: Any = base_of(model.encoder).get_input_embeddings()
    read: list[tuple[torch.Tensor, torch.Tensor]] = []

    def note(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        read.append((inputs[0], output.detach().requires_grad_()))
        return read[-1][1]

    handles = [one.register_forward_hook(note) for one in sharing(model, table)]
    try:
        found, total = rows.computed(model, packed=False)
    finally:
        for handle in handles:
            handle.remove()
    given = [output for _, output in read]
    gradients = torch.autograd.grad(total, [*given, *watched.values()], allow_unused=True)
    of_rows = table.weight.new_zeros(len(rows.ids), table.weight.shape[1])
    for (ids, _), gradient in zip(read, gradients, strict=False):
        if gradient is not None:
            place = torch.searchsorted(rows.ids, ids.flatten())
            of_rows.index_add_(0, place, gradient.flatten(0, -2).float())
    # What is read here is what the embedding gives; where it multiplies its rows, so is their gradient.
    factor = getattr(table, "embed_scale", 1.0)
    return found | _named(watched, gradients[len(given) :]) | {"gradient of the embedding": of_rows * factor}


def _by_engine(model: TransferModel) -> Computed:
    """The same as the engine computes them."""
    engine = model.engine = Engine()
    rows, watched = TwoRows(model), _watched(model)
    table: Any = base_of(model.encoder).get_input_embeddings()
    embedding = RowEmbedding(table, active=rows.ids.cpu().numpy(), dtype=torch.float32)
    embedding.learn()
    with engine.installed(model.encoder), row_embedding(model, embedding):
        found, total = rows.computed(model, packed=engine.layout(model.encoder).packed)
        gradients = torch.autograd.grad(total, [embedding.weight, *watched.values()], allow_unused=True)
        assert embedding.gradient is not None
        return found | _named(watched, gradients[1:]) | {"gradient of the embedding": embedding.gradient.clone()}


def _watched(model: TransferModel) -> dict[str, torch.nn.Parameter]:
    """The weights whose gradients are compared."""
    layers = encoder_layers(reading_part(model.encoder))
    ends = {id(p) for layer in (layers[0], layers[-1]) for p in layer.parameters()} if layers is not None else set()
    width = base_of(model.encoder).config.hidden_size * 16
    return {
        name: p
        for name, p in model.encoder.named_parameters()
        if p.requires_grad and (id(p) in ends or (p.ndim == 1 and len(p) <= width))
    }


def _named(watched: dict[str, torch.nn.Parameter], gradients: tuple[torch.Tensor | None, ...]) -> Computed:
    return {
        f"gradient of {name}": torch.zeros_like(weight) if gradient is None else gradient
        for (name, weight), gradient in zip(watched.items(), gradients, strict=True)
    }
