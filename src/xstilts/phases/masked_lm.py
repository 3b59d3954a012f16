"""Phase i: masked language modelling on plain text, with translation LM on aligned lines.

What is masked an encoder guesses in its place, and a text-to-text model writes (span corruption).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from xstilts import registry
from xstilts.errors import ConfigError, XstiltsError
from xstilts.heads import rows as row_files
from xstilts.heads.head import Row, Vocabulary
from xstilts.heads.rows import Rows
from xstilts.models.architecture import ENCODER
from xstilts.models.preflight.masking import check_masking
from xstilts.models.reference import ModelReference
from xstilts.phases import texts, unknown_tokens
from xstilts.phases.dispatch import facts
from xstilts.phases.options.fields import Share
from xstilts.phases.options.pretraining import Pretraining
from xstilts.phases.options.validation import refuse
from xstilts.phases.phase import PretrainingMethod
from xstilts.phases.pretraining import Pretrained, PretrainingParams, PretrainingPlan
from xstilts.phases.prices import TRAINING, Price
from xstilts.phases.start import start_of
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.sealed import made_once
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Text
from xstilts.training.checkpoint import TaskHead, assemble, save, vocabulary_of
from xstilts.training.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TASK = TaskHead(task="masked_lm", kind="masked_lm", labels=())
"""Of encoders."""
CONTRAST = TaskHead(task="translation_contrast", kind="translation_contrast", labels=())
PAIR_TOKENS = 64
"""About the padded tokens of an aligned pair of sentences."""
RECIPE = Recipe(
    learning_rate=1e-3, epochs=1.0, warmup=0.05, weight_decay=0.01, adam_beta2=0.98, dropout=0.0, max_length=128
)
CONTINUED = {"learning_rate": 5e-5}
"""A pretrained model goes on at a lower rate than a new one."""


class MaskedLMPretraining(Pretraining):
    """Masked language modelling; on aligned lines translation language modelling."""

    contrast: Share | None = None
    """Share of the tokens with which aligned pairs are also drawn together (InfoXLM's translation contrast)."""

    @model_validator(mode="after")
    def _contrast_has_pairs(self) -> Self:
        if self.contrast and not self.parallel:
            refuse("translation contrast needs aligned text: parallel names none", at=("contrast",))
        return self


@dataclass(frozen=True, kw_only=True)
class MaskedLMParams(PretrainingParams):
    """What the parameters of a node say.

    Attributes:
        contrast: share of the tokens, for aligned pairs that are drawn together.
        lines: of every language, in the place of a share of ``max_tokens``; None: the shares.
    """

    contrast: float = 0.0
    lines: int | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        # Left out where it is not used, so that what was trained before there was such a thing stays valid.
        added = {"contrast": self.contrast or None, "lines": self.lines}
        return {**super().params(), **{name: value for name, value in added.items() if value is not None}}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> MaskedLMParams:
        """What `params` wrote."""
        shared, contrast = vars(PretrainingParams.read(params)), float(params.get("contrast", 0.0))
        return cls(**shared, contrast=contrast, lines=params.get("lines"))

    def versions(self, architecture: str) -> dict[str, int]:
        """Of its objectives for models of an architecture."""
        names = ("masked_lm", "translation_contrast") if self.contrast else ("masked_lm",)
        room = f"heads.{architecture}"
        return {f"{room}.{name}": registry.find(room, name).version for name in names}


def _nodes(given: MaskedLMPretraining, plan: PretrainingPlan) -> Pretrained:
    """The node of a pretraining.

    Raises:
        CheckpointError: a model that cannot predict masked tokens.
    """
    architecture = plan.start.architecture
    if given.contrast and architecture != ENCODER:
        where = "pretraining.contrast"
        raise ConfigError(f"{plan.reference.name} is not an encoder ({architecture}): no contrast", where=where)
    check_model(plan.reference)
    shared = plan.params(RECIPE, CONTINUED)
    said = MaskedLMParams(**vars(shared), contrast=given.contrast or 0.0)
    price = Price(tokens=round(given.max_tokens * said.recipe.epochs), passes=TRAINING)
    return plan.after(plan.node(params=said.params(), versions=said.versions(architecture), price=price))


def check_model(model: ModelReference) -> None:
    """Refuses a model that cannot predict masked tokens.

    Raises:
        CheckpointError: an encoder without a token to mask with.
    """
    if model.directory is not None and model.described.architecture == ENCODER:
        check_masking(model.directory, name=model.name)


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    from xstilts.training.loop import Stream, plan_streams, train
    from xstilts.training.placement import accelerator_for
    from xstilts.training.self_check import settle
    from xstilts.training.state import TrainingState

    for node in nodes:
        started, said = time.monotonic(), MaskedLMParams.read(node.params)
        recipe, seed = said.recipe, said.seed
        start = start_of(node, store)
        tokenizer = start.tokenizer()
        task = replace(TASK, architecture=start.architecture)
        tasks = [task, CONTRAST] if said.contrast else [task]
        model = assemble(start, tasks, seed=seed, recipe=recipe)
        remarks = [] if start.scratch else unknown_tokens.in_text(node, tokenizer)
        remarks += [texts.measured(node, tokenizer, lines=said.lines, seed=seed)] if said.lines else []
        for remark in remarks:
            progress.note(remark)
        accelerator = accelerator_for(recipe.precision)
        settle(model, plain=recipe.plain, accelerator=accelerator, note=progress.note)
        # A step of either sees about as many tokens; a pair is two short rows.
        sizes = [recipe.batch_size, max(2, recipe.batch_size * recipe.max_length // PAIR_TOKENS)]
        streams = [
            Stream(
                task=task.task,
                head=task.head,
                rows=_rows(node, store, task, tokenizer, progress),
                seed=seed,
                batch_size=size,
            )
            for task, size in zip(tasks, sizes, strict=False)
        ]
        trained = train(
            model,
            streams,
            plan_streams(streams, recipe, seed=seed),
            recipe,
            seed=seed,
            vocabulary=vocabulary_of(tokenizer) if task == TASK else Vocabulary(size=0, mask_id=0, special_ids=()),
            pad_id=int(tokenizer.pad_token_id),
            accelerator=accelerator,
            state=TrainingState(store.scratch(node.key)),
            report=progress,
            phase="masked_lm",
        )
        with store.writer(node) as writer:
            save(model, [], start, writer.directory)
            writer.path("training.json").write_text(json.dumps(trained.record(), allow_nan=False), encoding="utf-8")
            spent = started - trained.earlier
            of_node = facts(spent, tokens=trained.tokens, threads=node.threads, engine=model.engine, remarks=remarks)
            writer.facts.update(of_node | trained.reached())


def _rows(node: Node, store: Store, task: TaskHead, tokenizer: PreTrainedTokenizerBase, progress: Progress) -> Rows:
    """The rows of one head; a resumed run finds them in the node's scratch folder."""
    file = store.scratch(node.key) / (f"{task.task}.arrow" if task is CONTRAST else "rows.arrow")

    def make(partial: Path) -> None:
        progress.update("tokenise", 0, 1)
        row_files.write(_encoded(node, task, tokenizer), partial, columns=task.head.columns)

    return row_files.read(made_once(file, make))


def _encoded(node: Node, task: TaskHead, tokenizer: PreTrainedTokenizerBase) -> Iterator[Row]:
    """The rows of one head: of each set of texts as many as its share holds."""
    said = MaskedLMParams.read(node.params)
    max_length = said.recipe.max_length
    budget = round(said.max_tokens * (said.contrast if task is CONTRAST else 1 - said.contrast))
    found = texts.rows(
        task.head,
        _texts(node, said, task, tokenizer, budget),
        tokenizer,
        max_length=max_length,
        together=2 if task is CONTRAST else 1,  # both rows of a pair, or neither
    )
    first = next(found, None)
    if first is None:
        if task is CONTRAST:
            raise XstiltsError(f"contrast × max_tokens = {budget} is less than one aligned pair")
        raise XstiltsError(f"max_tokens = {budget} is less than one row of {max_length} tokens per language")
    yield first
    yield from found


def _texts(
    node: Node, said: MaskedLMParams, task: TaskHead, tokenizer: PreTrainedTokenizerBase, budget: int
) -> Iterator[tuple[list[Text], int]]:
    """The sets of texts that a head reads, and each one's share of ``budget`` tokens."""
    seed, exponent = said.seed, said.exponent
    if said.lines is not None:
        yield from texts.some_lines(node, said.lines, seed=seed)
        return
    if task is CONTRAST:  # in another drawn order than that of translation LM
        yield from texts.aligned(node, budget, seed=seed + 1, exponent=exponent)
        return
    aligned = any(role.startswith("parallel/") for role in node.paths)
    paired = int(budget * said.parallel_share) if aligned else 0
    yield from texts.plain_text(node, tokenizer, budget - paired, seed=seed, exponent=exponent)
    if paired:
        yield from texts.aligned(node, paired, seed=seed, exponent=exponent)


PHASE = PretrainingMethod(
    title="Masked language modelling, with translation LM on aligned lines",
    keys=MaskedLMPretraining,
    architectures=(ENCODER, "text_to_text"),
    nodes=_nodes,
    run=_run,
    trains=True,
    paper="https://arxiv.org/abs/1901.07291",
    version=4,
)
