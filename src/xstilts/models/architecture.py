"""What an architecture is: how its models are told by their configuration, loaded, made, adapted and priced.

Each is declared in ``models/architectures/<name>.py``; its heads are in ``heads/<name>/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xstilts import registry
from xstilts.models.family import Shape
from xstilts.models.shapes import encoder_shape

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from xstilts.tasks.kind import Kind

ENCODER = "encoder"
"""The architecture of every model that no other architecture claims."""


class Text(NamedTuple):
    """How much of it there is, in characters: what a model reads, and what it writes."""

    read: float
    written: float


class Architecture:
    """One architecture; the defaults are those of a model that reads.

    Attributes:
        name: equal to the module's name.
        title: what such models are.
        family: the family of a model that no known family claims.
        smallest: the smallest model that starts from scratch; None: there is none.
        pretraining: the kinds of heads with which such models learn from plain text here.
        writes: whether what is predicted is written by the model's own decoder, in the words of the task.
        recipe: settings of a training that such models alone have, with their defaults (`Recipe.adaptation`).
    """

    name: str
    title: str
    family: str
    smallest: str | None = None
    pretraining: tuple[str, ...] = ()
    writes: bool = False
    recipe: Mapping[str, Any] = {}

    def claims(self, config: Mapping[str, Any]) -> bool:
        """Whether a config.json is of such a model. The encoder claims what no other architecture does."""
        raise NotImplementedError

    def shape(self, config: Mapping[str, Any]) -> Shape | None:
        """The sizes in a config.json, or None where it does not say all of them."""
        return encoder_shape(config)

    def load(self, directory: Path, *, language_model: bool = False) -> PreTrainedModel:
        """The model of a checkpoint in fp32.

        Args:
            directory: a Hugging Face model directory.
            language_model: together with its masked-LM head, which is drawn where the checkpoint has none.

        Raises:
            CheckpointError: it cannot be loaded, or does not hold all weights.
        """
        raise NotImplementedError

    def new(
        self, checkpoint: str, tokenizer: PreTrainedTokenizerBase, *, seed: int, language_model: bool = False
    ) -> PreTrainedModel:
        """A model from scratch with weights drawn from ``seed``.

        Args:
            checkpoint: of the family of such models (``tiny``).
            tokenizer: its vocabulary is the model's.
            seed: of the weights.
            language_model: as for `load`.
        """
        raise NotImplementedError

    def adapt(self, model: PreTrainedModel, *, seed: int, settings: Mapping[str, Any] | None = None) -> PreTrainedModel:
        """The model as it is trained: as it is, where all of its weights are.

        Args:
            model: to be trained.
            seed: of what is added to it.
            settings: over those of ``recipe``.
        """
        return model

    def merge(self, model: PreTrainedModel) -> PreTrainedModel:
        """A model that was adapted, as a checkpoint like any other."""
        return model

    def close(self, tokenizer: PreTrainedTokenizerBase, directory: Path) -> None:
        """Makes the tokenizer of a checkpoint put texts between the tokens that the heads expect."""

    def text(self, kind: Kind, *, examples: int, characters: int, repeated: int) -> Text:
        """What is read and written of examples, for estimates.

        Args:
            kind: of the task.
            examples: how many there are.
            characters: of all text in them.
            repeated: characters that are read again where a prompt is read with each of its choices.
        """
        return Text(characters + repeated, 0.0)


def architecture_named(name: str) -> Architecture:
    """The architecture of a name.

    Raises:
        UnknownName: there is none.
    """
    found: Architecture = registry.find("models.architectures", name)
    return found


def architectures() -> tuple[str, ...]:
    """The names of all architectures, in alphabetical order."""
    return registry.names("models.architectures")


def architecture_of(config: Mapping[str, Any]) -> Architecture:
    """The architecture of a model with this config.json."""
    others = (architecture_named(name) for name in architectures() if name != ENCODER)
    return next((other for other in others if other.claims(config)), architecture_named(ENCODER))
