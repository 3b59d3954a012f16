"""How a distillation runs: student and teacher are loaded, their text becomes rows, and the one loop trains."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xstilts import registry
from xstilts.phases import distilled_rows, unknown_tokens
from xstilts.phases.dispatch import facts
from xstilts.phases.distillation_params import DistillationParams
from xstilts.phases.start import source_of, start_of
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start, save

if TYPE_CHECKING:
    from accelerate import Accelerator
    from transformers import PreTrainedTokenizerBase

    from xstilts.heads.head import Vocabulary
    from xstilts.training.distillation.curves import Curves
    from xstilts.training.distillation.teacher import Lessons, Teacher
    from xstilts.training.loop import Stream
    from xstilts.training.model import TransferModel


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Commits the student of every node."""
    for node in nodes:
        _distil(_Distillation(node, store, progress))


@dataclass(frozen=True)
class _Distillation:
    """What a node names, opened."""

    node: Node
    store: Store
    progress: Progress

    @cached_property
    def said(self) -> DistillationParams:
        return DistillationParams.read(self.node.params)

    @cached_property
    def start(self) -> Start:
        """What the student starts from."""
        found = start_of(self.node, self.store)
        if "vocabulary" not in self.node.parents:
            return found
        return replace(found, pieces=self.store.open(self.node.parents["vocabulary"].key).directory)

    @cached_property
    def teacher(self) -> Start:
        """Where the teacher lies."""
        if self.said.teacher is None:
            return replace(self.start, pieces=None)
        return source_of(self.said.teacher, self.node, role="teacher")

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The student's."""
        return self.start.tokenizer()

    @cached_property
    def teachers_tokenizer(self) -> PreTrainedTokenizerBase | None:
        """The teacher's; None where it has the student's pieces."""
        tokenizer = self.teacher.tokenizer()
        return None if distilled_rows.same_pieces(tokenizer, self.tokenizer) else tokenizer

    @cached_property
    def accelerator(self) -> Accelerator:
        from xstilts.training.placement import accelerator_for

        return accelerator_for(self.said.recipe.precision)


def _distil(job: _Distillation) -> None:
    from xstilts.training.distillation.curves import Curves
    from xstilts.training.loop import plan_streams, train
    from xstilts.training.state import TrainingState

    started, said, node = time.monotonic(), job.said, job.node
    remarks = [] if job.start.scratch else unknown_tokens.in_text(node, job.tokenizer)
    for remark in remarks:
        job.progress.note(remark)
    teacher, curves = _teacher(job), Curves(tuple(said.losses), job.accelerator)
    student = _student(job, teacher)
    streams = [*_streams(job, student, teacher, curves)]
    with teacher.ready():
        trained = train(
            student,
            streams,
            plan_streams(streams, said.recipe, seed=said.seed),
            said.recipe,
            seed=said.seed,
            vocabulary=_vocabulary(job.tokenizer),
            pad_id=int(job.tokenizer.pad_token_id),
            accelerator=job.accelerator,
            state=TrainingState(job.store.scratch(node.key)),
            report=job.progress,
            phase="distillation",
            moments=curves,
        )
    with job.store.writer(node) as writer:
        save(student, [], job.start, writer.directory)
        record = {**trained.record(), "curves": curves.curves(), **distilled_rows.counted(s.rows for s in streams)}
        writer.path("training.json").write_text(json.dumps(record, allow_nan=False), encoding="utf-8")
        spent = started - trained.earlier
        writer.facts.update(
            facts(spent, tokens=trained.tokens, threads=node.threads, engine=student.engine, remarks=remarks)
        )


def _teacher(job: _Distillation) -> Teacher:
    """The teacher, which computes no layer above those that are read."""
    from xstilts.models.loading import base_of
    from xstilts.training.distillation.student_rows import StudentRows
    from xstilts.training.distillation.teacher import TASK, Teacher
    from xstilts.training.model import TransferModel
    from xstilts.training.self_check import settle

    said, head = job.said, StudentRows()
    encoder = job.teacher.backbone(seed=0)
    config: Any = base_of(encoder).config
    model = TransferModel(encoder, {TASK: head}, {TASK: head.build(hidden_size=0, labels=(), dropout=0.0)})
    settle(model, plain=said.recipe.plain, accelerator=job.accelerator, note=job.progress.note)
    relations = said.relation_layer or said.teacher_layer or int(config.num_hidden_layers)
    return Teacher(
        model,
        job.accelerator,
        layer=said.teacher_layer,
        relations=relations if "relations" in said.losses else None,
        pad_id=int((job.teachers_tokenizer or job.tokenizer).pad_token_id),
    )


def _student(job: _Distillation, teacher: Teacher) -> TransferModel:
    """The student before its first step, with what carries its states over to the teacher's width."""
    import torch

    from xstilts.models.loading import base_of
    from xstilts.models.student import with_layers, with_pieces, without_dropout
    from xstilts.training.distillation.student_rows import StudentRows
    from xstilts.training.distillation.teacher import TASK
    from xstilts.training.model import TransferModel
    from xstilts.training.self_check import settle

    said, masked = job.said, "masked_lm" in job.said.losses
    encoder = job.start.backbone(seed=said.seed, language_model=masked)
    if job.start.pieces is not None:
        encoder = with_pieces(encoder, job.start.pieces, job.tokenizer)
    if said.layers:
        encoder = with_layers(encoder, said.layers)
    without_dropout(encoder)
    base: Any = base_of(encoder)
    if said.frozen:
        base.get_input_embeddings().weight.requires_grad_(requires_grad=False)
    head = StudentRows(masked=masked, width=teacher.width)
    torch.manual_seed(said.seed * 1_000)
    heads = {TASK: head, **({"masked_lm": registry.find("heads.encoder", "masked_lm")} if masked else {})}
    modules = {
        name: one.build(hidden_size=base.config.hidden_size, labels=(), dropout=0.0) for name, one in heads.items()
    }
    model = TransferModel(encoder, heads, modules)
    settle(model, plain=said.recipe.plain, accelerator=job.accelerator, note=job.progress.note)
    return model


def _streams(job: _Distillation, student: TransferModel, teacher: Teacher, curves: Curves) -> Iterator[Stream]:
    """Texts, and where there is aligned text, sentences with their translations."""
    from xstilts.models.loading import base_of, encoder_layers
    from xstilts.training.distillation.objective import Distil
    from xstilts.training.distillation.teacher import TASK
    from xstilts.training.loop import Stream

    layers = encoder_layers(base_of(student.encoder))
    assert layers is not None
    for made in distilled_rows.streams(job.node, job.store, job.tokenizer, job.teachers_tokenizer, report=job.progress):
        yield Stream(
            task=made.name,
            head=student.heads[TASK],
            rows=made.rows,
            seed=job.said.seed,
            batch_size=made.batch_size,
            objective=Distil.by(
                _lessons(job, made, teacher),
                weights=job.said.losses,
                projection=student.module_of(TASK),
                note=curves.note,
                last_layer=layers[-1],
                relation_heads=_relation_heads(job, student, teacher),
            ),
        )


def _lessons(job: _Distillation, made: distilled_rows.Made, teacher: Teacher) -> Lessons:
    """What the teacher makes of the rows of a stream, kept where they are read again and there is room."""
    from xstilts.training.distillation import disk, kept, student_rows
    from xstilts.training.distillation.teacher import Lessons

    aligned, keeper = job.teachers_tokenizer is not None, None
    parts = 4 if teacher.related else 1
    starts = student_rows.first_spans(made.rows)
    size = disk.size_of(int(starts[-1]), len(made.rows), width=teacher.width, parts=parts)
    if job.said.recipe.epochs > 1:
        fits = size <= disk.MOST
        how = "kept on disk from one epoch to the next" if fits else "too much to be kept: computed in every epoch"
        job.progress.note(
            f"the teacher's states of {len(made.rows):,} {made.name} rows ({size / 1e6:,.0f} MB) are {how}"
        )
        if fits:
            file = job.store.scratch(job.node.key) / f"{made.name}.lessons"
            keeper = kept.Kept(file, starts, width=teacher.width, parts=parts)
    return Lessons(
        teacher,
        rows=student_rows.teachers(made.rows) if aligned else None,
        columns=student_rows.OWN,
        kept=keeper,
    )


def _relation_heads(job: _Distillation, student: TransferModel, teacher: Teacher) -> int:
    """As many as the teacher has attention heads, or the most that divide both widths below that."""
    from xstilts.models.loading import base_of

    config: Any = base_of(teacher.model.encoder).config
    both = math.gcd(base_of(student.encoder).config.hidden_size, teacher.width)
    most = job.said.relation_heads or int(config.num_attention_heads)
    return next(heads for heads in range(most, 0, -1) if both % heads == 0)


def _vocabulary(tokenizer: PreTrainedTokenizerBase) -> Vocabulary:
    """What masking needs; without a mask token nothing is masked."""
    from xstilts.heads.head import Vocabulary
    from xstilts.training.checkpoint import vocabulary_of

    if tokenizer.mask_token_id is not None:
        return vocabulary_of(tokenizer)
    special = tuple(sorted({*tokenizer.all_special_ids}))
    return Vocabulary(size=len(tokenizer), mask_id=int(tokenizer.pad_token_id), special_ids=special)
