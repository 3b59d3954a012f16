"""The right one of several choices: all go in, numbered, and a number comes out. B rows, C choices.

Every number is scored, so the prediction is the likeliest of those that are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from xstilts.errors import ConfigError
from xstilts.heads.columns import declared, per_row
from xstilts.heads.defaults import numpy
from xstilts.heads.encoder.multiple_choice import MultipleChoice
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import blocks, numbered
from xstilts.heads.text_to_text.texts import Texts, fitting
from xstilts.heads.text_to_text.writing import PARTS, TextToTextHead
from xstilts.reading.examples import Choice, Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

PREFIX, MARK, PROMPT = "choose:", "choice{}:", "prompt:"
MOST = 32
"""Choices of an example: their numbers are written the same way in all of them."""


class TextMultipleChoice(TextToTextHead, MultipleChoice):
    """The index of a choice; an output holds the ``scores`` [C] of the row's choices."""

    columns = declared(PARTS, choices=per_row())

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per example: ``choose: choice1: … choice2: … prompt: …`` → ``1``; the longest text cut first.

        Raises:
            ConfigError: an example with more than ``MOST`` choices.
        """
        texts = Texts(tokenizer, max_length=max_length)
        opening, prompt_mark = texts.first(PREFIX), texts.tokens([PROMPT])[0]
        answers = _numbers(texts)
        kept = (item for item in numbered(examples, Choice) if item[1].label is not None or not training)
        for block in blocks(kept):
            most = max(len(example.choices) for _, example in block)
            marks = texts.tokens([MARK.format(number + 1) for number in range(most)])
            if most > MOST:
                raise ConfigError(f"{most} choices in one example; at most {MOST} can be numbered")
            prompts = texts.tokens([example.prompt for _, example in block])
            choices = iter(texts.tokens([choice for _, example in block for choice in example.choices]))
            for (number, example), prompt in zip(block, prompts, strict=True):
                said = [next(choices) for _ in example.choices]
                count = len(said)
                fixed = len(opening) + len(prompt_mark) + sum(map(len, marks[:count]))
                *kept_choices, kept_prompt = fitting([*map(len, said), len(prompt)], texts.left(fixed))
                source = list(opening)
                for mark, choice, length in zip(marks[:count], said, kept_choices, strict=True):
                    source += [*mark, *choice[:length]]
                source += [*prompt_mark, *prompt[:kept_prompt]]
                target = answers[example.label] if training and example.label is not None else None
                yield texts.row(source, target) | {"example": number, "choices": count}

    def predict(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> list[dict[str, NDArray[Any]]]:
        """``scores`` of each row's choices."""
        texts, counts = Texts(module.tokenizer), numpy(batch["choices"])
        scores_BC = numpy(module.scores(hidden_BTD, batch, _numbers(texts)[: int(counts.max())]))
        return [{"scores": scores[:count].copy()} for scores, count in zip(scores_BC, counts, strict=True)]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[int]:
        """The index of the choice with the highest score, the first of equal ones."""
        best = [0] * len(examples)
        for row, output in zip(rows, outputs, strict=True):
            best[int(row["example"])] = int(output["scores"].argmax())
        return best


def _numbers(texts: Texts) -> list[list[int]]:
    return texts.labels([str(number + 1) for number in range(MOST)], opens=True)


HEAD = TextMultipleChoice()
