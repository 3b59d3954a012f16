"""Randomized smoothing by augmentation: words drawn from themselves and their neighbours (Huang et al. 2021).

As ``perturb.py`` of uclanlp/Robust-XLT does it: a text is split at blanks; each word that has neighbours is drawn, by
itself and uniformly, from itself and them; the two texts of a pair are drawn independently; each example gives so many
copies, and the original is not kept. Look-up is by the exact word, so one with a capital or with a comma attached
stays, unless the file has it so. Ours is seeded: a copy depends on the seed, its number, and the example's id alone.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from xstilts.data.neighbours import Neighbours, read_neighbours
from xstilts.data.transforms.transform import Transform, TransformKeys
from xstilts.reading.examples import Classified, Example

FIELDS = ("first", "second")


class SmoothingKeys(TransformKeys):
    """How words are drawn, and from where."""

    copies: Annotated[int, Field(ge=1, le=1000)] = 10
    """Copies of each example. Published: 10 for PAWS-X, 3 for XNLI."""
    neighbours: Annotated[str, Field(min_length=1)] | None = None
    """A JSON file, word → list of neighbours; left out: the words nearest in the model's own input embeddings."""
    nearest: Annotated[int, Field(ge=1, le=100)] = 8
    """Where there is no file: how many of the nearest words are a word's neighbours; the published file has up to 8."""
    among: Literal["training_set", "vocabulary"] = "training_set"
    """Where there is no file: whether neighbours are words of the training set, or any of the model's vocabulary. In a
    multilingual model's, a word's nearest are mostly its translations, so that texts come out in several languages."""
    keep_originals: bool = False
    """Whether the examples as they are train beside the copies; published: they do not."""

    @property
    def factor(self) -> int:
        """Copies, and the original where it is kept."""
        return self.copies + self.keep_originals

    def sentence(self) -> str:
        """``each example 10 times, its words drawn among their neighbours in near.json``."""
        made = f"the {self.nearest} nearest of the {self.among.replace('_', ' ')} in the model's embeddings"
        source = f"their neighbours in {self.neighbours}" if self.neighbours else made
        kept = ", beside the example as it is" if self.keep_originals else ""
        times = "once" if self.copies == 1 else f"{self.copies} times"
        return f"augmented: each example {times}{kept}, words drawn among themselves and {source}"


def apply(examples: Sequence[Example], language: str, options: Mapping[str, Any], seed: int) -> list[Example]:
    """Copy after copy, so that an example's copies are apart; before them the originals, where they are kept."""
    neighbours = read_neighbours(options["neighbours"])
    found: list[Example] = list(examples) if options["keep_originals"] else []
    for copy in range(1, options["copies"] + 1):
        found += [_copy(one, copy, f"{seed}/{copy}/{language}", neighbours) for one in _classified(examples)]
    return found


def _copy(example: Classified, copy: int, seed: str, neighbours: Neighbours) -> Example:
    drawing = random.Random(f"{seed}/{example.example_id}")  # noqa: S311 – nothing is kept secret by it
    texts = {name: _drawn(text, drawing, neighbours) for name, text in _texts(example)}
    return dataclasses.replace(example, example_id=f"{example.example_id}~{copy}", **texts)


def _drawn(text: str, drawing: random.Random, neighbours: Neighbours) -> str:
    words = text.split(" ")
    for place, word in enumerate(words):
        if near := neighbours.get(word):
            drawn = int(drawing.random() * (len(near) + 1))
            words[place] = near[drawn - 1] if drawn else word
    return " ".join(words)


def counts(before: Sequence[Example], after: Sequence[Example], options: Mapping[str, Any]) -> dict[str, int]:
    """Words of the examples, those that have neighbours, words of the copies, and those of them that were changed."""
    neighbours = read_neighbours(options["neighbours"])
    originals = [text.split(" ") for one in _classified(before) for _, text in _texts(one)]
    copied = [text.split(" ") for one in _classified(after) for _, text in _texts(one)]
    copied = copied[len(originals) :] if options["keep_originals"] else copied
    changed = sum(
        word != original
        for place, words in enumerate(copied)
        for word, original in zip(words, originals[place % len(originals)], strict=True)
    )
    return {
        "words": sum(map(len, originals)),
        "with_neighbours": sum(word in neighbours for words in originals for word in words),
        "words_of_copies": sum(map(len, copied)),
        "changed": changed,
    }


def _classified(examples: Sequence[Example]) -> Iterator[Classified]:
    return (one for one in examples if isinstance(one, Classified))


def _texts(example: Classified) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        text = getattr(example, name)
        if text is not None:
            yield name, text


TRANSFORM = Transform(
    title="Randomized smoothing by augmentation: words drawn among their neighbours",
    apply=apply,
    kinds=("pair_classification", "single_classification"),
    augments=SmoothingKeys,
    neighbours=True,
    counts=counts,
    paper="https://arxiv.org/abs/2104.08645",
)
