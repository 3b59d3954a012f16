"""Classification as text: what is asked goes in, one of a closed set of texts comes out. B rows, C labels.

Every label is scored whole, so the prediction is the label that the model is likeliest to write: exact, no search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from xstilts.heads.classification import Classification
from xstilts.heads.columns import Columns
from xstilts.heads.defaults import numpy
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import blocks, label_number, numbered
from xstilts.heads.text_to_text.texts import Texts, fitting
from xstilts.heads.text_to_text.writing import PARTS, TextToTextHead
from xstilts.reading.examples import Classified, Example
from xstilts.tasks.task import Wording

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

INFERENCE = ("entailment", "neutral", "contradiction")
"""mT5 writes the number of the label, in this order (google-research/multilingual-t5, ``process_xnli``)."""
XNLI = Wording(prefix="xnli:", first="premise", second="hypothesis", labels=("0", "1", "2"))
ANY_PAIR = Wording(prefix="classify:", first="first", second="second")
ANY_TEXT = Wording(prefix="classify:", first="text")


class TextClassification(TextToTextHead, Classification):
    """One label per row; an output holds the ``logits`` [C]: the log-probability of writing each label."""

    columns: Columns = PARTS

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per example, the longer text cut first.

        Raises:
            UnknownName: a label that is not in ``labels``.
        """
        texts = Texts(tokenizer, max_length=max_length)
        words = self._words(labels)
        numbers = {label: number for number, label in enumerate(labels)}
        targets = texts.labels(words.labels, opens=True)
        asked = texts.first(words.prefix)
        first, second = texts.tokens([f"{words.first}:", f"{words.second}:"])
        kept = (item for item in numbered(examples, Classified) if item[1].label is not None or not training)
        for block in blocks(kept):
            ones = texts.tokens([example.first for _, example in block])
            others = iter(texts.tokens([e.second for _, e in block if e.second is not None]))
            for (number, example), one in zip(block, ones, strict=True):
                # Checked in prediction too: an unknown label is a mistake in the data wherever it stands.
                gold = None if example.label is None else label_number(example.label, numbers, example)
                other = [] if example.second is None else next(others)
                opening, between = [*asked, *first], ([] if example.second is None else second)
                a, b = fitting([len(one), len(other)], texts.left(len(opening) + len(between)))
                target = targets[gold] if training and gold is not None else None
                yield texts.row([*opening, *one[:a], *between, *other[:b]], target) | {"example": number}

    def predict(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> list[dict[str, NDArray[Any]]]:
        """``logits`` [C] of each row."""
        texts = Texts(module.tokenizer)
        candidates = texts.labels(self._words(module.labels).labels, opens=True)
        return [{"logits": row} for row in numpy(module.scores(hidden_BTD, batch, candidates))]

    def _words(self, labels: tuple[str, ...]) -> Wording:
        """The task's own words, mT5's for inference, else ours with the labels as they are."""
        if self.wording is not None:
            return self.wording
        if set(labels) == set(INFERENCE):
            written = tuple(XNLI.labels[INFERENCE.index(label)] for label in labels)
            return Wording(prefix=XNLI.prefix, first=XNLI.first, second=XNLI.second, labels=written)
        ours = ANY_TEXT if self.kind == "single_classification" else ANY_PAIR
        return Wording(prefix=ours.prefix, first=ours.first, second=ours.second, labels=labels)
