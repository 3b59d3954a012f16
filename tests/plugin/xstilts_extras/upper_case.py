"""Texts of classifications in capitals."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.data.transforms.transform import Transform
from xstilts.reading.examples import Classified, Example


def apply(examples: Sequence[Example], language: str, options: Mapping[str, Any], seed: int) -> list[Example]:
    assert language == "eng-Latn"
    fields = options.get("fields", ["first", "second"])
    return [
        dataclasses.replace(one, **{name: (getattr(one, name) or "").upper() for name in fields})
        for one in examples
        if isinstance(one, Classified)
    ]


TRANSFORM = Transform(title="Capitals", apply=apply, kinds=("pair_classification", "single_classification"), version=3)
