"""Label sets that are found in the training set: supertags, of which there are hundreds, and more in every treebank.

Most supertaggers know the categories that occur at least ten times in their training set, some 425 in CCGbank (Clark
and Curran 2007, Computational Linguistics 33(4)); here the rest are one label more, ``rare``.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from xstilts.reading.examples import Example, Tagged

RARE = "rare"


def labels_of(examples: Sequence[Example], at_least: int) -> tuple[str, ...]:
    """The labels by a training set: those that occur at least so often, sorted, and ``rare``."""
    tags = [example.tags or () for example in examples if isinstance(example, Tagged)]
    counts = Counter(tag for sentence in tags for tag in sentence)
    return (*sorted(tag for tag, count in counts.items() if count >= at_least), RARE)


def closed(examples: Sequence[Example], labels: Sequence[str]) -> list[Example]:
    """The examples with ``rare`` for every tag that is not among the labels."""
    known = frozenset(labels)
    return [
        dataclasses.replace(example, tags=tuple(tag if tag in known else RARE for tag in example.tags))
        if isinstance(example, Tagged) and example.tags is not None
        else example
        for example in examples
    ]
