"""What every training of a run starts from: phase i, a checkpoint of the user's, a hub repository, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError
from xstilts.experiments.recipes import Recipe as RecipeGiven
from xstilts.experiments.schema import Experiment, Pretraining
from xstilts.models.architecture import architecture_named
from xstilts.models.reference import ModelReference, family_of, scratch_shape, shape_of
from xstilts.pipeline.node import Node
from xstilts.training.recipe import Recipe

PRETRAINING = Recipe(
    learning_rate=1e-3, epochs=1.0, warmup=0.05, weight_decay=0.01, adam_beta2=0.98, dropout=0.0, max_length=128
)
BATCH_TOKENS = 4096
TOKENIZER_CHARACTERS = 100_000
"""Of each language, in the sample that a tokenizer is trained on."""
EXPONENT = 0.5
PARALLEL_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the nodes of phases ii and iii take over from the model: parents, parameters, data, paths."""

    params: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, Node] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    family: str = "auto"

    @property
    def architecture(self) -> str:
        """Which heads fit."""
        return str(registry.find("models", self.family).architecture)


def base(experiment: Experiment, reference: ModelReference, inventory: Inventory, *, cores: int) -> Base:
    """The base of a run; its nodes (tokenizer, pretraining) are the ``parents``."""
    start = _start(reference, inventory)
    if experiment.pretraining is None:
        return start
    if not architecture_named(start.architecture).pretrained:
        raise ConfigError(
            f"{experiment.model} is no encoder ({start.architecture}): only those are pretrained",
            where="pretraining",
        )
    node = _pretraining(experiment.pretraining, experiment.recipe, reference, start, inventory, cores=cores)
    return Base(parents={"model": node}, family=reference.family)


def settled(reference: ModelReference, inventory: Inventory) -> ModelReference:
    """A hub id with its family and shape, which its config.json tells; as it was where nothing may be fetched yet."""
    from xstilts.models.cached import cached_configuration

    if reference.family != "auto" or reference.repository is None:
        return reference
    revision = _revision(reference, inventory)
    config = cached_configuration(reference.repository, revision)
    if config is None and not inventory.planning:
        from xstilts.models.hub import configuration

        config = configuration(reference.repository, revision)
    return reference if config is None else replace(reference, family=family_of(config), shape=shape_of(config))


def over_rows(
    start: Base,
    rows: Mapping[str, Any],
    data: Mapping[str, str],
    paths: Mapping[str, str],
    versions: Mapping[str, int],
) -> Base:
    """A base from nothing whose tokenizer is trained on training rows, where there is no text."""
    shape = scratch_shape(start.params["model"]["scratch"])
    node = _tokenizer(shape.vocabulary, data=data, paths=paths, rows=rows, versions=versions)
    return Base(params=start.params, parents={"tokenizer": node}, family=start.family)


def _start(reference: ModelReference, inventory: Inventory) -> Base:
    if reference.scratch:
        return Base(params={"model": {"scratch": reference.scratch}}, family=reference.family)
    if reference.directory:
        files = reference.files()
        roles = {f"model/{file.name}": inventory.store.fingerprint(file) for file in files}
        return Base(
            params={"model": {"directory": True}},
            data=roles,
            paths={"model": str(reference.directory), **{f"model/{f.name}": str(f) for f in files}},
            family=reference.family,
        )
    assert reference.repository
    revision = _revision(reference, inventory)
    return Base(params={"model": {"hub": reference.repository, "revision": revision}}, family=reference.family)


def _revision(reference: ModelReference, inventory: Inventory) -> str:
    from xstilts.models.hub import resolve_revision
    from xstilts.pipeline.revisions import locked

    assert reference.repository
    if inventory.planning:
        return locked(inventory.lock, "models", reference.repository) or reference.revision or "not resolved yet"
    return resolve_revision(reference.repository, lock=inventory.lock, revision=reference.revision)


def _pretraining(
    given: Pretraining, of_run: RecipeGiven, reference: ModelReference, start: Base, inventory: Inventory, *, cores: int
) -> Node:
    paths = _texts(given, inventory)
    text_roles = {role: inventory.store.fingerprint(path) for role, path in paths.items() if role.startswith("text/")}
    # How numbers are computed is one choice for the whole run, unless pretraining says otherwise.
    shared = ("precision", "micro_batch_tokens")
    settings = {key: value for key, value in of_run.settings().items() if key in shared}
    settings |= given.recipe.model_dump(exclude_none=True)
    recipe = PRETRAINING.over(_continued(reference), settings)
    batch = max(1, round(settings.get("batch_tokens", BATCH_TOKENS) / recipe.max_length))
    parents = dict(start.parents)
    # Left out of the key where it is not used, so that what was trained before there was such a thing stays valid.
    contrast = {"contrast": given.contrast} if given.contrast else {}
    of_contrast = "heads.encoder.translation_contrast"
    if reference.scratch:
        shape = scratch_shape(reference.scratch)
        texts = {role: str(path) for role, path in paths.items() if role.startswith("text/")}
        parents["tokenizer"] = _tokenizer(shape.vocabulary, data=text_roles, paths=texts)
    return Node(
        kind="masked_lm",
        label="masked_lm pretraining",
        params={
            **start.params,
            "recipe": recipe.over({"batch_size": batch}).params(),
            "max_tokens": given.max_tokens,
            "seed": given.seed,
            "exponent": EXPONENT,
            "parallel_share": PARALLEL_SHARE,
            **contrast,
        },
        versions={
            "phases.masked_lm": registry.find("phases", "masked_lm").version,
            **({of_contrast: registry.find("heads.encoder", "translation_contrast").version} if contrast else {}),
            "heads.encoder.masked_lm": registry.find("heads.encoder", "masked_lm").version,
            f"models.{reference.family}": reference.described.version,
        },
        data={**start.data, **{role: inventory.store.fingerprint(path) for role, path in paths.items()}},
        paths={**start.paths, **{role: str(path) for role, path in paths.items()}},
        parents=parents,
        threads=cores,
        estimate={"tokens": round(given.max_tokens * recipe.epochs), "kind": "masked_lm", "passes": 3}
        | {"measured": True},
    )


def _texts(given: Pretraining, inventory: Inventory) -> dict[str, Path]:
    """Role → file of all text, read once so that mistakes are found before anything trains."""
    paths: dict[str, Path] = {}
    text = inventory.text(given.text, where="pretraining.text")
    for name, found in text.sets.items():
        for language, file in found.items():
            inventory.surveyor.text(file, language)
            paths[f"text/{language}" + (f"/{name}" if name else "")] = file
    inventory.notes += text.notes
    if given.parallel:
        parallel = inventory.text(given.parallel, where="pretraining.parallel")
        for name, found in parallel.sets.items():
            inventory.surveyor.parallel(found)
            paths.update({f"parallel/{name or 'text'}/{language}": file for language, file in found.items()})
        inventory.notes += parallel.notes
    return paths


def _continued(reference: ModelReference) -> dict[str, Any]:
    """A pretrained model goes on at a lower rate than one from nothing."""
    return {} if reference.scratch else {"learning_rate": 5e-5}


def _tokenizer(
    vocabulary: int,
    *,
    data: Mapping[str, str],
    paths: Mapping[str, str],
    rows: Mapping[str, Any] | None = None,
    versions: Mapping[str, int] | None = None,
) -> Node:
    if not data:
        raise ConfigError("a model from scratch needs text to train its tokenizer on")
    params: dict[str, Any] = {"vocabulary": vocabulary, "characters": TOKENIZER_CHARACTERS}
    if rows:
        params["rows"] = dict(rows)
    return Node(
        kind="tokenizer",
        label="tokenizer",
        params=params,
        versions={"phases.tokenizer": registry.find("phases", "tokenizer").version, **(versions or {})},
        data=data,
        paths=paths,
    )
