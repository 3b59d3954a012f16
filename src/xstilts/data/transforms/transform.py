"""What a transform is: examples in, examples out, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from xstilts.reading.examples import Example

Apply = Callable[[Sequence[Example], str, Mapping[str, Any], int], list[Example]]
"""``apply(examples, language, options, seed)``: all examples of a dataset in one language.

Of a transform that reads neighbours, ``options["neighbours"]`` is the path of their file.
"""
Counts = Callable[[Sequence[Example], Sequence[Example], Mapping[str, Any]], dict[str, int]]
"""``counts(before, after, options)``: what was done, in numbers that add up over languages."""


class TransformKeys(BaseModel):
    """What an experiment may say of a transform. Checked strictly; unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    seed: int = 0
    """Of what is drawn. It is not one of the experiment's seeds: all of them train on the same rows."""

    @property
    def factor(self) -> int:
        """How many examples come out for one that goes in."""
        return 1

    def sentence(self) -> str:
        """What it does, in words for a report."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A change of examples after they have been read; its module's name is what a dataset names.

    A perturbation keeps ids and clusters, so that its results can be compared with those on the examples as they were.
    An augmentation adds examples: each new one has an id of its own and the cluster of the one that it was made of.

    Attributes:
        title: one line for people.
        apply: what changes them.
        kinds: the kinds of tasks whose examples it can change; empty: all.
        augments: the keys of an augmentation, which a training set may name (``augment``); None: it is none.
        neighbours: whether it reads neighbours of words, from a file of the user's or made of a model's embeddings.
        counts: what it says that it did.
        paper: where it is described.
        version: raised when the code changes what comes out.
    """

    title: str
    apply: Apply
    kinds: tuple[str, ...] = ()
    augments: type[TransformKeys] | None = None
    neighbours: bool = False
    counts: Counts | None = None
    paper: str | None = None
    version: int = 1
