"""Phase i as an experiment describes it: on which text a model is pretrained, by which method, and the node of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError
from xstilts.models.reference import ModelReference
from xstilts.phases import tokenizer
from xstilts.phases.methods import pretraining_methods
from xstilts.phases.options.pretraining import Pretraining
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.options.wording import listed
from xstilts.phases.prices import Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.versions import ROOMS
from xstilts.pipeline.node import Node
from xstilts.training.recipe import Recipe

BATCH_TOKENS = 4096
EXPONENT = 0.5
PARALLEL_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)
class PretrainingParams:
    """What the parameters of a pretraining say, beside the model that it starts from, whatever the method.

    Attributes:
        max_tokens: of text, over all languages.
        exponent: a language's share of the tokens is its text's size to this power.
        parallel_share: of the tokens, for aligned lines where there are any.
    """

    recipe: Recipe
    max_tokens: int
    seed: int
    exponent: float
    parallel_share: float

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        return {
            "recipe": self.recipe.params(),
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "exponent": self.exponent,
            "parallel_share": self.parallel_share,
        }

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> PretrainingParams:
        """What `params` wrote."""
        return cls(
            recipe=Recipe(**params["recipe"]),
            max_tokens=int(params["max_tokens"]),
            seed=int(params["seed"]),
            exponent=float(params["exponent"]),
            parallel_share=float(params["parallel_share"]),
        )


def recipe_of(
    defaults: Recipe,
    continued: Mapping[str, Any],
    reference: ModelReference,
    of_run: RecipeSettings,
    own: Mapping[str, Any],
) -> Recipe:
    """How a model is trained on plain text.

    Args:
        defaults: of the method.
        continued: over these.
        reference: the model.
        of_run: the recipe of the experiment.
        own: what is written beside the text; last.
    """
    # How numbers are computed is one choice for the whole run, unless pretraining says otherwise.
    shared = ("precision", "micro_batch_tokens", "plain")
    settings = {key: value for key, value in of_run.settings().items() if key in shared} | dict(own)
    recipe = defaults.over(continued, settings)
    if reference.shape is not None and not reference.scratch:  # a published model's positions may end before
        recipe = recipe.over({"max_length": min(recipe.max_length, reference.shape.positions)})
    batch = settings.get("batch_size") or max(1, round(settings.get("batch_tokens", BATCH_TOKENS) / recipe.max_length))
    return recipe.over({"batch_size": batch})


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """What all training of a run starts from after phase i.

    Attributes:
        reference: the model with the shape that it has then.
        notes: what people should know.
    """

    start: StartingPoint
    reference: ModelReference
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PretrainingPlan:
    """What a method makes its node of.

    Attributes:
        given: the keys.
        of_run: the recipe of the experiment.
        reference: the model that it starts from.
        start: where that lies; of a new model with its tokenizer.
        data: role (``text/deu-Latn``, ``parallel/ntrex/deu-Latn``) → fingerprint.
        paths: role → file.
        cores: of the run.
    """

    given: Pretraining
    of_run: RecipeSettings
    reference: ModelReference
    start: StartingPoint
    inventory: Inventory
    data: Mapping[str, str]
    paths: Mapping[str, str]
    cores: int

    def params(self, defaults: Recipe, continued: Mapping[str, Any]) -> PretrainingParams:
        """The parameters that all methods share.

        Args:
            defaults: of the method.
            continued: over these, where the model is not a new one.
        """
        own = self.given.recipe.model_dump(exclude_none=True)
        recipe = recipe_of(defaults, {} if self.reference.scratch else continued, self.reference, self.of_run, own)
        return PretrainingParams(
            recipe=recipe,
            max_tokens=self.given.max_tokens,
            seed=self.given.seed,
            exponent=EXPONENT,
            parallel_share=PARALLEL_SHARE,
        )

    def node(
        self,
        *,
        params: Mapping[str, Any],
        versions: Mapping[str, int],
        price: Price,
        data: Mapping[str, str] | None = None,
        paths: Mapping[str, str] | None = None,
        parents: Mapping[str, Node] | None = None,
    ) -> Node:
        """The node of the method; ``data``, ``paths`` and ``parents`` are read beside the model and the text."""
        method = self.given.method
        phase = registry.find("phases", method)
        return Node(
            kind=method,
            label=f"{method} pretraining",
            params={**self.start.params, **params},
            versions={f"phases.{method}": phase.version, **versions, **ROOMS, **self.start.versions},
            data={**self.start.data, **self.data, **(data or {})},
            paths={**self.start.paths, **self.paths, **(paths or {})},
            parents={**self.start.parents, **(parents or {})},
            threads=self.cores,
            estimate=price.estimate(),
        )

    def after(self, node: Node) -> Pretrained:
        """The checkpoint that the node leaves, of the shape that the model had before."""
        return Pretrained(start=self.start.after(node), reference=self.reference)


def pretrained(
    given: Pretraining,
    of_run: RecipeSettings,
    reference: ModelReference,
    start: StartingPoint,
    inventory: Inventory,
    *,
    cores: int,
) -> Finding[Pretrained]:
    """The model after phase i.

    Raises:
        ConfigError: a model that is not an encoder, or missing text.
        CheckpointError: a model that the method cannot train.
    """
    method = pretraining_methods()[given.method]
    if start.architecture not in method.architectures:
        fitting = listed([name.replace("_", "-") for name in method.architectures])
        raise ConfigError(
            f"{reference.name} is not an encoder ({start.architecture}): {given.method} is for {fitting} models",
            where="pretraining",
        )
    book = Notebook()
    found = book.take(_texts(given, inventory))
    data = {role: inventory.store.fingerprint(path) for role, path in found.items()}
    paths = {role: str(path) for role, path in found.items()}
    if reference.scratch:
        text = [role for role in paths if role.startswith("text/")]
        pieces = tokenizer.node(
            reference, data={role: data[role] for role in text}, paths={role: paths[role] for role in text}
        )
        start = start.with_tokenizer(pieces)
    plan = PretrainingPlan(
        given=given,
        of_run=of_run,
        reference=reference,
        start=start,
        inventory=inventory,
        data=data,
        paths=paths,
        cores=cores,
    )
    after = method.nodes(given, plan)
    book.notes += after.notes
    return book.finding(replace(after, notes=()))


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
