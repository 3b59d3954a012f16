"""What the engine needs to know of a model, and what it gives to whoever updates weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import torch
from accelerate import Accelerator

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Encoding(Protocol):
    """A model around an encoder."""

    @property
    def encoder(self) -> PreTrainedModel:
        """The encoder, or the whole text-to-text model."""
        ...

    def modules(self) -> Iterator[torch.nn.Module]:
        """All modules, the model itself among them."""
        ...

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """All weights."""
        ...

    def named_parameters(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """All weights by name."""
        ...


class Updated(Protocol):
    """The fp32 weights of a run, and the gradients of its steps.

    Attributes:
        vocabulary: rows of the input embedding that train, and of how many; why all, where it is all.
        decay: by what decay alone has shrunk the weights that no gradient can reach, where they are left out.
    """

    vocabulary: dict[str, Any]

    @property
    def decay(self) -> float:
        """See above."""
        ...

    @decay.setter
    def decay(self, factor: float) -> None: ...

    def named_parameters(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """Each weight once."""
        ...

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Each weight once."""
        ...

    def begin(self) -> None:
        """Forgets the gradients of the step before: a weight without one in a step does not move in it."""
        ...

    def gather(self, accelerator: Accelerator) -> list[torch.Tensor]:
        """Gives every weight that the step touched its gradient, summed over the ranks; what their norm is taken of."""
        ...

    def forget(self) -> None:
        """Makes the gradients of the step 0; the weights that they are of stay touched."""
        ...

    def cast(self) -> None:
        """Brings the weights that are computed with up to date."""
        ...

    def release(self) -> None:
        """Drops all gradients, after the last step."""
        ...
