"""Phase i as an experiment describes it: on which text a model is pretrained, and the node that this means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError
from xstilts.models.architecture import architecture_named
from xstilts.models.preflight.masking import check_masking
from xstilts.models.reference import ModelReference
from xstilts.phases import tokenizer
from xstilts.phases.methods import phase_of
from xstilts.phases.options.fields import Count, Files, Positive, Share, Whole
from xstilts.phases.options.recipe import OptimisationSettings, RecipeSettings
from xstilts.phases.options.validation import Options, refuse
from xstilts.phases.prices import TRAINING, Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.versions import ROOMS
from xstilts.pipeline.node import Node
from xstilts.training.recipe import Recipe

RECIPE = Recipe(
    learning_rate=1e-3, epochs=1.0, warmup=0.05, weight_decay=0.01, adam_beta2=0.98, dropout=0.0, max_length=128
)
CONTINUED = {"learning_rate": 5e-5}
"""A pretrained model goes on at a lower rate than a new one."""
BATCH_TOKENS = 4096
EXPONENT = 0.5
PARALLEL_SHARE = 0.3


class PretrainingSettings(OptimisationSettings):
    """How the masked language model is trained; its length is ``max_tokens`` of the pretraining."""

    batch_tokens: Count | None = None
    """Tokens of one step."""
    epochs: Positive | None = None
    """Passes over the ``max_tokens``, with new masks in each; 1 by default."""


class Pretraining(Options):
    """Phase i: masked language modelling, from scratch or continued from a pretrained model."""

    method: Literal["masked_lm"] = "masked_lm"
    text: Annotated[Files, Field(min_length=1)]
    """Folders of plain text, one file per language, or single such files; ``microworld`` is the built-in text."""
    parallel: Files = ()
    """Folders of line-aligned files: translation language modelling."""
    contrast: Share | None = None
    """Share of the tokens with which aligned pairs are also drawn together (InfoXLM's translation contrast)."""
    max_tokens: Count
    seed: Whole = 1
    recipe: PretrainingSettings = PretrainingSettings()

    @model_validator(mode="after")
    def _contrast_has_pairs(self) -> Self:
        if self.contrast and not self.parallel:
            refuse("translation contrast needs aligned text: parallel names none", at=("contrast",))
        return self


@dataclass(frozen=True, kw_only=True)
class PretrainingParams:
    """What the parameters of a pretraining say, beside the model that it starts from.

    Attributes:
        max_tokens: of text, over all languages.
        exponent: a language's share of the tokens is its text's size to this power.
        parallel_share: of the tokens, for aligned lines where there are any.
        contrast: of the tokens, for aligned pairs that are drawn together.
    """

    recipe: Recipe
    max_tokens: int
    seed: int
    exponent: float
    parallel_share: float
    contrast: float = 0.0

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found = {
            "recipe": self.recipe.params(),
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "exponent": self.exponent,
            "parallel_share": self.parallel_share,
        }
        # Left out where it is not used, so that what was trained before there was such a thing stays valid.
        return {**found, "contrast": self.contrast} if self.contrast else found

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> PretrainingParams:
        """What `params` wrote."""
        return cls(
            recipe=Recipe(**params["recipe"]),
            max_tokens=int(params["max_tokens"]),
            seed=int(params["seed"]),
            exponent=float(params["exponent"]),
            parallel_share=float(params["parallel_share"]),
            contrast=float(params.get("contrast", 0.0)),
        )


def pretrained(
    given: Pretraining,
    of_run: RecipeSettings,
    reference: ModelReference,
    start: StartingPoint,
    inventory: Inventory,
    *,
    cores: int,
) -> Finding[StartingPoint]:
    """The model after phase i.

    Raises:
        ConfigError: a model that is not an encoder, or missing text.
        CheckpointError: a model that cannot predict masked tokens.
    """
    if not architecture_named(start.architecture).pretrained:
        raise ConfigError(
            f"{reference.name} is not an encoder ({start.architecture}): only encoders are pretrained",
            where="pretraining",
        )
    if reference.directory is not None:
        check_masking(reference.directory, name=reference.name)
    book = Notebook()
    paths = book.take(_texts(given, inventory))
    data = {role: inventory.store.fingerprint(path) for role, path in paths.items()}
    places = {role: str(path) for role, path in paths.items()}
    if reference.scratch:
        text = [role for role in paths if role.startswith("text/")]
        pieces = tokenizer.node(
            reference, data={role: data[role] for role in text}, paths={role: places[role] for role in text}
        )
        start = start.with_tokenizer(pieces)
    said = _params(given, of_run, reference)
    node = Node(
        kind=given.method,
        label=f"{given.method} pretraining",
        params={**start.params, **said.params()},
        versions={f"phases.{given.method}": phase_of(given.method).version, **_heads(said), **ROOMS, **start.versions},
        data={**start.data, **data},
        paths={**start.paths, **places},
        parents=start.parents,
        threads=cores,
        estimate=Price(tokens=round(given.max_tokens * said.recipe.epochs), passes=TRAINING).estimate(),
    )
    return book.finding(start.after(node))


def _params(given: Pretraining, of_run: RecipeSettings, reference: ModelReference) -> PretrainingParams:
    # How numbers are computed is one choice for the whole run, unless pretraining says otherwise.
    shared = ("precision", "micro_batch_tokens", "plain")
    settings = {key: value for key, value in of_run.settings().items() if key in shared}
    settings |= given.recipe.model_dump(exclude_none=True)
    recipe = RECIPE.over({} if reference.scratch else CONTINUED, settings)
    if reference.shape is not None and not reference.scratch:  # a published model's positions may end before
        recipe = recipe.over({"max_length": min(recipe.max_length, reference.shape.positions)})
    batch = max(1, round(settings.get("batch_tokens", BATCH_TOKENS) / recipe.max_length))
    return PretrainingParams(
        recipe=recipe.over({"batch_size": batch}),
        max_tokens=given.max_tokens,
        seed=given.seed,
        exponent=EXPONENT,
        parallel_share=PARALLEL_SHARE,
        contrast=given.contrast or 0.0,
    )


def _heads(said: PretrainingParams) -> dict[str, int]:
    """The versions of its objectives."""
    names = ("masked_lm", "translation_contrast") if said.contrast else ("masked_lm",)
    return {f"heads.encoder.{name}": registry.find("heads.encoder", name).version for name in names}


def _texts(given: Pretraining, inventory: Inventory) -> Finding[dict[str, Path]]:
    """Role → file of all text, read once so that mistakes are found before anything trains."""
    paths: dict[str, Path] = {}
    text = inventory.text(given.text, where="pretraining.text")
    notes = list(text.notes)
    for name, found in text.sets.items():
        for language, file in found.items():
            notes += inventory.surveyor.text(file, language).notes
            paths[f"text/{language}" + (f"/{name}" if name else "")] = file
    if given.parallel:
        parallel = inventory.text(given.parallel, where="pretraining.parallel")
        for name, found in parallel.sets.items():
            notes += inventory.surveyor.parallel(found).notes
            paths.update({f"parallel/{name or 'text'}/{language}": file for language, file in found.items()})
        notes += parallel.notes
    return Finding(value=paths, notes=tuple(notes))
