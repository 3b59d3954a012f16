"""Gives examples their ids and clusters, over the whole file set of one split and language.

An id is the dataset's own where those are unique, else the position. A cluster is what the bootstrap draws and what
``hold_out`` never splits: premise, paragraph, sentence. In a parallel set it is a position, so that it is equal in
all languages; elsewhere it is a hash of the content, so that repetitions fall together wherever they occur.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

from xstilts.reading.examples import Classified, Example, Question

SEPARATOR = "\x1f"


def identify(examples: Sequence[Example], *, parallel: bool = False) -> list[Example]:
    """The examples with every id and cluster filled in; what a reader gave stays."""
    own = [example.example_id for example in examples]
    keep = "" not in own and len(set(own)) == len(own)
    clusters = _positions(examples) if parallel else [_content(example) for example in examples]
    return [
        dataclasses.replace(
            example,
            example_id=example.example_id if keep else str(position),
            cluster_id=example.cluster_id or clusters[position] or str(position),
        )
        for position, example in enumerate(examples)
    ]


def digest(*texts: str) -> str:
    """A short hash of content: 16 hex digits."""
    return hashlib.blake2b(SEPARATOR.join(texts).encode(), digest_size=8).hexdigest()


def _content(example: Example) -> str:
    """The cluster of an example outside a parallel set; empty if the example has none."""
    return "" if example.repeated is None else digest(*example.repeated)


def _positions(examples: Sequence[Example]) -> list[str]:
    """The clusters of a parallel set: the rank of the paragraph, the triple of XNLI, or the row itself."""
    if examples and all(isinstance(example, Question) for example in examples):
        ranks: dict[str, int] = {}
        contexts = [example.context for example in examples if isinstance(example, Question)]
        return [str(ranks.setdefault(context, len(ranks))) for context in contexts]
    size = 3 if _in_triples(examples) else 1
    return [str(position // size) for position in range(len(examples))]


def _in_triples(examples: Sequence[Example]) -> bool:
    """Whether three rows each share a premise, as in XNLI; a few translations of a premise may differ."""
    premises = [example.first for example in examples if isinstance(example, Classified)]
    if not premises or len(premises) != len(examples) or len(premises) % 3:
        return False
    triples = [premises[start : start + 3] for start in range(0, len(premises), 3)]
    return sum(len(set(triple)) == 1 for triple in triples) >= 0.95 * len(triples)
