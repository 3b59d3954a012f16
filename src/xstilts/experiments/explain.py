"""The key that asks which properties of the target languages go with the gains, and the data that this takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic import Strict as StrictType

from xstilts import languages
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError, NotFound
from xstilts.models.reference import resolve
from xstilts.phases.options.fields import Positive, Text, language_id
from xstilts.phases.options.validation import Options, refuse, refuse_repeated, refuse_unknown
from xstilts.phases.parallel_text import ParallelText, parallel_texts
from xstilts.phases.tokenizer_measures import REFERENCE, check_reference

OF_TOKENIZER = ("premium", "fertility", "continued")
"""The predictors that are measured on parallel text."""
Predictor = Literal["fusion", "premium", "fertility", "continued", "pretraining_size"]
Language = Annotated[Text, BeforeValidator(lambda code: language_id(code) if isinstance(code, str) else code)]


class Explain(Options):
    """Regress every arm's gain on properties of its target languages, with intervals over language families."""

    gain: Annotated[tuple[Predictor, ...], StrictType(False), Field(min_length=1)] = (
        "fusion",
        "premium",
        "pretraining_size",
    )
    """The predictors: ``fusion`` (Grambank), ``premium``, ``fertility`` and ``continued`` of the run's own tokenizer on
    parallel text, and ``pretraining_size``, which is logged."""
    text: Text | None = None
    """The parallel text: a task whose test set is parallel, a folder of ``set.xx.txt``, or ``microworld``."""
    reference: Language = REFERENCE
    """The language to which the premium is relative."""
    pretraining: Text | Mapping[str, Positive] | None = None
    """How much text of each language the model was pretrained on: a corpus of the table of languages (``cc100``,
    ``mc4``), or language → amount in any unit; by default the corpus of the model's family."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        refuse_repeated(self.gain, "predictor", at=("gain",))
        measured = [name for name in self.gain if name in OF_TOKENIZER]
        if measured and self.text is None:
            refuse(f"{measured[0]} is measured on parallel text: text names a parallel task or a folder of set.xx.txt")
        if isinstance(self.pretraining, str) and self.pretraining not in languages.CORPORA:
            hint = "or language: amount"
            refuse_unknown("corpus", self.pretraining, languages.CORPORA, at=("pretraining",), hint=hint)
        if isinstance(self.pretraining, Mapping):
            for code in self.pretraining:
                language_id(code, at=("pretraining", code))
        return self

    def sizes(self, corpus: str) -> dict[str, float]:
        """Language → pretraining size: the experiment's own, or that of a corpus in the table of languages."""
        if isinstance(self.pretraining, Mapping):
            return {language_id(code): size for code, size in self.pretraining.items()}
        return {one.id: one.pretraining[corpus] for one in languages.all_languages() if corpus in one.pretraining}


@dataclass(frozen=True, kw_only=True)
class ExplainData:
    """What the regression reads beside the results.

    Attributes:
        sizes: language → pretraining size.
        size_of: what the size is of.
        texts: parallel text; the first that has a language counts.
        notes: what is missing.
    """

    asked: Explain
    sizes: Mapping[str, float]
    size_of: str
    texts: tuple[ParallelText, ...]
    notes: tuple[str, ...] = ()


def explain_data(asked: Explain | None, model: str, inventory: Inventory, *, refuse: bool = True) -> ExplainData | None:
    """Finds what the key asks for; nothing is read yet.

    Args:
        asked: the key.
        model: that the experiment names, also where a tiny one replaces it.
        inventory: finds the text.
        refuse: whether text that is not here is an error; a plan and a tiny run only say so.

    Raises:
        ConfigError: no pretraining size is known for the model, or no such parallel text.
    """
    if asked is None:
        return None
    corpus = _corpus(asked, model, inventory.beside) if "pretraining_size" in asked.gain else ""
    texts: list[ParallelText] = []
    notes = []
    try:
        if asked.text is not None:
            texts = parallel_texts(
                asked.text, inventory.data, inventory.beside, where="explain.text", made_in=inventory.made_in
            )
    except NotFound as error:
        if refuse:
            raise
        notes.append(str(error))
    for text in texts:
        check_reference(text, asked.reference, "explain.reference")
    own = isinstance(asked.pretraining, Mapping)
    return ExplainData(
        asked=asked,
        sizes=asked.sizes(corpus),
        size_of="the experiment's own" if own else languages.CORPORA.get(corpus, ""),
        texts=tuple(texts),
        notes=tuple(notes),
    )


def _corpus(asked: Explain, model: str, beside: Path) -> str:
    """The corpus that the experiment names, or that of the model's family; "" where the sizes are its own."""
    if asked.pretraining is not None:
        return asked.pretraining if isinstance(asked.pretraining, str) else ""
    corpus = resolve(model, beside=beside).described.pretraining
    if corpus is None:
        raise ConfigError(
            f"no pretraining size is known for the model {model}",
            where="explain.pretraining",
            hint=f"name a corpus ({', '.join(languages.CORPORA)}), or give language: amount",
        )
    return corpus
