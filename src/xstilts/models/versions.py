"""What differs between the versions of transformers that pyproject.toml allows: here and nowhere else.

Read off the library that is installed, never off its version number: a rename may come earlier for one model than for
another.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from xstilts.errors import CheckpointError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TESTED = ("5.24.0",)
"""Versions of transformers on which all tests pass: the reports name others."""

CACHE_ARGUMENTS = ("cache", "past_key_values")
"""How a model's forward has called what it keeps of earlier tokens, the present name first."""


@functools.lru_cache(maxsize=64)
def cache_argument(model: type) -> str:
    """The keyword under which a model of this class takes what it keeps of earlier tokens.

    Args:
        model: a class of transformers with a ``forward``.

    Raises:
        CheckpointError: its forward names none that we know.
    """
    parameters = inspect.signature(model.forward).parameters  # type: ignore[attr-defined]
    for name in CACHE_ARGUMENTS:
        if name in parameters:
            return name
    raise CheckpointError(
        f"{model.__name__} of transformers {version('transformers')} keeps nothing of earlier tokens under a known"
        f" name; known: {', '.join(CACHE_ARGUMENTS)}",
        where="model",
    )


@functools.cache
def mend_modernbert() -> None:
    """Lets a ModernBERT be read whose every layer sees the whole text, as `mini` and ``scratch:`` are.

    transformers 5.5 to 5.16 refuse its configuration: beside the angles of the layers that it has, it holds those of
    layers with a window, and is then taken for one that names no kinds of layers. There, only the angles of layers
    that the model has are kept, which are all that it computes with. To be called before such a model is read or made.
    """
    from transformers import ModernBertConfig

    made: Any = ModernBertConfig
    try:
        made(num_hidden_layers=1, global_attn_every_n_layers=1)
    except Exception:  # an error of huggingface_hub's own, which not every version has
        made.standardize_rope_params = _of_present_layers(made.standardize_rope_params)


def _of_present_layers(standardize: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(standardize)
    def mended(config: Any) -> None:  # noqa: ANN401 – a configuration, whose class depends on the version
        config.rope_parameters = {
            name: value for name, value in config.rope_parameters.items() if name in config.layer_types
        }
        standardize(config)

    return mended


def attend_by(model: PreTrainedModel, name: str) -> None:
    """Lets a model compute its attention by a function that is registered with transformers' `AttentionInterface`.

    transformers looks for a certain call in a model's source, and where it is missing logs so and changes nothing.
    In 5.5 and 5.6 it is missing in ModernBERT's, which reads the setting all the same.
    """
    model.set_attn_implementation(name)
    if model.config._attn_implementation != name:
        model.config._attn_implementation = name


def hide_deprecations() -> None:
    """Keeps from a user what a library will call otherwise one day: that is for us to know.

    Whoever asks Python for warnings (``python -W …``, ``PYTHONWARNINGS``) sees them; `make test-newest` asks.
    """
    if not sys.warnoptions:
        for category in (FutureWarning, DeprecationWarning):
            warnings.simplefilter("ignore", category)
