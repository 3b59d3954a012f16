"""Everything that has a name: what ``xstilts list`` lists and ``xstilts show`` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from pydantic.fields import FieldInfo

from xstilts import registry
from xstilts.cli.formats import formats
from xstilts.cli.ledger import claims
from xstilts.data.layouts import describe

Rows = dict[str, dict[str, Any]]
"""name → its description."""


def tasks() -> Rows:
    """Every registered task."""
    rows: Rows = {}
    for name, module in registry.modules("tasks").items():
        task = module.TASK
        rows[name] = {
            "kind": task.kind,
            "title": task.title,
            "languages": list(task.languages),
            "metric": task.metric,
            "labels": list(task.labels),
            "source_language": task.source_language,
            "trains_first": task.train_first,
            "trains_on": task.train_on or name if task.trainable else None,
            "sizes": dict(task.sizes),
            "files": {split: list(map(describe, patterns)) for split, patterns in task.local.patterns.items()}
            if task.local
            else {},
            "union": list(task.union),
            "hub": task.hub.repository if task.hub else None,
            "licence": task.licence,
            "paper": task.paper,
            "homepage": task.homepage,
            "notes": task.notes,
            "version": task.version,
        }
    return rows


def models() -> Rows:
    """Every known checkpoint as ``family:checkpoint``; any hub id or directory works as well."""
    rows: Rows = {}
    for family, module in registry.modules("models").items():
        declared = module.FAMILY
        for name, checkpoint in declared.checkpoints.items():
            shape = checkpoint.shape
            rows[f"{family}:{name}"] = {
                "title": declared.title,
                "architecture": declared.architecture,
                "layers": shape and shape.layers,
                "hidden": shape and shape.hidden,
                "parameters": shape and shape.parameters,
                "vocabulary": shape and shape.vocabulary,
                "languages": checkpoint.languages,
                "hub": checkpoint.repository,
                "revision": checkpoint.revision,
                "recipe": dict(declared.recipe),
                "licence": checkpoint.licence or declared.licence,
                "paper": declared.paper,
                "sources": dict(declared.sources),
                "notes": declared.notes,
            }
    return rows


def languages() -> Rows:
    """Every language of the table."""
    from xstilts.languages import all_languages

    return {
        language.id: {
            "title": language.name,
            "own_name": language.own_name,
            "codes": dict(language.codes),
            "family": language.family,
            "genus": language.genus,
            "morphology": language.morphology,
            "word_order": language.word_order,
            "glottocode": language.glottocode,
            "fusion": language.fusion,
            "pretraining": dict(language.pretraining),
            "benchmarks": list(language.benchmarks),
            "sources": {column: [source.citation for source in cited] for column, cited in language.sources.items()},
        }
        for language in all_languages()
    }


def methods() -> Rows:
    """Every method that an arm may name, with the keys that it adds to one, and every method of pretraining."""
    from xstilts.phases.methods import described, options_of, pretraining_methods
    from xstilts.phases.methods import methods as registered

    arms = {name: ("an arm", method, options_of(method.arm)) for name, method in registered().items()}
    pretrained = {
        name: ("pretraining", method, described(_without_method(method.keys.model_fields)))
        for name, method in pretraining_methods().items()
    }
    rows: Rows = {}
    for name, (user, method, options) in {**arms, **pretrained}.items():
        rows[name] = {
            "title": method.title,
            "of": user,
            "options": options,
            "paper": method.paper,
            "notes": _further(registry.modules("phases")[name]),
            "version": method.version,
        }
    return rows


def _without_method(fields: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """The fields, but not the one that names the method itself."""
    return {name: field for name, field in fields.items() if name != "method"}


def objectives() -> Rows:
    """Every objective that an arm or a target may name, with its options and what it costs."""
    from xstilts.phases.methods import described
    from xstilts.training.objectives.choice import ROOM

    rows: Rows = {}
    for name, module in registry.modules(ROOM).items():
        objective = module.OBJECTIVE
        options = described(objective.model_fields)
        rows[name] = {
            "title": objective.title,
            "options": options,
            "forward_passes": None
            if any(option.get("required") for option in options.values())
            else objective().passes,
            "architectures": list(objective.architectures or registry.names("models.architectures")),
            "paper": objective.paper,
            "notes": _further(module),
            "version": objective.version,
        }
    return rows


def augmentations() -> Rows:
    """Every transform that the training set of an arm or a target may name, with its options."""
    from xstilts.phases.methods import described
    from xstilts.phases.options.augment import ROOM

    return {
        name: {
            "title": module.TRANSFORM.title,
            "kinds": list(module.TRANSFORM.kinds or registry.names("tasks.kinds")),
            "options": described(module.TRANSFORM.augments.model_fields),
            "paper": module.TRANSFORM.paper,
            "notes": _further(module),
            "version": module.TRANSFORM.version,
        }
        for name, module in registry.modules(ROOM).items()
        if module.TRANSFORM.augments is not None
    }


def predictors() -> Rows:
    """Every predictor of the best intermediate task."""
    from xstilts.analysis.predictors.predictor import ROOM

    return {
        name: {
            "title": module.PREDICTOR.title,
            "needs": list(module.PREDICTOR.needs),
            "by_language": module.PREDICTOR.by_language,
            "paper": module.PREDICTOR.paper,
            "notes": _further(module),
            "version": module.PREDICTOR.version,
        }
        for name, module in registry.modules(ROOM).items()
    }


def _further(module: ModuleType) -> str:
    """What the documentation of a module says after its first line."""
    return (module.__doc__ or "").strip().partition("\n")[2].strip()


def experiments() -> Rows:
    """Every ready experiment, with the comment at the top of its file."""
    from xstilts.experiments.ready import ready_experiments

    rows: Rows = {}
    for name, file in ready_experiments().items():
        text = file.read_text(encoding="utf-8")
        comment = []
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            comment.append(line.lstrip("# ").rstrip())
        rows[name] = {"title": comment[0] if comment else "", "file": str(file), "text": text}
    return rows


CATALOGUE: Mapping[str, Callable[[], Rows]] = {
    "tasks": tasks,
    "models": models,
    "languages": languages,
    "methods": methods,
    "objectives": objectives,
    "augmentations": augmentations,
    "experiments": experiments,
    "claims": claims,
    "predictors": predictors,
    "formats": formats,
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "tasks": {"name": "task", "kind": "kind", "languages": "languages", "metric": "metric", "title": "title"},
    "models": {"name": "model", "architecture": "architecture", "parameters": "weights", "hub": "hub"},
    "languages": {
        "name": "language",
        "title": "name",
        "codes": "codes",
        "family": "family",
        "morphology": "morphology",
        "word_order": "word order",
        "fusion": "fusion",
    },
    "methods": {"name": "method", "of": "of", "title": "what it does"},
    "objectives": {"name": "objective", "forward_passes": "forward passes", "title": "what it minimises"},
    "augmentations": {"name": "augmentation", "kinds": "kinds", "title": "what it does"},
    "experiments": {"name": "experiment", "title": "what it does"},
    "claims": {
        "name": "claim",
        "verified": "verified",
        "confidence": "confidence",
        "judged_by": "judged by",
        "title": "what it says",
    },
    "predictors": {"name": "predictor", "needs": "looks at", "title": "what it is"},
    "formats": {"name": "format", "suffix": "suffix", "written": "written", "title": "what it is"},
}
