"""The keys of a distillation: what the student starts from and keeps, who teaches it, and by which losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, SerializeAsAny, WrapValidator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.phases.options.fields import Count, NotNegative, Text
from xstilts.phases.options.pretraining import Pretraining
from xstilts.phases.options.validation import Options, refuse

VOCABULARY = "student_vocabulary"
"""The phase that gives a student pieces of its own."""


class Losses(Options):
    """What a student is trained on: the weight of each loss in their sum; 0 leaves one out.

    Each is a mean: over the tokens of a sentence and then over the sentences, over sentences, or over pairs.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    hidden_states: NotNegative = 1.0
    """Of every token: the squared distance of its last state from the teacher's, over the square of that."""
    sentence_vectors: NotNegative = 5.0
    """Of every sentence: 1 - the cosine of the means of the student's and the teacher's states."""
    relations: NotNegative = 0.0
    """MiniLMv2: how queries, keys and values of a sentence's tokens relate, in the student's last layer."""
    masked_lm: NotNegative = 0.0
    """Masked language modelling of the text itself, in a second pass of the student."""
    translation_contrast: NotNegative = 0.0
    """On aligned text: a sentence's vector is nearest to that of its translation (InfoXLM)."""

    def weights(self) -> dict[str, float]:
        """Those that are used."""
        return {name: float(weight) for name, weight in self.model_dump().items() if weight}


SHIPPED = "mini"
"""The teacher of a trial: a model that the package holds."""
OF_TEACHER = ("hidden_states", "sentence_vectors", "relations")
"""The losses that compare the student with its teacher."""


def _pieces(given: object, handler: Any) -> Options | None:  # noqa: ANN401 – pydantic's handler
    """The keys of the phase that makes vocabularies."""
    if not isinstance(given, Mapping):
        found: Options | None = handler(given)
        return found
    if VOCABULARY not in registry.names("phases"):
        refuse("a student cannot have a vocabulary of its own here: leave it out")
    keys: type[Options] = registry.find("phases", VOCABULARY).keys
    return keys.model_validate(dict(given))


class Distillation(Pretraining):
    """A student learns on plain text, without labels, what a teacher makes of it."""

    teacher: Text | None = None
    """An encoder's directory, hub id or ``family:checkpoint``; by default the model that the student starts from."""
    layers: Annotated[tuple[Count, ...], StrictType(False), Field(min_length=1)] | None = None
    """The layers of the model that the student keeps, counted from 1, ascending; by default all."""
    vocabulary: Annotated[SerializeAsAny[Options], WrapValidator(_pieces)] | None = None
    """Pieces of the student's own, ``{pieces: 48000}``; by default those of the model."""
    losses: Losses = Losses()
    """The weight of each loss; what is left out keeps its default."""
    teacher_layer: Count | None = None
    """The layer of the teacher whose states are read (1: after the first); above it nothing is computed."""
    relation_layer: Count | None = None
    """The layer of the teacher whose relations are read, up to ``teacher_layer``, which is the default."""
    relation_heads: Count | None = None
    """Into how many heads queries, keys and values are split for relations; by default as many as the teacher has."""
    freeze_embedding: bool | None = None
    """Whether the rows of the pieces stay as they are; by default they do where a model is started from."""

    def tiny(self, *, tokens: int, new_model: bool) -> Self:
        """Nothing is kept of a model that a new one takes the place of, and what the package holds teaches that."""
        found = super().tiny(tokens=tokens, new_model=new_model)
        if not new_model:
            return found
        kept = ("layers", "vocabulary", "teacher_layer", "relation_layer", "relation_heads", "freeze_embedding")
        return found.model_copy(update={**dict.fromkeys(kept), "teacher": SHIPPED})

    @model_validator(mode="after")
    def _can_learn(self) -> Self:
        weights = self.losses.weights()
        if not weights:
            refuse("all losses are 0: nothing would be learnt", at=("losses",))
        if not any(name in weights for name in OF_TEACHER):
            refuse("none of these losses reads the teacher: that is method: masked_lm", at=("losses",))
        if "translation_contrast" in weights and not self.parallel:
            refuse(
                "translation contrast needs aligned text: parallel names none", at=("losses", "translation_contrast")
            )
        if self.layers is not None and list(self.layers) != sorted(set(self.layers)):
            refuse("expected layers in ascending order, each once", at=("layers",))
        self._check_relations(weights)
        return self

    def _check_relations(self, weights: Mapping[str, float]) -> None:
        for key in ("relation_layer", "relation_heads"):
            if getattr(self, key) is not None and "relations" not in weights:
                refuse("is only read where losses.relations is above 0", at=(key,))
        if self.relation_layer and self.teacher_layer and self.relation_layer > self.teacher_layer:
            refuse(f"the teacher is stopped at teacher_layer {self.teacher_layer}", at=("relation_layer",))
