"""What a transform is: examples in, examples out, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts.reading.examples import Example

Apply = Callable[[Sequence[Example], str, Mapping[str, Any], int], list[Example]]
"""``apply(examples, language, options, seed)``: all examples of a dataset in one language."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A change of examples after they have been read; its module's name is what a dataset names.

    A perturbation keeps ids and clusters, so that its results can be compared with those on the examples as they were.
    An augmentation adds examples: each new one has an id of its own and the cluster of the one that it was made of.

    Attributes:
        title: one line for people.
        apply: what changes them.
        kinds: the kinds of tasks whose examples it can change; empty: all.
        why_not: of a perturbation, which ``robustness:`` may name: why it is not defined for a language, or "".
        needs: what else decides what comes out (the version of a library), for the key.
        paper: where it is described.
        version: raised when the code changes what comes out.

    Raises:
        ConfigError: ``needs``, where something is not installed.
    """

    title: str
    apply: Apply
    kinds: tuple[str, ...] = ()
    why_not: Callable[[str], str] | None = None
    needs: Callable[[], Mapping[str, str]] = dict
    paper: str | None = None
    version: int = 1
