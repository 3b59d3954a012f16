"""Continued pretraining on plain text in the place of an intermediate task: masked LM, or span corruption.

It trains as a pretraining of the whole experiment does. Another arm may start from it (``after``): then arms with and
without it, with and without a task, are a 2 × 2. Its text is drawn by a seed of its own, which all seeds of the
experiment share.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from xstilts.errors import ConfigError
from xstilts.models.architecture import architecture_named
from xstilts.models.reference import ModelReference
from xstilts.phases import masked_lm
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.masked_lm import MaskedLMParams
from xstilts.phases.methods import phase_of
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.fields import Count, Files, Languages, Whole
from xstilts.phases.options.requests import TextRequest
from xstilts.phases.options.validation import refuse
from xstilts.phases.options.wording import counted, listed
from xstilts.phases.phase import Method
from xstilts.phases.pretraining import EXPONENT, PARALLEL_SHARE, recipe_of
from xstilts.phases.prices import TRAINING, Load, Price
from xstilts.phases.text_files import TextFiles
from xstilts.phases.versions import ROOMS
from xstilts.pipeline.node import Node
from xstilts.reading import plain

TOKENIZER = "tokenizer.json"
KIND = "continued_pretraining"
HEAD = "masked_lm"
TINY_TOKENS, TINY_LINES = 20_000, 100
"""Under ``profile: tiny``."""
SAMPLE = 500
"""Lines of each language whose tokens are counted for a plan."""
LINE = 100
"""Characters of a line of text that is not here."""


class ContinuedPretraining(Arm):
    """Trains on plain text, as a pretraining does; another arm may start from it."""

    text: Annotated[Files, Field(min_length=1)]
    """Folders of plain text, one file per language, or single such files; ``microworld`` is the built-in text, and
    ``constructed`` that of the constructed languages."""
    languages: Languages = ()
    """The languages of the text; by default all that it has."""
    max_tokens: Count | None = None
    """Tokens of text, over all languages; each has a share in proportion to the square root of its size."""
    lines: Count | None = None
    """Lines of every language, in the place of ``max_tokens``: files that say the same are read alike, whatever it
    takes in tokens."""
    text_seed: Whole = 1
    """Decides which text is read, and in which order."""

    def plain_text(self) -> TextRequest:
        """Its text."""
        return TextRequest(folders=self.text, key=(), languages=self.languages)

    def check_model(self, model: ModelReference, *, where: str) -> None:
        """Refuses a model that learns nothing from plain text here.

        Raises:
            ConfigError: a decoder.
            CheckpointError: a model directory that cannot predict masked tokens.
        """
        architecture = model.described.architecture
        if HEAD not in architecture_named(architecture).pretraining:
            raise ConfigError(
                f"{model.name} ({architecture}) learns no masked LM here",
                where=where,
                hint=f"leave the arm {self.name} out",
            )
        masked_lm.check_model(model)

    def text_notes(self, text: TextFiles, model: ModelReference) -> tuple[str, ...]:
        """How many tokens the lines are in each language, for the tokenizer of a model that is here."""
        file = model.directory / TOKENIZER if model.directory else None
        if self.lines is None or file is None or not file.is_file():
            return ()
        from tokenizers import Tokenizer

        pieces, said = Tokenizer.from_file(str(file)), []
        for role, path in sorted(text.paths.items()):
            language, count = role.split("/")[1], min(self.lines, text.lines[role][0])
            sample = [one.text for one in islice(plain.read(Path(path), language), SAMPLE)]
            tokens = sum(map(len, pieces.encode_batch_fast(sample, add_special_tokens=False)))
            said.append(
                f"{language} {count:,} lines in about {1_000 * round(tokens / len(sample) * count / 1_000):,} tokens"
            )
        return (f"text of {'; '.join(said)}",)

    def tiny(self) -> Self:
        """Little text."""
        most = {"max_tokens": TINY_TOKENS, "lines": TINY_LINES}
        return self.model_copy(update={key: min(value, most[key]) for key in most if (value := getattr(self, key))})

    @property
    def seeded(self) -> bool:
        """Its text has a seed of its own."""
        return False

    @property
    def not_lent(self) -> str:
        """It has text."""
        return "an arm on plain text; name it under after"

    def sentences(self) -> tuple[str, ...]:
        """``continued pretraining on text/mono, at most 3,000,000 tokens``."""
        spoken = f" ({listed(self.languages)})" if self.languages else ""
        size = f"at most {counted(self.max_tokens, 'token')}" if self.max_tokens else ""
        size = size or f"{counted(self.lines or 0, 'line')} of every language"
        return (f"continued pretraining on {listed(self.text)}{spoken}, {size}", *super().sentences())

    @model_validator(mode="after")
    def _has_one_size(self) -> Self:
        if (self.max_tokens is None) == (self.lines is None):
            refuse("expected either max_tokens or lines")
        return self


def nodes(arm: ContinuedPretraining, plan: ArmPlan) -> Node:
    """One pretraining, the same for all seeds."""
    assert plan.text is not None
    assert plan.reference is not None
    fresh = plan.reference.scratch is not None and "model" not in plan.start.parents
    defaults = {} if fresh else masked_lm.CONTINUED
    recipe = recipe_of(masked_lm.RECIPE, defaults, plan.reference, plan.of_run, arm.recipe.settings())
    said = MaskedLMParams(
        recipe=recipe,
        max_tokens=arm.max_tokens or 0,
        seed=arm.text_seed,
        exponent=EXPONENT,
        parallel_share=PARALLEL_SHARE,
        lines=arm.lines,
    )
    return Node(
        kind=KIND,
        label=f"{arm.method} {arm.name}",
        params={**plan.start.params, **said.params()},
        versions={
            f"phases.{KIND}": phase_of(KIND).version,
            f"phases.{HEAD}": phase_of(HEAD).version,
            **said.versions(plan.start.architecture),
            **ROOMS,
            **plan.start.versions,
        },
        data={**plan.start.data, **plan.text.data},
        paths={**plan.start.paths, **plan.text.paths},
        parents=dict(plan.start.parents),
        estimate=_price(arm, plan, recipe.epochs).estimate(),
    )


def _price(arm: ContinuedPretraining, plan: ArmPlan, epochs: float) -> Price:
    assert plan.text is not None
    if arm.max_tokens:
        tokens = round(arm.max_tokens * epochs)
        return Price(tokens=tokens, masked=True, passes=TRAINING, measured=plan.text.here)
    lines = plan.text.lines or dict.fromkeys(arm.languages, (arm.lines or 0, LINE * (arm.lines or 0)))
    characters = sum(size * min(1.0, (arm.lines or 0) / count) for count, size in lines.values())
    return Price(load=Load(characters * epochs, 0.0), masked=True, passes=TRAINING, measured=plan.text.here)


PHASE = Method(
    title="Continued pretraining on plain text: masked LM, or span corruption",
    arm=ContinuedPretraining,
    nodes=nodes,
    run=masked_lm.PHASE.run,
    trains=True,
    paper="https://arxiv.org/abs/2004.10964",
)
