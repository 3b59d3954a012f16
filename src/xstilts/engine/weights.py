"""The weights of a run: fp32 ones to update, and in bf16 copies to compute with, cast once a step.

Gradients are summed in fp32 over the micro-batches of a step, whatever precision they come in, and over the ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator
from torch.utils.hooks import RemovableHandle

from xstilts.engine.encoding import Encoding
from xstilts.engine.row_embedding import RowEmbedding
from xstilts.engine.submodules import exchanged
from xstilts.models.loading import base_of


class Weights:
    """The fp32 weights of a model that computes with other ones.

    Within `open` the model's own parameters are what is computed with; the optimizer, checkpoints and whoever asks
    for `named_parameters` see fp32.

    Args:
        model: its parameters become the working ones.
        embedding: stands in the place of the model's input embedding.
        dtype: of the working weights.
        vocabulary: what the record of a run says of the embedding.
    """

    def __init__(
        self,
        model: Encoding,
        embedding: RowEmbedding,
        *,
        dtype: torch.dtype,
        vocabulary: dict[str, Any] | None = None,
    ) -> None:
        self.model, self.embedding, self.dtype, self.vocabulary = model, embedding, dtype, vocabulary or {}
        self._masters: dict[str, torch.nn.Parameter] = {}
        self._working: dict[str, torch.nn.Parameter] = {}
        for name, parameter in model.named_parameters():
            if parameter is embedding.weight:
                self._masters[name] = parameter
                continue
            self._working[name] = parameter
            self._masters[name] = torch.nn.Parameter(parameter.data, requires_grad=parameter.requires_grad)
        self._sums = {n: torch.empty_like(m) for n, m in self._masters.items() if n in self._working}
        self._touched: dict[str, None] = {}

    @property
    def decay(self) -> float:
        """By what decay alone has shrunk the weights that no gradient reaches and that are left out here."""
        return self.embedding.decay

    @decay.setter
    def decay(self, factor: float) -> None:
        self.embedding.decay = factor

    def named_parameters(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """The fp32 weights; of a vocabulary the rows that train."""
        return iter(self._masters.items())

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """The fp32 weights."""
        return iter(self._masters.values())

    @contextmanager
    def open(self) -> Iterator[None]:
        """Gives the model its working weights, and back the fp32 ones in the end, as they are then."""
        hooks = []
        for name, parameter in self._working.items():
            if parameter.requires_grad:
                hooks.append(_after_gradient(parameter, partial(self._add, name)))
            parameter.data = parameter.data.to(self.dtype)  # the same memory in fp32
        if self.embedding.weight.requires_grad:
            hooks.append(_after_gradient(self.embedding.weight, self._add_rows))
        self.embedding.learn()
        self.cast()
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
            for name, parameter in self._working.items():
                parameter.grad = None
                parameter.data = self._masters[name].data
            self.embedding.gradient = self.embedding.touched = None

    @torch.no_grad()
    def cast(self) -> None:
        """Brings the working weights up to date."""
        # In fp32 both are one memory, unless someone has moved the model in between.
        pairs = [(working, self._masters[name]) for name, working in self._working.items()]
        apart = [(working, master) for working, master in pairs if working.data_ptr() != master.data_ptr()]
        if apart:
            torch._foreach_copy_([working for working, _ in apart], [master for _, master in apart])

    def begin(self) -> None:
        """Forgets the gradients of the step before: a weight without one in a step does not move in it."""
        self._touched.clear()
        self.embedding.forget()
        for master in self._masters.values():
            master.grad = None

    @torch.no_grad()
    def gather(self, accelerator: Accelerator) -> list[torch.Tensor]:
        """Gives every weight that the step touched its gradient, summed over the ranks.

        Returns:
            What the gradient's norm is taken of: of the embedding only the rows that have a gradient, so that the
            norm has the same bits however many rows are left out (on a CPU).
        """
        rows, flags = self.embedding.gradient, self.embedding.touched
        assert rows is not None
        assert flags is not None
        touched_names = [name for name in self._sums if name in self._touched]  # every rank in the same order
        sums = [self._sums[name] for name in touched_names]
        if accelerator.num_processes > 1:
            flat = accelerator.reduce(torch.cat([one.flatten() for one in sums]), reduction="sum")
            torch._foreach_copy_(
                sums, [part.view_as(one) for part, one in zip(flat.split([s.numel() for s in sums]), sums, strict=True)]
            )
            rows.copy_(accelerator.reduce(rows, reduction="sum"))
            flags.copy_(accelerator.reduce(flags.float(), reduction="sum") > 0)
        for name in touched_names:
            self._masters[name].grad = self._sums[name]
        if self.embedding.weight.requires_grad:
            self.embedding.weight.grad = rows
        if rows.device.type != "cpu":  # the count of touched rows would have to be waited for
            return [*sums, rows]
        touched = flags.nonzero()[:, 0]
        return [*sums, rows if len(touched) == len(rows) else rows.index_select(0, touched)]

    @torch.no_grad()
    def forget(self) -> None:
        """Makes the gradients of the step 0; the weights that they are of stay touched."""
        assert self.embedding.gradient is not None
        self.embedding.gradient.zero_()
        for name in self._touched:
            self._sums[name].zero_()

    def release(self) -> None:
        """Drops all gradients, after the last step."""
        self.begin()
        self._sums.clear()
        self.embedding.weight.grad = self.embedding.gradient = self.embedding.touched = None

    def _add(self, name: str, parameter: torch.nn.Parameter) -> None:
        gradient, parameter.grad = parameter.grad, None
        assert gradient is not None
        if name in self._touched:
            self._sums[name].add_(gradient)
        else:
            self._touched[name] = None
            self._sums[name].copy_(gradient)

    def _add_rows(self, parameter: torch.nn.Parameter) -> None:
        """The gradient of a tied projection: of all rows."""
        gradient, parameter.grad = parameter.grad, None
        if gradient is None:  # looked up alone, which sums on its own
            return
        assert self.embedding.gradient is not None
        assert self.embedding.touched is not None
        self.embedding.gradient.add_(gradient)
        self.embedding.touched.fill_(value=True)


def _after_gradient(parameter: torch.Tensor, call: Callable[[torch.nn.Parameter], None]) -> RemovableHandle:
    handle: RemovableHandle = parameter.register_post_accumulate_grad_hook(call)  # type: ignore[no-untyped-call]
    return handle


@contextmanager
def row_embedding(model: Encoding, embedding: RowEmbedding) -> Iterator[None]:
    """Puts ``embedding`` in the place of the model's input embedding; what was learnt is written back in the end."""
    with exchanged(model, dict.fromkeys(sharing(model, embedding.table), embedding)):
        try:
            yield
        finally:
            embedding.written()


@contextmanager
def computing(model: Encoding, dtype: torch.dtype) -> Iterator[None]:
    """A model whose weights are in ``dtype``, for predictions; as it is, where it computes in that already."""
    table = base_of(model.encoder).get_input_embeddings()
    if dtype == torch.float32 or isinstance(table, RowEmbedding) or not isinstance(table, torch.nn.Embedding):
        yield
        return
    kept = {p: p.data for p in model.parameters() if p is not table.weight and p.dtype == torch.float32}
    embedding = RowEmbedding(table, active=None, dtype=dtype)
    with exchanged(model, dict.fromkeys(sharing(model, table), embedding)):
        try:
            for parameter, data in kept.items():
                parameter.data = data.to(dtype)
            yield
        finally:
            for parameter, data in kept.items():
                parameter.data = data


def sharing(model: Encoding, table: torch.nn.Embedding) -> list[torch.nn.Embedding]:
    """All modules that look rows of a table up: encoder and decoder of a text-to-text model have one each."""
    return [
        module for module in model.modules() if isinstance(module, torch.nn.Embedding) and module.weight is table.weight
    ]
