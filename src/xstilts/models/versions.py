"""What differs between the versions of transformers that pyproject.toml allows: here and nowhere else.

Read off the library that is installed, never off its version number: a rename may come earlier for one model than for
another.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from importlib.metadata import version

from xstilts.errors import CheckpointError

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


def hide_deprecations() -> None:
    """Keeps from a user what a library will call otherwise one day: that is for us to know.

    Whoever asks Python for warnings (``python -W …``, ``PYTHONWARNINGS``) sees them; `make test-newest` asks.
    """
    if not sys.warnoptions:
        for category in (FutureWarning, DeprecationWarning):
            warnings.simplefilter("ignore", category)
