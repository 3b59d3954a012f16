"""Phase i: a smaller encoder learns what a larger one makes of plain text, without a label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xstilts import registry
from xstilts.errors import ConfigError, UserError
from xstilts.models.architecture import ENCODER
from xstilts.models.family import Shape
from xstilts.models.preflight.masking import check_masking
from xstilts.models.reference import ModelReference, resolve
from xstilts.phases.distillation_params import DistillationParams
from xstilts.phases.distilling import run
from xstilts.phases.options.distillation import VOCABULARY, Distillation
from xstilts.phases.phase import PretrainingMethod, VocabularyPhase
from xstilts.phases.pretraining import Pretrained, PretrainingPlan
from xstilts.phases.prices import PREDICTION, TRAINING, Price
from xstilts.phases.start import ModelSource
from xstilts.phases.starting_point import settled, starting_point
from xstilts.training.distillation import disk
from xstilts.training.recipe import Recipe

RECIPE = Recipe(learning_rate=6e-4, epochs=1.0, warmup=0.02, weight_decay=0.01, dropout=0.0, max_length=64)
"""Of a student that keeps layers of its model, and of a new one."""
WHERE = "pretraining"
ROW = 16
"""Tokens of a sentence, about."""
MASKED_SHARE = 0.2
"""Of the tokens, for which masked LM multiplies with the vocabulary."""


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """Who teaches, as a node takes it over.

    Attributes:
        source: None: it is the model that the student starts from.
        data: role (``teacher/config.json``) → fingerprint.
        paths: role → file; ``teacher`` is the directory.
    """

    reference: ModelReference
    source: ModelSource | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


def _nodes(given: Distillation, plan: PretrainingPlan) -> Pretrained:
    """The node of a distillation, and the shape of the student that it leaves.

    Raises:
        ConfigError: no teacher, one that is not an encoder, or layers that there are not.
        CheckpointError: a model that cannot predict masked tokens, where it is to.
    """
    teacher, weights = _teacher(given, plan), given.losses.weights()
    _check_layers(given, plan.reference, teacher.reference)
    if "masked_lm" in weights and plan.reference.directory is not None:
        check_masking(plan.reference.directory, name=plan.reference.name)
    shared, last = plan.params(RECIPE, {}), None
    if (shape := teacher.reference.shape) is not None:
        last = shape.layers
        shared = replace(
            shared, recipe=shared.recipe.over({"max_length": min(shared.recipe.max_length, shape.positions)})
        )
    said = DistillationParams(
        **vars(shared),
        losses=weights,
        frozen=not plan.reference.scratch if given.freeze_embedding is None else given.freeze_embedding,
        teacher=teacher.source,
        layers=given.layers or (),
        teacher_layer=None if given.teacher_layer == last else given.teacher_layer,
        relation_layer=given.relation_layer,
        relation_heads=given.relation_heads,
    )
    reference = replace(plan.reference, shape=_shape(given, plan.reference.shape))
    parents = {}
    if given.vocabulary is not None:
        phase: VocabularyPhase[object] = registry.find("phases", VOCABULARY)  # type: ignore[type-var]
        parents["vocabulary"] = phase.node(given.vocabulary, plan)
    node = plan.node(
        params=said.params(),
        versions={**_heads(weights), **teacher.versions},
        price=_price(said, reference.shape, teacher.reference.shape),
        data=teacher.data,
        paths=teacher.paths,
        parents=parents,
    )
    return replace(plan.after(node), reference=reference, notes=teacher.reference.notes if teacher.source else ())


def _teacher(given: Distillation, plan: PretrainingPlan) -> Teacher:
    where, own = f"{WHERE}.teacher", plan.reference
    if given.teacher is None:
        if own.scratch:
            raise ConfigError(f"{own.name} is a new model, which cannot teach itself: name a teacher", where=where)
        return Teacher(reference=own)
    try:
        found = settled(resolve(given.teacher, beside=plan.inventory.beside), plan.inventory)
    except UserError as error:
        raise ConfigError(str(error).removeprefix("model: "), where=where) from None
    if found.scratch:
        raise ConfigError(f"{found.name} is a new model: it has nothing to teach", where=where)
    architecture = found.described.architecture
    if architecture != ENCODER:
        raise ConfigError(f"{found.name} is not an encoder ({architecture}): only encoders teach", where=where)
    if found.directory is not None and found.directory == own.directory:
        return Teacher(reference=own)
    start = starting_point(found, plan.inventory)
    return Teacher(
        reference=found,
        source=ModelSource.read(start.params),
        data={_role(role): digest for role, digest in start.data.items()},
        paths={_role(role): path for role, path in start.paths.items()},
        versions=start.versions,
    )


def _role(role: str) -> str:
    return "teacher" + role.removeprefix("model")


def _check_layers(given: Distillation, student: ModelReference, teacher: ModelReference) -> None:
    """Refuses layers that the models do not have."""
    if student.scratch and (given.layers or given.vocabulary):
        key = "layers" if given.layers else "vocabulary"
        raise ConfigError(
            f"{student.name} is a new model, of which nothing is kept",
            where=f"{WHERE}.{key}",
            hint="leave the key out, or name a model to start from",
        )
    asked = (
        ("layers", max(given.layers or (0,)), student),
        ("teacher_layer", given.teacher_layer or 0, teacher),
        ("relation_layer", given.relation_layer or 0, teacher),
    )
    for key, layer, model in asked:
        if model.shape is not None and layer > model.shape.layers:
            raise ConfigError(
                f"there is no layer {layer}: {model.name} has {model.shape.layers}, counted from 1",
                where=f"{WHERE}.{key}",
            )
    shapes = [model.shape for model in (student, teacher) if model.shape is not None]
    for shape in shapes if given.relation_heads else ():
        if given.relation_heads and shape.hidden % given.relation_heads:
            raise ConfigError(
                f"a width of {shape.hidden} cannot be divided among {given.relation_heads} heads",
                where=f"{WHERE}.relation_heads",
            )


def _shape(given: Distillation, shape: Shape | None) -> Shape | None:
    """What the student's shape is, given its model's."""
    if shape is None:
        return None
    pieces = getattr(given.vocabulary, "pieces", shape.vocabulary)
    return replace(shape, layers=len(given.layers) if given.layers else shape.layers, vocabulary=pieces)


def _heads(weights: Mapping[str, float]) -> dict[str, int]:
    """The versions of the heads whose losses are used."""
    names = [name for name in ("masked_lm", "translation_contrast") if name in weights]
    return {f"heads.encoder.{name}": registry.find("heads.encoder", name).version for name in names}


def _price(said: DistillationParams, student: Shape | None, teacher: Shape | None) -> Price:
    """The student's passes; beside them the teacher's, and the second ones that masked LM takes."""
    tokens, beside = round(said.max_tokens * said.recipe.epochs), 0.0
    if teacher is not None:
        share = (said.teacher_layer or teacher.layers) / teacher.layers
        parts = 4 if "relations" in said.losses else 1
        kept = disk.size_of(said.max_tokens, said.max_tokens // ROW, width=teacher.hidden, parts=parts) <= disk.MOST
        read = min(tokens, said.max_tokens) if kept else tokens
        beside += PREDICTION * 2 * teacher.body * share * read
    if student is not None and "masked_lm" in said.losses:
        beside += TRAINING * 2 * (student.body + MASKED_SHARE * student.embedding) * tokens
    return Price(tokens=tokens, passes=TRAINING, beside=beside)


PHASE = PretrainingMethod(
    title="Distillation: a student learns a teacher's states of plain text",
    keys=Distillation,
    nodes=_nodes,
    run=run,
    trains=True,
    paper="https://arxiv.org/abs/2012.15828",
)
